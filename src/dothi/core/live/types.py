"""The closed set of words in which the live view speaks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from dothi.core.observations.types import Reading

__all__ = [
    "ALARMS",
    "Changes",
    "Clock",
    "Describe",
    "Feature",
    "FeatureKey",
    "FeatureState",
    "Item",
    "LiveAlarm",
    "LiveLayer",
    "Owner",
    "Reading",
    "Rung",
    "Snapshot",
    "View",
]

FeatureKey = tuple[str, int]
"""A feature's layer and its Thing's id; an alarm's is `ALARMS` and its own id."""
ALARMS: Final = "alarms"
"""What stands where a feature has its layer; no layer's id is without a dot."""


class FeatureState(msgspec.Struct, frozen=True):
    """What a domain says of a feature: one of its layer's states, and the value that stands beside it."""

    state: str
    value: float | None = None
    unit: str = ""


Describe = Callable[[Mapping[str, Reading]], FeatureState]
"""A domain's rule: newest readings by Datastream name → the feature's state."""


class LiveLayer(msgspec.Struct, frozen=True):
    """A layer as the hub needs it: which Things it shows, how they are described, who may see them."""

    id: str
    kind: str
    permission: str
    describe: Describe


class Feature(msgspec.Struct, frozen=True):
    """One thing on the map; degrees in WGS 84, `observed_at` is its newest reading's phenomenonTime.

    `area` is the code of the administrative unit it lies in and `department` whose it is, each "" where unknown.
    """

    layer: str
    id: int
    name: str
    lon: float
    lat: float
    state: str
    value: float | None
    unit: str
    observed_at: datetime | None
    simulated: bool
    area: str = ""
    department: str = ""

    @property
    def key(self) -> FeatureKey:
        """What the feature is known by."""
        return (self.layer, self.id)


class LiveAlarm(msgspec.Struct, frozen=True, rename={"key_word": "key"}):
    """One alarm of the queue, in no language: its rule's names stand in the manifest.

    It lies where its Thing does (degrees, WGS 84; None without a place), and stands for the Things in `members`.
    `thing`, `kind` and what else is told of the Thing is "" for one that is no longer there. `detail` is what the
    detector told, `acknowledged_by` the name of who acknowledged it, "" for nobody with an account.
    """

    id: int
    rule: str
    key_word: str
    priority: int
    state: str
    thing_id: int
    thing: str
    kind: str
    lon: float | None
    lat: float | None
    raised_at: datetime
    since: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    times_raised: int
    members: tuple[int, ...]
    detail: Mapping[str, object]
    simulated: bool
    area: str = ""
    department: str = ""

    @property
    def key(self) -> FeatureKey:
        """What the alarm is known by among all that is live."""
        return (ALARMS, self.id)


Item = Feature | LiveAlarm
"""What the live view holds."""


class Owner(msgspec.Struct, frozen=True):
    """Who may know of a feature: everyone where it is public, else the city's own people and its department's keys.

    It stands beside the feature and not in it, so that it is never sent to a client. `areas` are the codes of all
    administrative units that it lies in, for those who may know of what lies there.
    """

    is_public: bool = False
    department: str = ""
    areas: frozenset[str] = frozenset()


class View(msgspec.Struct, frozen=True):
    """What one client looks at: some layers, within (west, south, east, north) degrees or everywhere.

    A visitor's view is `public_only`; a limited key's has its `departments`, or the `thing_ids` that it may touch. A
    person's who has grants in some departments shows these, `or_public`, and what lies in the `areas` of others, of
    some departments or (None) of all. `alarms` are in it wherever they are: one
    without a place, or just outside of the map, is not to be missed.
    """

    layers: frozenset[str]
    bbox: tuple[float, float, float, float] | None = None
    alarms: bool = False
    public_only: bool = False
    departments: frozenset[str] | None = None
    thing_ids: frozenset[int] | None = None
    or_public: bool = False
    areas: tuple[tuple[str, frozenset[str] | None], ...] = ()

    def shows(self, item: Item, owner: Owner) -> bool:
        """Tell whether a feature or an alarm lies in the view and is for its client's eyes."""
        if isinstance(item, LiveAlarm):
            return self.alarms and self._admits(item.thing_id, owner)
        if item.layer not in self.layers or not self._admits(item.id, owner):
            return False
        if self.bbox is None:
            return True
        west, south, east, north = self.bbox
        return west <= item.lon <= east and south <= item.lat <= north

    def _admits(self, thing_id: int, owner: Owner) -> bool:
        if self.or_public and owner.is_public:
            return True
        if self.public_only and not owner.is_public:
            return False
        if not self._reaches(owner):
            return False
        return self.thing_ids is None or thing_id in self.thing_ids

    def _reaches(self, owner: Owner) -> bool:
        if self.departments is None or owner.department in self.departments:
            return True
        return any(
            area in owner.areas and (departments is None or owner.department in departments)
            for area, departments in self.areas
        )


class Snapshot(msgspec.Struct, frozen=True):
    """All features and alarms of a view, at one moment of city time."""

    city_time: datetime
    speed: float
    features: list[Feature]
    alarms: list[LiveAlarm] = []


class Changes(msgspec.Struct, frozen=True):
    """What became of a view since the last message: what changed as it is now, and what is no longer in it.

    Alarms that left the queue are `gone`, by their ids.
    """

    changed: list[Feature]
    removed: list[FeatureKey]
    alarms: list[LiveAlarm] = []
    gone: list[int] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing became of the view."""
        return not (self.changed or self.removed or self.alarms or self.gone)


class Clock(msgspec.Struct, frozen=True):
    """The city's time and its speed, as a sign of life."""

    city_time: datetime
    speed: float


class Rung(msgspec.Struct, frozen=True):
    """Alarms changed, by the city's time that the bell knows of it."""

    city_time: datetime


Message = (
    tuple[Literal["snapshot"], Snapshot]
    | tuple[Literal["changes"], Changes]
    | tuple[Literal["alarms"], Rung]
    | tuple[Literal["clock"], Clock]
)
