"""What layers, revisions, uploads and their problems are called, in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dothi.core.places.layers.types import (
    ChangeKind,
    FieldType,
    Remark,
    RevisionKind,
    RevisionState,
    Role,
    UploadState,
    Visibility,
)

ROLES: Final[Mapping[Role, Promise]] = {
    Role.PARCELS: _("Parcels"),
    Role.ZONING: _("Zoning"),
    Role.BUILDINGS: _("Buildings"),
    Role.ROADS: _("Roads"),
    Role.WATER: _("Water"),
    Role.UTILITIES: _("Utilities"),
    Role.LAND_COVER: _("Land cover"),
    Role.FACILITIES: _("Public facilities"),
    Role.BOUNDARIES: _("Boundaries"),
    Role.OTHER: _("Other"),
}
VISIBILITIES: Final[Mapping[Visibility, Promise]] = {
    Visibility.PUBLIC: _("public"),
    Visibility.INTERNAL: _("internal"),
    Visibility.RESTRICTED: _("restricted to the owner"),
}
STATES: Final[Mapping[RevisionState, Promise]] = {
    RevisionState.DRAFT: _("draft"),
    RevisionState.REVIEWED: _("reviewed"),
    RevisionState.PUBLISHED: _("published"),
    RevisionState.DISCARDED: _("discarded"),
}
KINDS: Final[Mapping[RevisionKind, Promise]] = {
    RevisionKind.IMPORT: _("import"),
    RevisionKind.EDITS: _("edits"),
    RevisionKind.RESTORE: _("restored"),
}
CHANGES: Final[Mapping[ChangeKind, Promise]] = {
    ChangeKind.ADDED: _("added"),
    ChangeKind.REMOVED: _("removed"),
    ChangeKind.CHANGED: _("changed"),
}
UPLOADS: Final[Mapping[UploadState, Promise]] = {
    UploadState.WAITING: _("waits to be examined"),
    UploadState.EXAMINING: _("being examined"),
    UploadState.EXAMINED: _("examined, waits for your decision"),
    UploadState.ACCEPTED: _("waits to be taken in"),
    UploadState.TAKING: _("being taken in"),
    UploadState.TAKEN: _("taken in as a draft"),
    UploadState.FAILED: _("can't be taken in"),
    UploadState.CANCELLED: _("cancelled"),
}
TYPES: Final[Mapping[FieldType, Promise]] = {
    FieldType.TEXT: _("text"),
    FieldType.INTEGER: _("whole number"),
    FieldType.NUMBER: _("number"),
    FieldType.BOOLEAN: _("yes or no"),
    FieldType.DATE: _("day"),
    FieldType.DATETIME: _("moment"),
    FieldType.JSON: _("structure"),
}
HINTS: Final[Mapping[str, Promise]] = {
    "file": _("The file itself is wrong, or of no kind that is read."),
    "crs": _("The file does not say its reference system, or a wrong one was named: name it below."),
    "sublayer": _("The file has several layers: name the one that is meant below."),
    "encoding": _("The texts are in another encoding: choose it below."),
    "key-field": _("The column that tells features apart is not there: name another below."),
    "label-field": _("The column of names is not there: name another below."),
    "x-field": _("The columns of coordinates are not known: name them below."),
    "wkt-field": _("The column of shapes is not there: name another below."),
}
"""What is to be done about a file that can't be read, by the part of the wish that is wrong."""
_PROBLEMS: Final[tuple[tuple[str, Promise], ...]] = (
    (r"it has no shape", _("it has no shape")),
    (r"a coordinate is no number", _("a coordinate is no number")),
    (r"it lies beyond the globe.*", _("it lies beyond the globe: its reference system is another one")),
    (r"its shape has more than (?P<what>\d+) vertices", _("its shape has more than %(what)s vertices")),
    (
        r"its shape is invalid: (?P<what>[^;]*); nothing.*",
        _("its shape is invalid (%(what)s); nothing is left of it when repaired"),
    ),
    (r"its shape is invalid: (?P<what>.*)", _("its shape is invalid (%(what)s)")),
    (r"its shape is of another kind than before", _("its shape is of another kind than before")),
    (r"it can't be read as a shape", _("it can't be read as a shape")),
    (r"its (?P<what>\w+) is empty.*", _("its %(what)s is empty, which is to tell features apart")),
    (r"another feature has the same (?P<what>\w+)", _("another feature has the same %(what)s")),
    (r"another feature has the same (?P<what>.*)", _("another feature has the same %(what)s")),
    (r"it is the same as another.*", _("it is the same as another feature in every respect")),
    (r"taken as one more", _("taken as one more")),
    (r"repaired, which changes its area by less.*", _("repaired, which changes its area by less than 1 %%")),
    (
        r"repaired, which changes its area by more.*",
        _("repaired, which changes its area by more than 1 %%: look at it"),
    ),
    (r"repaired: parts without length.*", _("repaired: parts without length are left out")),
    (r"some features lie far.*", _("some features lie far from the city")),
    (
        r"all lies far from the city, and within.*",
        _("all lies far from the city, and within it with x and y exchanged"),
    ),
    (r"all lies far from the city: .*", _("all lies far from the city: is the reference system the right one?")),
)
_REASONS: Final[Mapping[str, Promise]] = {
    "Self-intersection": _("it crosses itself"),
    "Ring Self-intersection": _("a ring touches itself"),
    "Hole lies outside shell": _("a hole lies outside"),
    "Nested holes": _("a hole lies within another"),
    "Nested shells": _("a part lies within another"),
    "Interior is disconnected": _("holes cut it in two"),
    "Too few points in geometry component": _("it has too few points"),
    "Duplicate Rings": _("a ring is told twice"),
    "Invalid Coordinate": _("a coordinate is no number"),
}


def problem(text: str) -> str:
    """Say what is wrong, or what is done about it, in the reader's language; what is not known, as it was said."""
    for pattern, words in _PROBLEMS:
        match = re.fullmatch(pattern, text)
        if match:
            what = match.groupdict().get("what", "")
            return str(words) % {"what": _REASONS.get(what, what)}
    return text


def problem_with_remedy(text: str) -> tuple[str, str]:
    """Part a counted problem into what is wrong and what is done, each in the reader's language."""
    wrong, _arrow, remedy = text.partition(" → ")
    return problem(wrong), problem(remedy) if remedy else gettext("can't be taken")


def remarks(told: Iterable[Remark]) -> list[tuple[int, str, str, str]]:
    """Say remarks in the reader's language: number, name, what is wrong, what is done ("" for: it can't be taken)."""
    return [
        (each.number, each.name, problem(each.problem), problem(each.remedy) if each.remedy else "") for each in told
    ]
