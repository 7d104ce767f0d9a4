"""Questions across layers: a form in words, the answer as map, table and CSV, and those that are kept."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places.questions import service
from dothi.core.places.questions.types import (
    Answer,
    Condition,
    Group,
    Kept,
    Kind,
    Measure,
    Offer,
    Op,
    Question,
    Relation,
    Row,
    Source,
    Used,
)
from dothi.core.places.rules import drawing
from dothi.core.places.views.areas import map_of
from dothi.kernel.errors import InvalidInput

MOST_CONDITIONS: Final = 3
SHOWN: Final = 500
"""Rows that a page shows; the file has all."""
SQUARE_METRES: Final = frozenset({Measure.AREA, Measure.COVERED})
RELATIONS: Final[Mapping[str, Promise]] = {
    "": _("wherever it lies"),
    Relation.INTERSECTS.value: _("that touches or crosses"),
    Relation.WITHIN.value: _("that lies within"),
    Relation.DISTANCE.value: _("within a distance of"),
    Relation.NEAREST.value: _("with the nearest of"),
}
MEASURES: Final[Mapping[Measure, Promise]] = {
    Measure.COUNT: _("Number"),
    Measure.SUM: _("Sum of an attribute"),
    Measure.AREA: _("Area"),
    Measure.COVERED: _("Area that lies so"),
    Measure.SHARE: _("Share of the area that lies so"),
    Measure.OTHERS: _("Number of the others"),
    Measure.DISTANCE: _("Distance to the nearest"),
}
UNITS: Final[Mapping[Measure, str]] = {
    Measure.AREA: "ha",
    Measure.COVERED: "ha",
    Measure.SHARE: "%",
    Measure.DISTANCE: "m",
}
GROUPS: Final[Mapping[Group, Promise]] = {
    Group.NONE: _("each by itself"),
    Group.FIELD: _("by an attribute"),
    Group.OTHER_FIELD: _("by an attribute of the others"),
    Group.AREA: _("by ward and commune"),
    Group.AREA_AND_OTHER_FIELD: _("by ward and commune, and an attribute of the others"),
    Group.ALL: _("all together"),
}
OPS: Final[Mapping[Op, Promise]] = {
    Op.EQUAL: _("is"),
    Op.DIFFERENT: _("is not"),
    Op.HOLDS: _("holds"),
    Op.LESS: _("less than"),
    Op.AT_MOST: _("at most"),
    Op.MORE: _("more than"),
    Op.AT_LEAST: _("at least"),
    Op.EMPTY: _("is empty"),
    Op.FILLED: _("is filled in"),
}


class Told(NamedTuple):
    """A row of an answer as a page shows it."""

    label: str
    figures: list[str]


@permission_required(service.ASK)
@require_safe
def show_questions(request: HttpRequest) -> HttpResponse:
    """Show the form of a question, its answer where it is asked, and the questions that are kept."""
    actor = actor_of(request)
    offers = service.list_offers(actor)
    question = _read(request.GET) if request.GET.get("of") else None
    answer = service.ask(actor, question) if question and "ask" in request.GET else None
    context = _form(offers, request.GET, question) | {
        "kept": [_kept_row(each, offers) for each in service.list_kept(actor)],
        "asked": request.GET.urlencode(),
        "title": gettext("Questions across layers"),
    }
    if answer and question:
        context |= _told(answer, question, offers, request.GET.urlencode())
    return render(request, "places/questions.html", context)


@permission_required(service.ASK)
@require_safe
def show_question(request: HttpRequest, question_id: int) -> HttpResponse:
    """Answer a kept question from what is published now."""
    actor = actor_of(request)
    offers = service.list_offers(actor)
    kept, answer = service.ask_kept(actor, question_id)
    if actor.may(service.KEEP):
        service.note_answer(actor, question_id, answer)
    asked = _write(kept.question)
    context = _told(answer, kept.question, offers, asked)
    changed = [each for each in _names_of(answer.used, offers) if each not in _names_of(kept.used, offers)]
    context |= {"question": kept, "title": kept.name, "asked": asked, "changed": changed if kept.used else []}
    return render(request, "places/question.html", context)


@permission_required(service.ASK)
@require_safe
def send_csv(request: HttpRequest) -> HttpResponse:
    """Send an answer as CSV: figures as plain numbers, areas in square metres, a share as a part of 1."""
    question = _read(request.GET)
    answer = service.ask(actor_of(request), question)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["label", *(measure.value for measure in answer.measures)])
    for row in answer.rows:
        writer.writerow([_safe(row.label), *(row.figures[measure.value] for measure in answer.measures)])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="answer.csv"'
    return response


def _safe(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@permission_required(service.ASK)
@require_safe
def send_geojson(request: HttpRequest) -> HttpResponse:
    """Send the rows of an answer that have a shape as GeoJSON."""
    answer = service.ask(actor_of(request), _read(request.GET))
    shapes = [row.shape for row in answer.rows if row.shape is not None]
    rows = [row for row in answer.rows if row.shape is not None]
    features = [
        drawing.feature(shape.simplify(drawing_tolerance(len(rows))), **_properties(row, answer)) | {"id": number}
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True), 1)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")


def drawing_tolerance(count: int) -> float:
    """Give how many degrees a shape may be off on the map: the more there are, the more."""
    return 0.0001 if count < SHOWN else 0.0003


def _properties(row: Row, answer: Answer) -> dict[str, object]:
    """Name a shape on the map by its label and first figure."""
    first = answer.measures[0]
    figure = _figure(first, row.figures[first.value])
    return {"name:vi": f"{row.label}\n{figure}", "name:en": f"{row.label}\n{figure}", **row.figures}


@permission_required(service.KEEP)
@require_POST
def keep_question(request: HttpRequest) -> HttpResponse:
    """Keep a question by name."""
    asked = QueryDict(request.POST.get("asked", "")[:20_000])
    question_id = service.keep(actor_of(request), request.POST.get("name", ""), _read(asked))
    messages.success(request, gettext("The question is kept."))
    return HttpResponseRedirect(reverse("places:question", args=[question_id]))


@permission_required(service.KEEP)
@require_POST
def drop_question(request: HttpRequest, question_id: int) -> HttpResponse:
    """Keep a question no longer."""
    service.drop(actor_of(request), question_id)
    messages.success(request, gettext("The question is kept no longer."))
    return HttpResponseRedirect(reverse("places:questions"))


def _read(asked: QueryDict) -> Question:
    """Read a question from an address or a form. Raises InvalidInput that names the field."""
    relation = _choice(Relation, asked.get("relation", ""), "relation")
    measures = tuple(_choice(Measure, each, "m") or Measure.COUNT for each in asked.getlist("m")[: len(Measure)])
    return Question(
        of=_source(asked, "of"),
        relation=relation,
        other=_source(asked, "other") if relation else None,
        distance_m=_metres(asked.get("distance", "")),
        is_filter=bool(asked.get("only")),
        measures=measures or (Measure.COUNT,),
        field=asked.get("field", "")[:200],
        group=_choice(Group, asked.get("group", ""), "group") or Group.NONE,
        group_field=asked.get("group_field", "")[:200],
    )


def _choice(kind: Any, text: str, place: str) -> Any:  # noqa: ANN401  (whichever enum is asked)
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is no choice", place=place) from error


def _source(asked: QueryDict, place: str) -> Source:
    kind, _colon, name = asked.get(place, "").partition(":")
    found = _choice(Kind, kind, place)
    if found is None:
        raise InvalidInput("choose what the question is about", place=place)
    return Source(found, name[:200], on=_day(asked.get(f"{place}_on", "")), conditions=_conditions(asked, place))


def _conditions(asked: QueryDict, place: str) -> tuple[Condition, ...]:
    told = zip(*(asked.getlist(f"{place}_{each}") for each in ("f", "o", "v")), strict=False)
    return tuple(
        Condition(field[:200], _choice(Op, op, f"{place}_o") or Op.EQUAL, value[:200])
        for field, op, value in list(told)[:MOST_CONDITIONS]
        if field
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("a day is written as 2025-07-01", place="on") from error


def _metres(text: str) -> float:
    if not text.strip():
        return 0.0
    try:
        found = float(text)
    except ValueError as error:
        raise InvalidInput("a distance is a number of metres", place="distance") from error
    if found != found:  # what is not a number is no distance
        raise InvalidInput("a distance is a number of metres", place="distance")
    return found


def _write(question: Question) -> str:
    """Write a question as an address has it."""
    pairs: list[tuple[str, str]] = [("of", f"{question.of.kind.value}:{question.of.name}")]
    pairs += _write_source("of", question.of)
    if question.relation and question.other:
        pairs += [
            ("relation", question.relation.value),
            ("other", f"{question.other.kind.value}:{question.other.name}"),
        ]
        pairs += _write_source("other", question.other)
    pairs += [("distance", f"{question.distance_m:g}")] if question.distance_m else []
    pairs += [("only", "1")] if question.is_filter else []
    pairs += [("m", measure.value) for measure in question.measures]
    told = (("field", question.field), ("group", question.group.value), ("group_field", question.group_field))
    return urlencode([*pairs, *((name, value) for name, value in told if value), ("ask", "1")])


def _write_source(place: str, source: Source) -> list[tuple[str, str]]:
    pairs = [(f"{place}_on", source.on.isoformat())] if source.on else []
    for each in source.conditions:
        pairs += [(f"{place}_f", each.field), (f"{place}_o", each.op.value), (f"{place}_v", each.value)]
    return pairs


def _form(offers: Sequence[Offer], asked: QueryDict, question: Question | None) -> dict[str, object]:
    language = get_language() or ""
    named = [(f"{offer.kind.value}:{offer.name}", offer.names.of(language), offer) for offer in offers]
    of = next((offer for value, _name, offer in named if value == asked.get("of")), None)
    other = next((offer for value, _name, offer in named if value == asked.get("other")), None)
    return {
        "kinds": [
            (title, [(value, name) for value, name, offer in named if offer.kind is kind])
            for kind, title in ((Kind.LAYER, _("Layers")), (Kind.AREAS, _("Areas")), (Kind.THINGS, _("Devices")))
        ],
        "of": asked.get("of", ""),
        "other": asked.get("other", ""),
        "of_attributes": of.attributes if of else (),
        "other_attributes": other.attributes if other else (),
        "all_attributes": (*(of.attributes if of else ()), *(other.attributes if other else ())),
        "of_conditions": _padded(question.of.conditions if question else ()),
        "other_conditions": _padded(question.other.conditions if question and question.other else ()),
        "is_areas": bool(of and of.kind is Kind.AREAS),
        "relations": RELATIONS.items(),
        "measures": [(each.value, title) for each, title in MEASURES.items()],
        "groups": [(each.value, title) for each, title in GROUPS.items()],
        "ops": [(each.value, title) for each, title in OPS.items()],
        "get": asked,
        "chosen_measures": asked.getlist("m") or [Measure.COUNT.value],
    }


def _padded(conditions: Iterable[Condition]) -> list[Condition | None]:
    told: list[Condition | None] = list(conditions)
    return [*told, None][:MOST_CONDITIONS]


def _told(answer: Answer, question: Question, offers: Sequence[Offer], asked: str) -> dict[str, object]:
    """Put an answer into words, and say where its map and its file are."""
    rows = [
        Told(row.label or gettext("(nothing)"), [_figure(each, row.figures[each.value]) for each in answer.measures])
        for row in answer.rows[:SHOWN]
    ]
    has_map = any(row.shape is not None for row in answer.rows)
    return {
        "answer": answer,
        "rows": rows,
        "count": len(answer.rows),
        "heads": [(MEASURES[each], UNITS.get(each, "")) for each in answer.measures],
        "total": _total(answer),
        "used": _names_of(answer.used, offers),
        "is_illustrative": any(each.is_illustrative for each in answer.used),
        "csv": f"{reverse('places:answer-csv')}?{asked}",
        "map": _map(answer, asked) if has_map else None,
        "distance": number_format(question.distance_m, force_grouping=True) if question.distance_m else "",
    }


def _total(answer: Answer) -> list[str] | None:
    """Add up what can be added up; a share is that of the areas, and only where these are told."""
    if len(answer.rows) < 2:
        return None
    sums = {each: sum(row.figures[each.value] or 0 for row in answer.rows) for each in answer.measures}
    addable = {Measure.COUNT, Measure.SUM, Measure.AREA, Measure.COVERED, Measure.OTHERS}
    share = sums[Measure.COVERED] / sums[Measure.AREA] if {Measure.COVERED, Measure.AREA} <= sums.keys() else None
    return [
        _figure(each, sums[each] if each in addable else share if each is Measure.SHARE else None)
        for each in answer.measures
    ]


def _figure(measure: Measure, value: float | None) -> str:
    """Write a figure as people read it: areas in hectares, shares in per cent."""
    if value is None:
        return "–"
    if measure in SQUARE_METRES:
        return number_format(value / 10_000, 2, force_grouping=True)
    if measure is Measure.SHARE:
        return number_format(value * 100, 1, force_grouping=True)
    digits = 0 if measure in {Measure.COUNT, Measure.OTHERS, Measure.DISTANCE} else 2
    return number_format(value, digits, force_grouping=True)


def _names_of(used: Iterable[Used], offers: Sequence[Offer]) -> list[str]:
    """Say what an answer rests on."""
    language = get_language() or ""
    names = {(offer.kind, offer.name): offer.names.of(language) for offer in offers}
    told = []
    for each in used:
        name = names.get((each.kind, each.name), each.name)
        if each.revision:
            told.append(gettext("%(name)s, revision %(number)s") % {"name": name, "number": each.revision})
        else:
            day = each.on.strftime("%d/%m/%Y") if each.on else ""
            told.append(gettext("%(name)s, as of %(day)s") % {"name": name, "day": day})
    return told


def _kept_row(kept: Kept, offers: Sequence[Offer]) -> dict[str, object]:
    return {"kept": kept, "used": _names_of(kept.used, offers)}


def _map(answer: Answer, asked: str) -> dict[str, object]:
    shapes = [row.shape.bounds for row in answer.rows if row.shape is not None]
    bounds = (
        min(each[0] for each in shapes),
        min(each[1] for each in shapes),
        max(each[2] for each in shapes),
        max(each[3] for each in shapes),
    )
    first = answer.measures[0]
    figures = [row.figures[first.value] or 0 for row in answer.rows if row.shape is not None]
    return map_of(bounds=bounds) | {
        "areasUrl": f"{reverse('places:answer-geojson')}?{asked}",
        "label": gettext("Map of the answer"),
        "page": "",
        "shade": {"by": first.value, "least": min(figures), "most": max(figures)},
    }
