"""The state of the live view: for every view, a snapshot and the changes after it equal a fresh snapshot."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dothi.core.live.types import Changes, Feature, FeatureKey, LiveLayer, Owner, View
from dothi.core.observations.types import Reading, ThingReading

KEEP: Final = 50_000
"""How many changes are kept for clients that come back."""


class Held(NamedTuple):
    """A feature with who may know of it."""

    feature: Feature
    owner: Owner


class _Change(NamedTuple):
    number: int
    key: FeatureKey
    before: Held | None


class LiveState:
    """The features as they are now and the newest changes, numbered from 1."""

    def __init__(self, *, keep: int = KEEP) -> None:
        self._features: dict[FeatureKey, Held] = {}
        self._changes: deque[_Change] = deque(maxlen=keep)
        self.number = 0

    def put(self, feature: Feature, owner: Owner) -> bool:
        """Set a feature and who may know of it; tells whether that changed anything."""
        before, now = self._features.get(feature.key), Held(feature, owner)
        if before == now:
            return False
        self._features[feature.key] = now
        self._note(feature.key, before)
        return True

    def remove(self, key: FeatureKey) -> bool:
        """Take a feature away; tells whether it was there."""
        before = self._features.pop(key, None)
        if before is None:
            return False
        self._note(key, before)
        return True

    def replace(self, features: Iterable[Held]) -> None:
        """Make the state exactly these features; only what differs counts as a change."""
        wanted = {held.feature.key: held for held in features}
        for key in self._features.keys() - wanted.keys():
            self.remove(key)
        for held in wanted.values():
            self.put(*held)

    def snapshot(self, view: View) -> list[Feature]:
        """Give all features of a view as they are now, at `number`."""
        return [held.feature for held in self._features.values() if view.shows(*held)]

    def since(self, number: int, view: View) -> Changes | None:
        """Give what changed in a view after a number, each feature once; None when that is no longer known.

        Who held the view's snapshot at `number` and applies this holds its snapshot of now.
        """
        if not self._knows(number):
            return None
        before: dict[FeatureKey, Held | None] = {}
        for change in reversed(self._changes):
            if change.number <= number:
                break
            before[change.key] = change.before
        changed, removed = [], []
        for key, held in before.items():
            was, now = _seen(held, view), _seen(self._features.get(key), view)
            if now is not None and now != was:
                changed.append(now)
            elif now is None and was is not None:
                removed.append(key)
        return Changes(changed=changed, removed=removed)

    def _knows(self, number: int) -> bool:
        if number > self.number or number < 0:
            return False
        oldest = self._changes[0].number if self._changes else self.number + 1
        return number >= oldest - 1

    def _note(self, key: FeatureKey, before: Held | None) -> None:
        self.number += 1
        self._changes.append(_Change(self.number, key, before))


def _seen(held: Held | None, view: View) -> Feature | None:
    """Give a feature as a view has it."""
    return held.feature if held is not None and view.shows(*held) else None


def apply(features: Mapping[FeatureKey, Feature], changes: Changes) -> dict[FeatureKey, Feature]:
    """Give a client's features after a message of changes: what every client does."""
    kept = {key: feature for key, feature in features.items() if key not in set(changes.removed)}
    return kept | {feature.key: feature for feature in changes.changed}


def feature_of(thing: ThingReading, layer: LiveLayer) -> Feature | None:
    """Describe a Thing as a feature of its layer; None for a Thing without a place."""
    if thing.lon is None or thing.lat is None:
        return None
    described = layer.describe(thing.readings)
    return Feature(
        layer=layer.id,
        id=thing.id,
        name=thing.name,
        lon=thing.lon,
        lat=thing.lat,
        state=described.state,
        value=described.value,
        unit=described.unit,
        observed_at=newest_at(thing.readings),
        simulated=thing.simulated,
    )


def newest_at(readings: Mapping[str, Reading]) -> datetime | None:
    """Give the time of the newest of some readings, None if there is none."""
    return max((reading.at for reading in readings.values()), default=None)


def is_late(observed_at: datetime | None, *, now: datetime, late_after_s: float) -> bool:
    """Tell whether a reading is overdue; from a Thing that never sent one, it is."""
    return observed_at is None or now - observed_at > timedelta(seconds=late_after_s)


def newer_readings(one: Mapping[str, Reading], other: Mapping[str, Reading]) -> dict[str, Reading]:
    """Merge two sets of readings: of each Datastream the newer one, `one`'s where both are as new."""
    merged = dict(other)
    for name, reading in one.items():
        if name not in merged or merged[name].at <= reading.at:
            merged[name] = reading
    return merged
