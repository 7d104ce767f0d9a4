"""What an administrative unit is, when it is one, and what a source or a file says of some."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
import shapely

from dothi.kernel.manifest import Names

PROVINCE: Final = 1
DISTRICT: Final = 2
COMMUNE: Final = 3
"""Levels are numbers, the largest units first; a country may have other ones, and more."""


class Period(NamedTuple):
    """Days from `begin` up to, and without, `end`; None is without bound."""

    begin: date | None = None
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return (self.begin is None or self.begin <= day) and (self.end is None or day < self.end)


class AsOf(NamedTuple):
    """A day in law, and the moment as of which it is asked what was known; None is now."""

    day: date
    known_at: datetime | None = None


class ShareBasis(StrEnum):
    """What the share of a predecessor rests on."""

    WHOLE = "whole"
    """The law gives all of it to one successor: the share is 1, and exact."""
    AREA = "area"
    """Measured between the shapes of both."""
    CELLS = "cells"
    """Estimated between illustrative cells: a guess of the right order."""


class Area(msgspec.Struct, frozen=True):
    """One unit as it is known: what the law says of it for `valid`, as recorded from `known_from` on.

    `names` are without the kind ("Phú Lợi"), `kind` is what the unit is ("Phường", "Ward"). `km2` is the area of its
    shape on the ellipsoid, None without a shape; an illustrative shape is no boundary. `stated_km2` is the area that
    the source states, which is not measured from the shape; None where it states none.
    `centre` is the official one, WGS 84 longitude and latitude, where the source gives one.
    """

    id: int
    version_id: int
    level: int
    code: str
    names: Names
    kind: Names
    valid: Period
    known_from: datetime
    known_to: datetime | None
    parent_id: int | None
    legal_basis: str
    source: str
    is_illustrative: bool
    has_shape: bool
    source_crs: str = ""
    km2: float | None = None
    stated_km2: float | None = None
    centre: tuple[float, float] | None = None

    def full_name(self, language: str) -> str:
        """Give the name with its kind: "Phường Phú Lợi", "Phú Lợi Ward"."""
        name, kind = self.names.of(language), self.kind.of(language)
        return f"{kind} {name}" if language == "vi" else f"{name} {kind}"


class Succession(msgspec.Struct, frozen=True):
    """What became of a unit: a share (0, 1] of its area went to a successor on a day."""

    predecessor_id: int
    successor_id: int
    on: date
    share: float
    basis: ShareBasis
    legal_basis: str = ""


class Relation(NamedTuple):
    """A succession with the unit at its other end."""

    area: Area
    succession: Succession


class Account(msgspec.Struct, frozen=True):
    """All that is known of a unit on a day: what it belongs to, what belongs to it, where it comes from and went."""

    area: Area
    parents: tuple[Area, ...]
    children: tuple[Area, ...]
    predecessors: tuple[Relation, ...]
    successors: tuple[Relation, ...]
    history: tuple[Area, ...]
    """Every version that was ever recorded, the newest first."""


class AreaDraft(msgspec.Struct, frozen=True):
    """What a source says of one unit; `key` and `parent` name units within the source."""

    key: str
    level: int
    code: str
    names: Names
    kind: Names
    valid: Period = Period()
    parent: str = ""
    legal_basis: str = ""
    shape: shapely.MultiPolygon | None = None
    is_illustrative: bool = False
    centre: tuple[float, float] | None = None
    stated_km2: float | None = None


class SuccessionDraft(msgspec.Struct, frozen=True):
    """What a source says of one succession, by the keys of its units."""

    predecessor: str
    successor: str
    on: date
    share: float
    basis: ShareBasis


class Gazetteer(msgspec.Struct, frozen=True):
    """All that a source says of a city's units."""

    source: str
    digest: str
    areas: tuple[AreaDraft, ...]
    successions: tuple[SuccessionDraft, ...]


class FileFeature(msgspec.Struct, frozen=True):
    """One feature of a file: its number from 1, its attributes as text, its shape in WGS 84 (None for none).

    `vertices` is how many its shape has; one with more than are taken is not there.
    """

    number: int
    attributes: Mapping[str, str]
    shape: shapely.Geometry | None
    vertices: int = 0


class FileLayer(msgspec.Struct, frozen=True):
    """One layer of a file, with the reference system it came in and the digest of its bytes."""

    name: str
    crs: str
    digest: str
    features: tuple[FileFeature, ...]


