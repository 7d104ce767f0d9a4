"""What a station's newest readings mean for the map and the pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from dothi.core.live import rules as live
from dothi.core.live.types import FeatureState
from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.air.types import Band, Index, Level, Measurement, Station

POLLUTANTS: Final = ("PM2.5", "PM10", "O3", "NO2", "SO2", "CO", "TSP")
"""In the order in which people read them; a Datastream has a pollutant's name."""
INDEX: Final = "air quality index"
"""The Datastream that Dothi derives: the index of each hour."""
LEVEL: Final = "air quality level"
"""The Datastream that Dothi derives beside it: `LEVELS` by number, whatever bands the index has."""
SILENT_AFTER: Final = timedelta(hours=4, minutes=20)
"""Since the newest hour began: two hours in a row may get lost on their way without an alarm, which pages call late."""
LEVELS: Final = (Level.CLEAN, Level.FAIR, Level.HARMFUL)


def describe_station(readings: Mapping[str, Reading]) -> FeatureState:
    """Say what the map shows of a station: its index, and in which of three levels that lies."""
    index, level = readings.get(INDEX), readings.get(LEVEL)
    if index is None or index.value is None or level is None or level.value is None:
        return FeatureState(state=Level.UNKNOWN.value, value=None, unit="")
    place = min(max(int(level.value), 0), len(LEVELS) - 1)
    return FeatureState(state=LEVELS[place].value, value=index.value, unit="")


def level_of(index: Index, value: float) -> int:
    """Give the place in `LEVELS`: the first band is clean, and those that raise an alarm are harmful."""
    band = band_of(index, value)
    if band is None or band == index.bands[0]:
        return 0
    return 2 if band.alarm else 1


def station_of(thing: ThingReading, *, now: datetime, late_after_s: float) -> Station:
    """Read a Thing of the record as a station."""
    measured = {name: thing.readings[name] for name in POLLUTANTS if name in thing.readings}
    observed_at = live.newest_at(measured)
    reading = thing.readings.get(INDEX)
    is_late = live.is_late(observed_at, now=now, late_after_s=late_after_s)
    is_index_late = reading is not None and live.is_late(reading.at, now=now, late_after_s=late_after_s)
    return Station(
        id=thing.id,
        name=thing.name,
        index=reading.value if reading and not is_index_late else None,
        index_at=reading.at if reading else None,
        measurements=tuple(Measurement(name, each.value, each.unit, each.at) for name, each in measured.items()),
        observed_at=observed_at,
        is_late=is_late,
        simulated=thing.simulated,
        is_public=thing.is_public,
    )


def band_of(index: Index, value: float | None) -> Band | None:
    """Give the band that a value lies in, None without one; a band's end belongs to it."""
    if value is None:
        return None
    return next((band for band in index.bands if band.up_to is None or value <= band.up_to), index.bands[-1])


def alarm_of(index: Index, newest: float | None, before: float | None) -> str:
    """Give the last word of the alarm rule that stands: that of the worse of two hours, "" for none.

    So an alarm comes with the first bad hour and goes with the second better one. An hour without an index changes
    nothing by itself: the other one decides.
    """
    known = [each for each in (newest, before) if each is not None]
    band = band_of(index, max(known, default=None))
    return band.alarm if band else ""


def standing_of(index: Index, values: Sequence[float | None]) -> list[str | None]:
    """Give hour by hour the last word of the alarm rule that stands, None where nothing can be said of it."""
    before: float | None = None
    found: list[str | None] = []
    for value in values:
        found.append(None if value is None else alarm_of(index, value, before))
        before = value
    return found


def is_silent(observed_at: datetime, now: datetime) -> bool:
    """Tell whether a station whose newest hour began at a moment says nothing any more."""
    return now - observed_at > SILENT_AFTER
