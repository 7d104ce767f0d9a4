"""What a layer, a revision of it and a feature are, and what an import says before it is carried out."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import shapely

from dothi.kernel.manifest import Names

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees of WGS 84."""


class Role(StrEnum):
    """What a layer is for: it decides how it is drawn and where the dossier shows it."""

    PARCELS = "parcels"
    ZONING = "zoning"
    BUILDINGS = "buildings"
    ROADS = "roads"
    WATER = "water"
    UTILITIES = "utilities"
    LAND_COVER = "land_cover"
    FACILITIES = "facilities"
    BOUNDARIES = "boundaries"
    OTHER = "other"


class Visibility(StrEnum):
    """Who sees a layer."""

    PUBLIC = "public"
    """Everyone who may see layers at all."""
    INTERNAL = "internal"
    """Everyone who works with the city's record."""
    RESTRICTED = "restricted"
    """Who holds `places.layer.view_restricted` in the department that owns it."""


class FieldType(StrEnum):
    """What the values of an attribute are; JSON has them as text, number, boolean, or as they are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    JSON = "json"


class Field(msgspec.Struct, frozen=True):
    """An attribute: `name` is its key in `attributes` and its column in views, `title` what the source calls it."""

    name: str
    type: FieldType = FieldType.TEXT
    title: str = ""


class Layer(msgspec.Struct, frozen=True):
    """A layer as it is now; `published` is the number of the revision that is shown, 0 for none.

    `owner` is a department's code, "" for the whole city. `key_field` and `label_field` name the attributes that tell
    features apart and that people know them by, "" for none.
    """

    id: int
    slug: str
    names: Names
    role: Role
    owner: str
    licence: str
    visibility: Visibility
    description: str
    fields: tuple[Field, ...]
    key_field: str
    label_field: str
    style: Mapping[str, Any]
    published: int
    created_at: datetime
    created_by: str

    @property
    def view(self) -> str:
        """The name of its view in the schema `layers`."""
        return self.slug


class LayerDraft(msgspec.Struct, frozen=True):
    """What somebody says of a layer that is to be."""

    slug: str
    names: Names
    role: Role = Role.OTHER
    owner: str = ""
    licence: str = ""
    visibility: Visibility = Visibility.INTERNAL
    description: str = ""


class RevisionState(StrEnum):
    """Where a revision stands. One that was published stays so; which one is shown, the layer says."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class RevisionKind(StrEnum):
    """How a revision came about."""

    IMPORT = "import"
    EDITS = "edits"
    RESTORE = "restore"


class Counts(msgspec.Struct, frozen=True):
    """How many features a revision has, and how it differs from the one it is based on."""

    features: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    repaired: int = 0
    left_out: int = 0


class Saying(StrEnum):
    """What may be wrong with a feature or a file, and what may be done about it; the pages have the words."""

    NO_SHAPE = "no_shape"
    NO_NUMBER = "no_number"
    BEYOND_GLOBE = "beyond_globe"
    TOO_MANY_VERTICES = "too_many_vertices"
    """More than `number`."""
    INVALID = "invalid"
    """`what` is the reason, as GEOS calls it."""
    NOTHING_LEFT = "nothing_left"
    """Invalid for the reason `what`, and nothing is left of it when repaired."""
    OTHER_KIND = "other_kind"
    UNREADABLE = "unreadable"
    NO_KEY = "no_key"
    """The column `what` is empty."""
    SAME_KEY = "same_key"
    """The column `what` holds `key` as that of feature `number` does."""
    SAME_CONTENT = "same_content"
    SOME_FAR = "some_far"
    FAR = "far"
    """Of one feature, where others are near."""
    ALL_FAR = "all_far"
    EXCHANGED = "exchanged"
    """All lies far from the city, and within it with x and y exchanged."""
    REPAIRED_LITTLE = "repaired_little"
    REPAIRED_MUCH = "repaired_much"
    PARTS_LEFT_OUT = "parts_left_out"
    ONE_MORE = "one_more"
    AS_IT_IS = "as_it_is"
    TOLD = "told"
    """`what`, as an earlier version of Dothi told it in English."""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is said, with what it is about, as its code has it."""

    code: Saying
    what: str = ""
    key: str = ""
    number: int = 0


class Remark(msgspec.Struct, frozen=True):
    """What is to be said of one feature of a file, by its number from 1: what is wrong, and what is done about it."""

    number: int
    name: str
    problem: Said
    remedy: Said | None = None
    """None where nothing can be done: such a feature can't be taken."""