class Unknown(StrEnum):
    """What becomes of features that fit no known unit."""

    REFUSE = "refuse"
    SKIP = "skip"
    ADD = "add"


class Wish(msgspec.Struct, frozen=True):
    """How a file of areas is to be taken: which units it is about, where code and name stand, what others become.

    `parent_field` names the field that holds what a unit belongs to, where units of one name are to be told apart.
    """

    level: int
    on: date
    source: str
    code_field: str = ""
    name_field: str = ""
    parent_field: str = ""
    legal_basis: str = ""
    unknown: Unknown = Unknown.REFUSE


class Remark(msgspec.Struct, frozen=True):
    """What is to be said of one feature before it is taken: what is wrong, and what was done about it."""

    number: int
    name: str
    problem: str
    remedy: str = ""
    """Empty where nothing could be done: such a feature can't be taken."""


class Loaded(NamedTuple):
    """How many units and successions a source brought that were not known so; all zero where it was known."""

    areas: int
    successions: int


class Taken(msgspec.Struct, frozen=True):
    """One feature that gives a unit its shape; `area_id` is None for a unit that is new."""

    number: int
    code: str
    name: str
    shape: shapely.MultiPolygon
    area_id: int | None
    is_same: bool = False
    """Whether the unit has this very shape already."""
    stated_km2: float | None = None
    """The area that is stated of the unit, None where none is."""


class Preview(msgspec.Struct, frozen=True):
    """What an import would do; it can be carried out where no remark is without a remedy."""

    layer: str
    crs: str
    digest: str
    taken: tuple[Taken, ...]
    remarks: tuple[Remark, ...]
    left: tuple[Area, ...]
    """Units of that level and day that the file says nothing of: they stay as they are."""

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file can be taken."""
        return all(remark.remedy for remark in self.remarks)


class MapFeature(msgspec.Struct, frozen=True):
    """One feature of the base map: `kind` and `rank` say how it is drawn, as the guide to cities has them."""

    kind: str
    rank: str
    shape: shapely.Geometry
    names: Mapping[str, str] = {}
    ref: str = ""


class MapTally(NamedTuple):
    """What an import of a base map found, by kind, and what it had to leave out."""

    roads: int
    rivers: int
    places: int
    broken: int
    is_known: bool
    """Whether this very file was imported before, and so nothing was changed."""


class BaseMap(msgspec.Struct, frozen=True):
    """The base map as it goes over the wire: GeoJSON, packed with gzip and plain, and the tag that names this state."""

    etag: str
    packed: bytes
    plain: bytes


_LEAST_M_A_DEGREE: Final = 110_500.0
"""Metres of a degree of latitude at the equator, where it is shortest."""


class SiteKind(StrEnum):
    """What a dossier is asked of."""

    POINT = "point"
    POLYGON = "polygon"
    AREA = "area"
    FEATURE = "feature"


class Site(msgspec.Struct, frozen=True):
    """The ground that a dossier is about, WGS 84, and the day: what panels for the place `dossier` get as subject.

    Of a point what lies up to `reach_m` metres around it counts, of other ground what touches it. `names` are what it
    is called in Vietnamese and English, "" where it has no name.
    """

    kind: SiteKind
    shape: shapely.Geometry
    as_of: AsOf
    today: date
    reach_m: float = 0
    names: tuple[str, str] = ("", "")

    @property
    def is_now(self) -> bool:
        """Whether the day is today, as of which alone devices, alarms and orders are told."""
        return self.as_of.day == self.today

    @property
    def around(self) -> shapely.Geometry:
        """The shape with what lies within its reach: near enough to find what may count, a little too wide."""
        if not self.reach_m:
            return self.shape
        west, south, east, north = self.bounds
        return shapely.box(west, south, east, north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of what counts, in degrees; never less than what lies within the reach."""
        west, south, east, north = self.shape.bounds
        high = self.reach_m / _LEAST_M_A_DEGREE
        wide = high / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
        return west - wide, south - high, east + wide, north + high

    @property
    def wkb(self) -> bytes:
        """The shape as databases take it."""
        found: bytes = shapely.to_wkb(self.shape)
        return found

    @property
    def centre(self) -> tuple[float, float]:
        """A point on it, longitude and latitude."""
        point = self.shape.representative_point()
        return point.x, point.y


class Within(NamedTuple):
    """A unit that ground lies in, and the share of the ground that does; None for a point or a line."""

    area: Area
    share: float | None
