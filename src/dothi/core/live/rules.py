"""The state of the live view: for every view, a snapshot and the changes after it equal a fresh snapshot."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dothi.core.alarms.types import Queued
from dothi.core.live.types import ALARMS, Changes, Feature, FeatureKey, Item, LiveAlarm, LiveLayer, Owner, View
from dothi.core.observations.types import Reading, ThingReading

KEEP: Final = 50_000
"""How many changes are kept for clients that come back."""


class Held(NamedTuple):
    """A feature or an alarm with who may know of it."""

    item: Item
    owner: Owner


class _Change(NamedTuple):
    number: int
    key: FeatureKey
    before: Held | None


class LiveState:
    """Features and alarms as they are now and the newest changes, numbered from 1."""

    def __init__(self, *, keep: int = KEEP) -> None:
        self._items: dict[FeatureKey, Held] = {}
        self._changes: deque[_Change] = deque(maxlen=keep)
        self.number = 0

    def put(self, item: Item, owner: Owner) -> bool:
        """Set a feature or an alarm and who may know of it; tells whether that changed anything."""
        before, now = self._items.get(item.key), Held(item, owner)
        if before == now:
            return False
        self._items[item.key] = now
        self._note(item.key, before)
        return True

    def remove(self, key: FeatureKey) -> bool:
        """Take a feature or an alarm away; tells whether it was there."""
        before = self._items.pop(key, None)
        if before is None:
            return False
        self._note(key, before)
        return True

    def replace(self, items: Iterable[Held]) -> None:
        """Make the state exactly these; only what differs counts as a change."""
        wanted = {held.item.key: held for held in items}
        for key in self._items.keys() - wanted.keys():
            self.remove(key)
        for held in wanted.values():
            self.put(*held)

    def snapshot(self, view: View) -> list[Item]:
        """Give all of a view as it is now, at `number`."""
        return [held.item for held in self._items.values() if view.shows(*held)]

    def alarm_ids(self) -> frozenset[int]:
        """Give the ids of the alarms that are held."""
        return frozenset(number for layer, number in self._items if layer == ALARMS)

    def alarms_by_thing(self) -> dict[int, set[int]]:
        """Give the ids of the alarms that are held, by the Thing each is about."""
        found: dict[int, set[int]] = {}
        for held in self._items.values():
            if isinstance(held.item, LiveAlarm):
                found.setdefault(held.item.thing_id, set()).add(held.item.id)
        return found

    def since(self, number: int, view: View) -> Changes | None:
        """Give what changed in a view after a number, each thing once; None when that is no longer known.

        Who held the view's snapshot at `number` and applies this holds its snapshot of now.
        """
        if not self._knows(number):
            return None
        before: dict[FeatureKey, Held | None] = {}
        for change in reversed(self._changes):
            if change.number <= number:
                break
            before[change.key] = change.before
        changed: list[Item] = []
        removed: list[FeatureKey] = []
        for key, held in before.items():
            was, now = _seen(held, view), _seen(self._items.get(key), view)
            if now is not None and now != was:
                changed.append(now)
            elif now is None and was is not None:
                removed.append(key)
        features, alarms = sort_out(changed)
        return Changes(
            changed=features,
            removed=[key for key in removed if key[0] != ALARMS],
            alarms=alarms,
            gone=[number for layer, number in removed if layer == ALARMS],
        )

    def _knows(self, number: int) -> bool:
        if number > self.number or number < 0:
            return False
        oldest = self._changes[0].number if self._changes else self.number + 1
        return number >= oldest - 1

    def _note(self, key: FeatureKey, before: Held | None) -> None:
        self.number += 1
        self._changes.append(_Change(self.number, key, before))


def _seen(held: Held | None, view: View) -> Item | None:
    """Give a feature or an alarm as a view has it."""
    return held.item if held is not None and view.shows(*held) else None


def sort_out(items: Iterable[Item]) -> tuple[list[Feature], list[LiveAlarm]]:
    """Tell features from alarms."""
    features: list[Feature] = []
    alarms: list[LiveAlarm] = []
    for item in items:
        if isinstance(item, LiveAlarm):
            alarms.append(item)
        else:
            features.append(item)
    return features, alarms


def apply(items: Mapping[FeatureKey, Item], changes: Changes) -> dict[FeatureKey, Item]:
    """Give what a client holds after a message of changes: what every client does."""
    away = {*changes.removed, *((ALARMS, number) for number in changes.gone)}
    kept = {key: item for key, item in items.items() if key not in away}
    changed: list[Item] = [*changes.changed, *changes.alarms]
    return kept | {item.key: item for item in changed}


def alarm_of(
    queued: Queued, thing: ThingReading | None, people: Mapping[str, str], *, area: str = ""
) -> LiveAlarm:  # fmt: skip
    """Describe an alarm of the queue; `people` has the names of those who still have an account, by reference."""
    alarm = queued.alarm
    return LiveAlarm(
        id=alarm.id,
        rule=alarm.point.rule,
        key_word=alarm.point.key,
        priority=alarm.priority,
        state=alarm.state.value,
        thing_id=alarm.point.thing_id,
        thing=thing.name if thing else "",
        kind=thing.kind if thing else "",
        lon=thing.lon if thing else None,
        lat=thing.lat if thing else None,
        raised_at=alarm.raised_at,
        since=alarm.since,
        cleared_at=alarm.cleared_at,
        acknowledged_at=alarm.acknowledged_at,
        acknowledged_by=people.get(alarm.acknowledged_by, ""),
        times_raised=alarm.times_raised,
        members=queued.members,
        detail=alarm.detail,
        simulated=bool(thing and thing.simulated),
        area=area,
        department=thing.department if thing else "",
    )


def feature_of(thing: ThingReading, layer: LiveLayer, *, area: str = "") -> Feature | None:
    """Describe a Thing that stands in an area as a feature of its layer; None for a Thing without a place."""
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
        area=area,
        department=thing.department,
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
