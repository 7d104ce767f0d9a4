"""The door to what one device has sent over a day, a month or a year, and what was due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import Chart, Step
from dothi.domains.lighting.rules import due
from dothi.domains.lighting.rules import schedule as nights
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.service.days import BACKFILL
from dothi.domains.lighting.service.lamps import VIEW
from dothi.domains.lighting.types import Lamp
from dothi.domains.lighting.types.history import CabinetHistory, LampHistory, Span
from dothi.domains.lighting.types.schedule import Cabinet, Night
from dothi.kernel import clock
from dothi.kernel.city import City

PHASES: Final = ("A", "B", "C")
DAY: Final = timedelta(days=1)
_LENGTHS: Final = {Span.DAY: DAY, Span.MONTH: timedelta(days=30), Span.YEAR: timedelta(days=365)}


def lamp_history(actor: Actor, lamp: Lamp, cabinet: Cabinet, *, span: Span, step: Step = Step.MONTH) -> LampHistory:
    """Give a lamp's series up to now; `step` is how a year's energy is added up.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    found = series.find_streams(actor, lamp.id)
    streams: Mapping[str, int] = found.streams if found else {}
    end = clock.now()
    begin = end - _LENGTHS[span]
    history = LampHistory(span=span, begin=begin, end=end)
    if span is Span.DAY:
        return _day(actor, cabinet, streams, history)
    register = streams.get("energy")
    if register is None:
        return history
    by = step if span is Span.YEAR else Step.DAY
    return msgspec.structs.replace(
        history,
        energy=series.read_increments(actor, register, begin, end, step=by),
        has_backfill=series.has_mark(actor, register, BACKFILL, begin, end),
    )


def _day(actor: Actor, cabinet: Cabinet, streams: Mapping[str, int], history: LampHistory) -> LampHistory:
    begin, end = history.begin, history.end
    power, level, voltage = (
        series.read_chart(actor, streams[name], begin, end) if name in streams else None
        for name in ("power", "light level", "voltage")
    )
    return msgspec.structs.replace(
        history,
        power=power,
        level=level,
        voltage=voltage,
        due=tuple(due.between(_nights(actor, cabinet, end), begin, end)),
        has_backfill="power" in streams and series.has_mark(actor, streams["power"], BACKFILL, begin, end),
    )


def _nights(actor: Actor, cabinet: Cabinet, now: datetime) -> list[Night]:
    """Give the nights that the last 24 hours lie in, as the city's schedules have them."""
    if not actor.may(schedules.VIEW):
        return []
    last = nights.current_night(now, _city().zone)
    lon, lat = _city().center
    days = [last - DAY, last]
    programmes = schedules.programmes_run(actor, [cabinet], days)
    return [
        nights.night_of(programme, day, lat=cabinet.lat or lat, lon=cabinet.lon or lon)
        for day, [programme] in zip(days, programmes, strict=True)
    ]


def cabinet_history(actor: Actor, cabinet_id: int) -> CabinetHistory:
    """Give a cabinet's last 24 hours. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    found = series.find_streams(actor, cabinet_id)
    streams: Mapping[str, int] = found.streams if found else {}
    end = clock.now()

    def charts(kind: str) -> tuple[Chart, ...]:
        names = (f"{kind} {phase}" for phase in PHASES)
        return tuple(series.read_chart(actor, streams[name], end - DAY, end) for name in names if name in streams)

    first = next(iter(streams.values()), None)
    return CabinetHistory(
        voltage=charts("voltage"),
        current=charts("current"),
        has_backfill=first is not None and series.has_mark(actor, first, BACKFILL, end - DAY, end),
    )


def _city() -> City:
    return settings.CITY
