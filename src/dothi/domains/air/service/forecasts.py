"""The door to the forecast of PM2.5: made in the worker, shown where it was better than what anybody could guess."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.deriving import service as deriving
from dothi.core.observations.deriving.types import DerivedStream, DerivedThing
from dothi.core.observations.series import service as series
from dothi.core.observations.types import NewObservation
from dothi.domains.air import store
from dothi.domains.air.rules.hours import HOUR
from dothi.domains.air.service.history import read_hours
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.service.stations import VIEW
from dothi.domains.air.types import Evaluation, Floats, Forecast, Hours, Ints, Station
from dothi.kernel import clock

POLLUTANT: Final = "PM2.5"
KIND: Final = "AirForecast"
LEADS: Final = timedelta(hours=24)
PAST: Final = timedelta(days=365)
"""What an evaluation looks back on."""
PARTS: Final = ("middle", "low", "high")


def read_past(station: Station, until: datetime, *, span: timedelta = PAST) -> tuple[Hours, Ints]:
    """Give a station's hours before a full hour, for Dothi itself, with the local hour of the day of each."""
    begin = until - span
    zone = ZoneInfo(settings.TIME_ZONE)
    hours = read_hours(SYSTEM, station, begin, until)
    local = [(begin + HOUR * each).astimezone(zone).hour for each in range(hours.values.shape[1])]
    return hours, np.array(local, np.int64)


def keep(station: Station, made: Forecast) -> None:
    """Write a forecast as Observations whose phenomenonTime lies after their resultTime.

    They are series of a Thing of their own beside the station: the station's newest reading stays what it measured.
    """
    thing_id = deriving.ensure_thing(
        SYSTEM, DerivedThing(kind=KIND, of=station.id, name=f"{station.name} · PM2.5 24 h")
    )
    now = clock.now()
    rows = []
    for part in PARTS:
        stream = deriving.ensure_streams(SYSTEM, [thing_id], _stream(part))[thing_id]
        values: Floats = getattr(made, part)
        rows += [
            NewObservation(
                stream, made.begin + HOUR * place, round(value, 1), phenomenon_end=made.begin + HOUR * (place + 1),
                result_time=now,
            )
            for place, value in enumerate(values.tolist())
        ]  # fmt: skip
    deriving.write(SYSTEM, rows)


def _stream(part: str) -> DerivedStream:
    unit = regulation().unit_of(POLLUTANT)
    return DerivedStream(
        by=f"air.forecast.{part}",
        name=f"{POLLUTANT} {part}",
        description=f"The forecast of {POLLUTANT}, {part} of the interval that holds four in five.",
        unit=unit,
        symbol=unit,
        ucum="ug/m3",
    )


def is_made(station: Station, begin: datetime) -> bool:
    """Tell whether the forecast that begins at an hour is there: its last hour is."""
    beside = _streams_of(SYSTEM, station)
    if beside is None:
        return False
    newest = series.read_latest(SYSTEM, beside)
    last = round((begin + LEADS - HOUR).timestamp() * 1_000_000)
    return len(newest.phenomenon_time) == len(PARTS) and bool((newest.phenomenon_time >= last).all())


def keep_evaluation(station_id: int, made: Evaluation) -> None:
    """Keep a station's newest evaluation."""
    store.save_evaluation(station_id, made)


def find_evaluation(actor: Actor, station: Station) -> Evaluation | None:
    """Give how a station's forecasts did, None where that was not worked out yet. Raises Unauthenticated, Forbidden."""
    accounts.require(actor, VIEW)
    return store.find_evaluation(station.id)


def evaluations(station_ids: list[int]) -> Mapping[int, Evaluation]:
    """Give the newest evaluations of stations, for Dothi itself."""
    return store.list_evaluations(station_ids)


def find_forecast(actor: Actor, station: Station) -> Forecast | None:
    """Give the newest forecast that lies ahead, if its kind beat both others in the past, else None.

    Raises Unauthenticated or Forbidden.
    """
    evaluation = find_evaluation(actor, station)
    if evaluation is None or not evaluation.whole.is_better:
        return None
    beside = _streams_of(actor, station)
    if beside is None:
        return None
    now = clock.now()
    lines = [
        {point.begin: point.mean for point in series.read_chart(actor, stream, now - HOUR, now + LEADS).forecast}
        for stream in beside
    ]
    moments = sorted(set.intersection(*(set(line) for line in lines)))
    if not moments:
        return None
    columns = [np.array([line[moment] for moment in moments]) for line in lines]
    return Forecast(moments[0], *columns)


def _streams_of(actor: Actor, station: Station) -> list[int] | None:
    """Give the Datastreams of a station's forecast, in the order of `PARTS`."""
    for each in series.list_streams(actor, kind=KIND):
        if each.properties.get("of") == station.id:
            streams = [each.streams.get(f"{POLLUTANT} {part}") for part in PARTS]
            return None if None in streams else [stream for stream in streams if stream is not None]
    return None
