"""Rules of retention: how long each Datastream's Observations stay, and which partitions have to go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from dothi.core.observations.retention.types import Action, Limits, Part, Step, Stream
from dothi.kernel.manifest import Manifest

KEPT_FOR_ROOM: Final = timedelta(days=1)
KEPT_FOR_ROOM_BY_HOURS: Final = timedelta(hours=2)
"""Where time runs faster and partitions are of an hour: a day of a city is more than a demo's disk has room for."""


def limits_of(manifests: Iterable[Manifest], *, default_days: int, most_bytes: int, by_hours: bool = False) -> Limits:
    """Gather the limits of all packages; of two for one ObservedProperty the longer holds."""
    days: dict[str, int] = {}
    for manifest in manifests:
        for each in manifest.retention:
            days[each.observed_property] = max(days.get(each.observed_property, 0), each.raw_days)
    kept = KEPT_FOR_ROOM_BY_HOURS if by_hours else KEPT_FOR_ROOM
    return Limits(default_days, days, most_bytes, kept)


def days_of(stream: Stream, limits: Limits) -> int:
    """Give a Datastream's days: its own, else the longest of its ObservedProperties, else the default (0: for ever)."""
    if stream.raw_days is not None and stream.raw_days > 0:
        return stream.raw_days
    return max(
        (limits.by_property[name] for name in stream.properties if name in limits.by_property),
        default=limits.default_days,
    )


def plan(parts: Sequence[Part], days: Mapping[int, int], limits: Limits, *, now: datetime) -> list[Step]:
    """Say what goes, oldest first. Rows of a Datastream that is no more stay as long as the default says.

    A partition goes when all in it has passed. Where only some has, it is rewritten without that: a partition is
    rewritten at most once for each different number of days, and rows are never deleted one by one.
    """
    steps = [step for part in sorted(parts, key=lambda part: part.begin) if (step := _judge(part, days, limits, now))]
    return steps + make_room(parts, steps, limits, now=now)


def _judge(part: Part, days: Mapping[int, int], limits: Limits, now: datetime) -> Step | None:
    if part.streams is None:
        return None
    age = now - part.end
    if not part.streams:
        return Step(part, Action.DROP, part.streams) if _has_passed(age, limits.default_days) else None
    leaving = frozenset(stream for stream in part.streams if _has_passed(age, days.get(stream, limits.default_days)))
    if not leaving:
        return None
    return Step(part, Action.DROP if leaving == part.streams else Action.REWRITE, leaving)


def _has_passed(age: timedelta, days: int) -> bool:
    return days > 0 and age >= timedelta(days=days)


def youngest(days: Iterable[int], limits: Limits) -> timedelta | None:
    """Give the age below which nothing can have passed, None where all stays for ever."""
    least = min((each for each in (limits.default_days, *days) if each > 0), default=0)
    return timedelta(days=least) if least else None


def make_room(parts: Sequence[Part], steps: Sequence[Step], limits: Limits, *, now: datetime) -> list[Step]:
    """Say which of the oldest partitions go, besides those of `steps`, until the rest has room."""
    if not limits.most_bytes:
        return []
    dropped = {step.part.table for step in steps if step.action is Action.DROP}
    left = sorted((part for part in parts if part.table not in dropped), key=lambda part: part.begin)
    size = sum(part.size for part in left)
    going: list[Step] = []
    for part in left:
        if size <= limits.most_bytes or part.end > now - limits.kept_for_room:
            break
        size -= part.size
        going.append(Step(part, Action.DROP, part.streams or frozenset(), for_room=True))
    return going
