"""The door to what residents read: each public station's index, its last day and what is forecast for the next."""

from datetime import timedelta
from typing import Final, NamedTuple

from dothi.domains.air.rules.hours import full_hour
from dothi.domains.air.service.forecasts import find_forecast
from dothi.domains.air.service.history import hourly_index
from dothi.domains.air.service.stations import list_public_stations, resident
from dothi.domains.air.types import Forecast, Hours, Judged, Station
from dothi.kernel import clock

SPAN: Final = timedelta(hours=24)


class Today(NamedTuple):
    """A station with its last 24 hours; `judged` is None where the city has no index."""

    station: Station
    hours: Hours
    judged: Judged | None
    forecast: Forecast | None


def today() -> list[Today]:
    """Give all stations that everybody may know of, by name; seven queries a station at most.

    It asks for no permission: what it gives is public.
    """
    end = full_hour(clock.now())
    reader = resident()
    return [
        Today(station, *hourly_index(reader, station, end - SPAN, end), find_forecast(reader, station))
        for station in list_public_stations()
    ]
