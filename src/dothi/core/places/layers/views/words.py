"""What layers, revisions, uploads and their problems are called, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dothi.core.places.layers.types import (
    ChangeKind,
    FieldType,
    Remark,
    Report,
    RevisionKind,
    RevisionState,
    Role,
    Said,
    Saying,
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
SAYINGS: Final[Mapping[Saying, Promise | str]] = {
    Saying.NO_SHAPE: _("it has no shape"),
    Saying.NO_NUMBER: _("a coordinate is no number"),
    Saying.BEYOND_GLOBE: _("it lies beyond the globe: its reference system is another one"),
    Saying.TOO_MANY_VERTICES: _("its shape has more than %(number)s vertices"),
    Saying.INVALID: _("its shape is invalid (%(what)s)"),
    Saying.NOTHING_LEFT: _("its shape is invalid (%(what)s); nothing is left of it when repaired"),
    Saying.OTHER_KIND: _("its shape is of another kind than before"),
    Saying.UNREADABLE: _("it can't be read as a shape"),
    Saying.NO_KEY: _("its %(what)s is empty, which is to tell features apart"),
    Saying.SAME_KEY: _("another feature has the same %(what)s"),
    Saying.SAME_CONTENT: _("it is the same as another feature in every respect"),
    Saying.SOME_FAR: _("some features lie far from the city"),
    Saying.FAR: _("it lies far from the city"),
    Saying.ALL_FAR: _("all lies far from the city: is the reference system the right one?"),
    Saying.EXCHANGED: _("all lies far from the city, and within it with x and y exchanged"),
    Saying.REPAIRED_LITTLE: _("repaired, which changes its area by less than 1 %%"),
    Saying.REPAIRED_MUCH: _("repaired, which changes its area by more than 1 %%: look at it"),
    Saying.PARTS_LEFT_OUT: _("repaired: parts without length are left out"),
    Saying.ONE_MORE: _("taken as one more"),
    Saying.AS_IT_IS: _("taken as it is: look at it"),
    Saying.TOLD: "%(what)s",
}
_SOME_FAR: Final = _("some features lie far from the city: %(number)s, the first of them %(names)s")
_NAMED: Final = 3
_OF_ANOTHER: Final = _("feature %(number)s has the same %(what)s: %(key)s")
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


def said(told: Said) -> str:
    """Say something in the reader's language."""
    words = _OF_ANOTHER if told.code is Saying.SAME_KEY and told.number else SAYINGS[told.code]
    return str(words) % {"what": _REASONS.get(told.what, told.what), "key": told.key, "number": _count(told.number)}


def done(told: Said | None) -> str:
    """Say what is done about a problem."""
    return gettext("can't be taken") if told is None else said(told)


def warnings(report: Report) -> list[str]:
    """Say what is odd about a file as a whole, and how many features and which where some of them are."""
    return [_some_far(report) if each.code is Saying.SOME_FAR else said(each) for each in report.warnings]


def _some_far(report: Report) -> str:
    count = sum(each.count for each in report.problems if each.problem.code is Saying.FAR)
    if not count:
        # It was told before each of them was.
        return said(Said(Saying.SOME_FAR))
    first = [each for each in report.remarks if each.problem.code is Saying.FAR][:_NAMED]
    names = ", ".join(each.name or gettext("no. %(number)s") % {"number": each.number} for each in first)
    return str(_SOME_FAR) % {"number": _count(count), "names": f"{names} …" if count > len(first) else names}


def _count(number: int) -> str:
    return str(number_format(number, use_l10n=True, force_grouping=True))


def remarks(told: Iterable[Remark]) -> list[tuple[int, str, str, str]]:
    """Say remarks in the reader's language: number, name, what is wrong, what is done ("" for: it can't be taken)."""
    return [(each.number, each.name, said(each.problem), said(each.remedy) if each.remedy else "") for each in told]
