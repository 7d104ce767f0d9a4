"""What is asked across layers, and what comes of it."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import shapely

from dothi.kernel.manifest import Names


class Kind(StrEnum):
    """Where things come from that a question is about."""

    LAYER = "layer"
    """`name` is a layer's slug."""
    AREAS = "areas"
    """`name` is a level's number; `on` the day, the day of asking if not given."""
    THINGS = "things"
    """`name` is the Things' kind, "" for all."""


class Op(StrEnum):
    """How an attribute is compared; texts without regard to marks and case."""

    EQUAL = "eq"
    DIFFERENT = "ne"
    LESS = "lt"
    AT_MOST = "le"
    MORE = "gt"
    AT_LEAST = "ge"
    HOLDS = "holds"
    EMPTY = "empty"
    FILLED = "filled"


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an attribute must be. `value` is text, read as a number or a date where the attribute is one."""

    field: str
    op: Op
    value: str = ""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some features: all of a kind and name that meet every condition.

    `revision` is a layer's, 0 for whichever is published when it is asked.
    """

    kind: Kind
    name: str = ""
    on: date | None = None
    revision: int = 0
    conditions: tuple[Condition, ...] = ()


class Relation(StrEnum):
    """How a feature lies to those of the other source."""

    INTERSECTS = "intersects"
    WITHIN = "within"
    DISTANCE = "distance"
    """At most `distance_m` away, on the spheroid."""
    NEAREST = "nearest"
    """The nearest one; with `distance_m` no farther than that."""


class Measure(StrEnum):
    """What is told of a feature, or added up over a group; areas and distances are those on the spheroid."""

    COUNT = "count"
    SUM = "sum"
    """Of the attribute `field`."""
    AREA = "area"
    """Square metres of the features themselves."""
    COVERED = "covered"
    """Square metres of them that lie in the others, or within `distance_m` of them."""
    SHARE = "share"
    """COVERED as a share of AREA."""
    OTHERS = "others"
    """How many of the others lie so."""
    DISTANCE = "distance"
    """Metres to the nearest of the others; of a group the mean."""


class Group(StrEnum):
    """What rows are made of."""

    NONE = ""
    """A row for each feature."""
    FIELD = "field"
    """One for each value of `group_field`."""
    OTHER_FIELD = "other_field"
    """One for each value of `group_field` of the others that a feature lies with."""
    AREA = "area"
    """One for each unit of level `group_field`: each feature counts where it lies, or with the part that does."""
    AREA_AND_OTHER_FIELD = "area_other_field"
    """One for each unit of level `group_level` and each value of `group_field` of the others."""
    ALL = "all"
    """One row for everything."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question: what of, how it must lie to what, what is told, and by what it is grouped."""

    of: Source
    relation: Relation | None = None
    other: Source | None = None
    distance_m: float = 0
    is_filter: bool = False
    """Whether features that don't lie so are left out; else they are told with nothing."""
    measures: tuple[Measure, ...] = (Measure.COUNT,)
    field: str = ""
    group: Group = Group.NONE
    group_field: str = ""
    group_level: int = 3


class Attribute(msgspec.Struct, frozen=True):
    """An attribute that may be asked for; `is_number` where it can be added up."""

    name: str
    title: str
    is_number: bool = False


class Offer(msgspec.Struct, frozen=True):
    """Something a question may be about, for whoever asks."""

    kind: Kind
    name: str
    names: Names
    attributes: tuple[Attribute, ...] = ()


class Used(msgspec.Struct, frozen=True):
    """What an answer rests on: a layer's revision, or the day of areas or moment of devices."""

    kind: Kind
    name: str
    revision: int = 0
    on: date | None = None
    is_illustrative: bool = False


class Row(NamedTuple):
    """A row of an answer: what it is of, its figures by measure, and its shape where it is one thing's."""

    label: str
    figures: Mapping[str, float | None]
    shape: shapely.Geometry | None = None


class Answer(msgspec.Struct, frozen=True):
    """What was found: the rows, in order, up to a limit; when; and what it rests on."""

    rows: tuple[Row, ...]
    measures: tuple[Measure, ...]
    used: tuple[Used, ...]
    at: datetime
    is_cut: bool = False


class Kept(msgspec.Struct, frozen=True):
    """A question that is kept by name; `figures` are the last answer's rows without shapes."""

    id: int
    name: str
    question: Question
    kept_by: str
    kept_at: datetime
    used: tuple[Used, ...] = ()
    answered_at: datetime | None = None


class Piece(NamedTuple):
    """Features handed over by a package above: ids, labels, attributes and shapes, WKB in WGS 84."""

    ids: list[int]
    labels: list[str]
    attributes: list[Mapping[str, Any]]
    shapes: list[bytes]
