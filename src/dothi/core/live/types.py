"""The closed set of words in which the live view speaks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from dothi.core.observations.types import Reading

__all__ = [
    "Changes",
    "Clock",
    "Describe",
    "Feature",
    "FeatureKey",
    "FeatureState",
    "LiveLayer",
    "Owner",
    "Reading",
    "Rung",
    "Snapshot",
    "View",
]

FeatureKey = tuple[str, int]
"""A feature's layer and its Thing's id."""


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
    """One thing on the map; degrees in WGS 84, `observed_at` is its newest reading's phenomenonTime."""

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

    @property
    def key(self) -> FeatureKey:
        """What the feature is known by."""
        return (self.layer, self.id)


class Owner(msgspec.Struct, frozen=True):
    """Who may know of a feature: everyone where it is public, else the city's own people and its department's keys.

    It stands beside the feature and not in it, so that it is never sent to a client.
    """

    is_public: bool = False
    department: str = ""


class View(msgspec.Struct, frozen=True):
    """What one client looks at: some layers, within (west, south, east, north) degrees or everywhere.

    A visitor's view is `public_only`; a limited key's has its `departments`, or the `thing_ids` that it may touch. A
    person's who has grants in some departments shows these, `or_public`.
    """

    layers: frozenset[str]
    bbox: tuple[float, float, float, float] | None = None
    public_only: bool = False
    departments: frozenset[str] | None = None
    thing_ids: frozenset[int] | None = None
    or_public: bool = False

    def shows(self, feature: Feature, owner: Owner) -> bool:
        """Tell whether a feature lies in the view and is for its client's eyes."""
        if feature.layer not in self.layers or not self._admits(feature, owner):
            return False
        if self.bbox is None:
            return True
        west, south, east, north = self.bbox
        return west <= feature.lon <= east and south <= feature.lat <= north

    def _admits(self, feature: Feature, owner: Owner) -> bool:
        if self.or_public and owner.is_public:
            return True
        if self.public_only and not owner.is_public:
            return False
        if self.departments is not None and owner.department not in self.departments:
            return False
        return self.thing_ids is None or feature.id in self.thing_ids


class Snapshot(msgspec.Struct, frozen=True):
    """All features of a view, at one moment of city time."""

    city_time: datetime
    speed: float
    features: list[Feature]


class Changes(msgspec.Struct, frozen=True):
    """What became of a view since the last message: features as they are now, and those that are no longer in it."""

    changed: list[Feature]
    removed: list[FeatureKey]


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
