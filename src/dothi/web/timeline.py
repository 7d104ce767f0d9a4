"""The operations screen's timeline: alarms by time, and the lines that the manifests name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from msgspec import structs

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm
from dothi.core.observations.labels import service as labels
from dothi.core.observations.series import service as series
from dothi.core.observations.service import VIEW as VIEW_THINGS
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput
from dothi.kernel.manifest import Manifest, TimelineSeries, load_manifests

STEPS: Final[Mapping[int, timedelta]] = {
    1: timedelta(minutes=1),
    6: timedelta(minutes=5),
    24: timedelta(minutes=15),
    168: timedelta(hours=2),
}
"""Hours that the past can be, and how far apart the points of a line are then."""
AHEAD: Final = 4
"""What lies ahead takes this part of the past's length: a quarter."""
MOST_ALARMS: Final = 1000
_NEAR_STEPS: Final = 2
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def timeline(actor: Actor, hours: int, *, manifests: tuple[Manifest, ...] | None = None) -> dict[str, Any]:
    """Give the timeline of the last `hours` and of what is known ahead; times are Unix milliseconds.

    `alarms` are those the actor may see, [] for one who may see none. Raises InvalidInput for hours that `STEPS`
    doesn't have.
    """
    if hours not in STEPS:
        raise InvalidInput(f"hours is one of {', '.join(map(str, STEPS))}", place="hours")
    now = clock.now()
    begin, end = now - timedelta(hours=hours), now + timedelta(hours=hours) / AHEAD
    return {
        "begin": _ms(begin),
        "end": _ms(end),
        "now": _ms(now),
        "alarms": _alarms(actor, begin, now),
        "series": [_line(actor, each, now, hours) for each in lines_for(actor, manifests)],
    }


def lines_for(actor: Actor, manifests: tuple[Manifest, ...] | None = None) -> list[TimelineSeries]:
    """List the lines that an actor may see, in the manifests' order."""
    found = load_manifests() if manifests is None else manifests
    lines = [line for manifest in found for line in manifest.timeline if actor.may(line.permission)]
    return lines if actor.may(VIEW_THINGS) else []


def _alarms(actor: Actor, begin: datetime, now: datetime) -> list[dict[str, Any]]:
    if not may_see_alarms(actor):
        return []
    found = alarms.list_raised(actor, begin, now, limit=MOST_ALARMS)
    named = labels.name_things({alarm.point.thing_id for alarm in found})
    return [_alarm(alarm, named[alarm.point.thing_id].name if alarm.point.thing_id in named else "") for alarm in found]


def may_see_alarms(actor: Actor) -> bool:
    """Tell whether an actor is shown alarms at all: visitors never are."""
    return actor.kind != "visitor" and actor.may(alarms.VIEW)


def _alarm(alarm: Alarm, thing: str) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "rule": alarm.point.rule,
        "key": alarm.point.key,
        "priority": alarm.priority,
        "state": alarm.state.value,
        "thing": thing,
        "members": alarm.member_count,
        "raised": _ms(alarm.raised_at),
        "cleared": None if alarm.cleared_at is None else _ms(alarm.cleared_at),
    }


def _line(actor: Actor, line: TimelineSeries, now: datetime, hours: int) -> dict[str, Any]:
    step = STEPS[hours]
    newest = _EPOCH + (now - _EPOCH) // step * step
    # What whoever asks may see is a part of the key: the actor with all their limits.
    values = _values(_without_name(actor), line, newest, hours)
    moments = _moments(newest, hours)
    points = [[_ms(at), value] for at, value in zip(moments, values, strict=True) if value is not None]
    return {
        "id": line.id,
        "points": [point for point in points if point[0] <= _ms(newest)],
        "forecast": [point for point in points if point[0] > _ms(newest)],
    }


def _without_name(actor: Actor) -> Actor:
    """Give the actor's limits alone: everyone who may see the same things shares what was read."""
    reach = actor.within(VIEW_THINGS)
    return structs.replace(reach, reference="", label="", permissions=actor.permissions & {VIEW_THINGS}, grants=())


@lru_cache(maxsize=64)
def _values(actor: Actor, line: TimelineSeries, newest: datetime, hours: int) -> Sequence[float | None]:
    """Read a line once for each step of the city's time, however many screens ask."""
    return series.read_gathered(
        actor,
        kind=line.kind,
        names=line.datastreams,
        moments=_moments(newest, hours),
        near=max(_NEAR_STEPS * STEPS[hours], timedelta(minutes=5)),
        how=line.gather,
    )


def forget() -> None:
    """Forget what was read: for whoever changes the past."""
    _values.cache_clear()


def _moments(newest: datetime, hours: int) -> list[datetime]:
    step = STEPS[hours]
    past = timedelta(hours=hours) // step
    return [newest + number * step for number in range(-past, past // AHEAD + 1)]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