class Counted(msgspec.Struct, frozen=True):
    """How many features of a file have a problem that is mended so, or by nothing."""

    problem: Said
    remedy: Said | None
    count: int


class Revision(msgspec.Struct, frozen=True):
    """One state of a layer; `crs` and `accuracy_m` (metres, None: not told) are those of its source's geometries."""

    id: int
    layer_id: int
    number: int
    kind: RevisionKind
    state: RevisionState
    base: int
    restored: int | None
    source: str
    format: str
    digest: str
    crs: str
    accuracy_m: float | None
    licence: str
    note: str
    fields: tuple[Field, ...]
    counts: Counts
    remarks: tuple[Remark, ...]
    made_at: datetime
    made_by: str
    reviewed_at: datetime | None
    reviewed_by: str
    published_at: datetime | None
    published_by: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be published or discarded."""
        return self.state in {RevisionState.DRAFT, RevisionState.REVIEWED}


class Feature(msgspec.Struct, frozen=True):
    """One feature as of the revisions from `since` up to, and without, `until` (None: until now); shape in WGS 84."""

    layer_id: int
    fid: int
    key: str
    label: str
    attributes: Mapping[str, Any]
    shape: shapely.Geometry
    since: int
    until: int | None = None


class ChangeKind(StrEnum):
    """What befell a feature between two revisions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True):
    """A feature that two revisions have otherwise; `fields` names the attributes that differ, "geom" for its shape."""

    kind: ChangeKind
    fid: int
    key: str
    label: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fields: tuple[str, ...]
    is_shown: bool = False
    """Whether the revision that is shown has this feature, so that it has a page."""


class Difference(NamedTuple):
    """How one revision differs from another: how many of each kind, and the first of them."""

    added: int
    removed: int
    changed: int
    changes: tuple[Change, ...]


class Outline(NamedTuple):
    """Where a change lies: the feature's shape in each revision as GeoJSON (WGS 84), None where it has none there.

    Of one that is changed but lies as it did, `before` is None; where shapes are too detailed to be drawn, both are.
    """

    kind: ChangeKind
    fid: int
    name: str
    before: str | None
    after: str | None


class Unfit(StrEnum):
    """What becomes of features that can't be taken."""

    REFUSE = "refuse"
    """Nothing is imported."""
    LEAVE_OUT = "leave_out"
    """They are listed with their reasons and left out."""


class Wish(msgspec.Struct, frozen=True):
    """How a file is to be read; empty strings leave it to what the file says."""

    sublayer: str = ""
    crs: str = ""
    encoding: str = ""
    key_field: str = ""
    label_field: str = ""
    x_field: str = ""
    y_field: str = ""
    wkt_field: str = ""
    source: str = ""
    licence: str = ""
    note: str = ""
    accuracy_m: float | None = None
    unfit: Unfit = Unfit.REFUSE


class Report(msgspec.Struct, frozen=True):
    """What a file holds and what an import of it would do.

    `remarks` are the first of each problem, `problems` how many there are of each in all, the
    most frequent first; `unfit` features can't be
    taken. `bounds` are west, south, east, north in WGS 84.
    """

    format: str
    sublayer: str
    crs: str
    digest: str
    encoding: str
    key_field: str
    label_field: str
    geometry_types: Mapping[str, int]
    fields: tuple[Field, ...]
    read: int
    taken: int
    repaired: int
    unfit: int
    problems: tuple[Counted, ...] = ()
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[Said, ...] = ()
    sample: tuple[Mapping[str, Any], ...] = ()
    bounds: Bounds | None = None


class UploadState(StrEnum):
    """Where a file that was given in the browser stands."""

    WAITING = "waiting"
    EXAMINING = "examining"
    EXAMINED = "examined"
    ACCEPTED = "accepted"
    TAKING = "taking"
    TAKEN = "taken"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Upload(msgspec.Struct, frozen=True):
    """A file that was given in the browser; `done` of `total` features are through, 0 where that is not known."""

    id: int
    layer_id: int
    name: str
    path: str
    size: int
    wish: Wish
    state: UploadState
    problem: str
    report: Report | None
    done: int
    total: int
    revision: int | None
    uploaded_at: datetime
    uploaded_by: str

    @property
    def is_running(self) -> bool:
        """Whether a job works on it, or is about to."""
        return self.state in {
            UploadState.WAITING,
            UploadState.EXAMINING,
            UploadState.ACCEPTED,
            UploadState.TAKING,
        }
