"""The door of questions: what may be asked of, what is answered, and what is kept by name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Final

from django.db import OperationalError, transaction
from django.utils.translation import get_language

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.layers import service as layers
from dothi.core.places.layers.types import FieldType, Layer
from dothi.core.places.questions import rules, store
from dothi.core.places.questions.rules import Statement
from dothi.core.places.questions.types import (
    Answer,
    Attribute,
    Group,
    Kept,
    Kind,
    Offer,
    Piece,
    Question,
    Relation,
    Source,
    Used,
)
from dothi.core.places.service import permissions
from dothi.core.places.service.asking import list_areas
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound, Unavailable
from dothi.kernel.manifest import Names, load_manifests

ASK: Final = "places.question.ask"
KEEP: Final = "places.question.keep"
LONGEST_NAME: Final = 200
LEVELS: Final[Mapping[int, Names]] = {
    3: Names(vi="Phường, xã", en="Wards and communes"),
    2: Names(vi="Huyện, quận", en="Districts"),
    1: Names(vi="Tỉnh, thành phố", en="Provinces"),
}
_NUMBERS: Final = frozenset({FieldType.INTEGER, FieldType.NUMBER})
_OF_AREAS: Final = (
    Attribute("code", "code"),
    Attribute("name", "name"),
    Attribute("kind", "kind"),
    Attribute("km2", "km²", is_number=True),
)


def list_offers(actor: Actor) -> list[Offer]:
    """List what an actor may ask of: published layers, areas by level, and what packages above offer.

    Raises Forbidden.
    """
    accounts.require(actor, ASK)
    offers = [_offer_of(layer) for layer in layers.list_layers(actor, is_published=True)]
    offers += [Offer(Kind.AREAS, str(level), names, _OF_AREAS) for level, names in LEVELS.items()]
    for offer, _give in _givers(actor):
        offers += offer(actor)
    return offers


def _offer_of(layer: Layer) -> Offer:
    attributes = (Attribute(field.name, field.title or field.name, field.type in _NUMBERS) for field in layer.fields)
    return Offer(Kind.LAYER, layer.slug, layer.names, tuple(attributes))


def _givers(actor: Actor) -> list[tuple[Callable[[Actor], Sequence[Offer]], Callable[[Actor, str], Piece]]]:
    """Give the functions by which packages above offer features and hand them over, of those the actor may ask."""
    found = []
    for manifest in load_manifests():
        if manifest.askable is not None and actor.may(manifest.askable.permission):
            module = import_module(f"{manifest.package}.views")
            found.append((getattr(module, manifest.askable.offer), getattr(module, manifest.askable.give)))
    return found


def ask(actor: Actor, question: Question) -> Answer:
    """Answer a question from what the actor may see, at once and from one state of the database.

    Raises Forbidden, NotFound for a layer that is not for the actor's eyes, InvalidInput for what can't be asked, and
    Unavailable where it takes longer than a minute.
    """
    accounts.require(actor, ASK)
    rules.check(question)
    now = clock.now()
    of, used = _features(actor, question.of, "of")
    other, others_used = _features(actor, question.other, "other") if question.other else (None, [])
    areas = _areas_of(question)
    asked = rules.compose(question, of.sql)
    asked = asked._replace(values=asked.values | of.values)
    is_far = question.relation is Relation.DISTANCE
    try:
        with transaction.atomic():
            rows = store.answer(
                asked,
                other=other,
                areas=areas,
                distance_m=question.distance_m if is_far else 0,
                measures=question.measures,
            )
    except OperationalError as error:
        if "statement timeout" in str(error):
            raise Unavailable("the question takes longer than a minute: narrow it") from error
        raise
    return Answer(
        rows=tuple(rows[: rules.MOST_ROWS]),
        measures=question.measures,
        used=tuple(_once([*used, *others_used])),
        at=now,
        is_cut=len(rows) > rules.MOST_ROWS,
    )


def _once(used: Sequence[Used]) -> list[Used]:
    return list(dict.fromkeys(used))


def _areas_of(question: Question) -> Statement | None:
    if question.group not in {Group.AREA, Group.AREA_AND_OTHER_FIELD}:
        return None
    level = _level(str(question.group_level) if question.group is not Group.AREA else question.group_field or "3")
    return store.area_features(level, permissions.today(), language=get_language() or "", prefix="by")


def _features(actor: Actor, source: Source, prefix: str) -> tuple[Statement, list[Used]]:
    """Give what a source names as a statement, and what it rests on. Raises NotFound, InvalidInput."""
    where = rules.condition_sql(source.conditions, f"{prefix}c")
    if source.kind is Kind.LAYER:
        layer = _layer(actor, source.name)
        revision = (
            layers.get_revision(actor, layer.slug, source.revision).number if source.revision else layer.published
        )
        found = store.layer_features(layer.id, revision, prefix=prefix)
        used = Used(Kind.LAYER, layer.slug, revision=revision)
    elif source.kind is Kind.AREAS:
        day, level = source.on or permissions.today(), _level(source.name)
        found = store.area_features(level, day, language=get_language() or "", prefix=prefix)
        used = Used(Kind.AREAS, str(level), on=day, is_illustrative=_is_illustrative(actor, level, day))
    else:
        piece = next((give(actor, source.name) for _offer, give in _givers(actor)), None)
        if piece is None:
            raise NotFound("nothing of that kind may be asked of")
        found = store.given_features(piece, prefix=prefix)
        used = Used(Kind.THINGS, source.name, on=permissions.today())
    return store.narrowed(found, where), [used]


def _is_illustrative(actor: Actor, level: int, day: date) -> bool:
    return any(area.is_illustrative for area in list_areas(actor, permissions.as_of(day), level=level))


def _layer(actor: Actor, slug: str) -> Layer:
    found = layers.get_layer(actor, slug)
    if not found.published:
        raise NotFound(f"nothing of layer {slug} is published")
    return found


def _level(text: str) -> int:
    if text not in {str(level) for level in LEVELS}:
        raise InvalidInput("an area's level is 1, 2 or 3", place="level")
    return int(text)


def list_kept(actor: Actor) -> list[Kept]:
    """List the questions that are kept, by name. Raises Forbidden."""
    accounts.require(actor, ASK)
    return store.list_kept()


def get_kept(actor: Actor, question_id: int) -> Kept:
    """Give a kept question. Raises Forbidden, NotFound."""
    accounts.require(actor, ASK)
    found = store.find_kept(question_id)
    if found is None:
        raise NotFound(f"no question {question_id}")
    return found


def ask_kept(actor: Actor, question_id: int) -> tuple[Kept, Answer]:
    """Answer a kept question from what is published now; gives it as it was before, and the answer. Raises as `ask`."""
    kept = get_kept(actor, question_id)
    found = ask(actor, kept.question)
    return kept, found


def keep(actor: Actor, name: str, question: Question) -> int:
    """Keep a question by name; one of that name becomes this one. Audited; gives its id.

    Raises Forbidden, InvalidInput.
    """
    accounts.require(actor, KEEP)
    rules.check(question)
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(f"a name has from 1 to {LONGEST_NAME} characters", place="name")
    with transaction.atomic():
        question_id = store.keep(name, question, who=actor.reference, at=clock.now())
        audit.record(actor.reference, KEEP, subject=f"question:{question_id}", after={"name": name})
    return question_id


def note_answer(actor: Actor, question_id: int, found: Answer) -> None:
    """Note what the last answer to a kept question rests on, so that it says when something newer is there."""
    accounts.require(actor, KEEP)
    store.note_answer(question_id, found.used, at=found.at)


def drop(actor: Actor, question_id: int) -> None:
    """Keep a question no longer. Audited. Raises Forbidden, NotFound."""
    accounts.require(actor, KEEP)
    kept = get_kept(actor, question_id)
    with transaction.atomic():
        store.drop(question_id)
        audit.record(actor.reference, KEEP, subject=f"question:{question_id}", before={"name": kept.name})
