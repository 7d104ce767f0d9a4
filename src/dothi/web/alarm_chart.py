"""The chart that stands beside an alarm: what its rule's manifest says, of the last 24 hours."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import get_language

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import StreamsOfThing
from dothi.core.observations.service import VIEW as VIEW_THINGS
from dothi.kernel import clock
from dothi.kernel.manifest import AlarmChart, ChartLimit
from dothi.web import charts

PAST: Final = timedelta(hours=24)
AHEAD: Final = timedelta(hours=6)


def drawing_of(actor: Actor, alarm_id: int) -> dict[str, Any] | None:
    """Give what the chart island draws beside an alarm, with the rule's limits; None where there is nothing to draw.

    What lies ahead is there where something is forecast. Raises NotFound, Unauthenticated or Forbidden.
    """
    alarm = alarms.get_alarm(actor, alarm_id).alarm
    rule = alarms.rules_by_id().get(alarm.point.rule)
    wanted = rule.rule.chart if rule else None
    if wanted is None or not actor.may(VIEW_THINGS):
        return None
    thing = series.find_streams(actor, alarm.point.thing_id)
    stream = _stream_of(thing, wanted, key=alarm.point.key)
    if thing is None or stream is None:
        return None
    now = clock.now()
    chart = series.read_chart(actor, stream, now - PAST, now + AHEAD)
    if not chart.forecast:
        chart = series.read_chart(actor, stream, now - PAST, now)
    return charts.drawing(chart, title=f"{chart.name} · {thing.name}", limits=list(_limits(wanted, thing.properties)))


def _stream_of(thing: StreamsOfThing | None, wanted: AlarmChart, *, key: str) -> int | None:
    return None if thing is None else thing.streams.get(wanted.datastream.replace("{key}", key))


def _limits(wanted: AlarmChart, properties: Mapping[str, object]) -> list[charts.Limit]:
    language = get_language() or ""
    found = [(limit.names.of(language), _value(limit, properties)) for limit in wanted.limits]
    return [charts.Limit(value, name) for name, value in found if value is not None]


def _value(limit: ChartLimit, properties: Mapping[str, object]) -> float | None:
    if limit.value is not None:
        return limit.value
    found = properties.get(limit.property)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
