"""What befalls air and stations: episodes, silence, instruments that are dead, stuck or drift; planned by months."""

from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np

from simulators.air.air import HOUR_S, POLLUTANTS, Floats, Ints, Station

MONTH_H: Final = 30 * 24
LOST: Final = 0.02
"""The share of hours that never come, of each station by chance."""
_DUST: Final = ("PM2.5", "PM10")


class Kind(StrEnum):
    """What can happen."""

    EPISODE = "episode"
    """Smoke or dust over the city: particles are `strength` times as many, soon at all stations."""
    DEAD_SENSOR = "dead_sensor"
    """An instrument for one pollutant sends nothing."""
    STATION_SILENT = "station_silent"
    """A station sends nothing."""
    DRIFT = "drift"
    """An instrument reads ever higher, by `strength` a day."""
    STUCK_SENSOR = "stuck_sensor"
    """An instrument sends the same number, `strength`, whatever the air is."""


class Event(NamedTuple):
    """Something that lasts from one Unix hour to before another; `station` is -1 for the whole city."""

    id: str
    kind: Kind
    station: int
    pollutant: str
    begin: int
    end: int
    strength: float

    def truth(self, stations: list[Station]) -> dict[str, Any]:
        """Give the line of the truth file."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "class": "event" if self.kind is Kind.EPISODE else "fault",
            "serial": stations[self.station].serial if self.station >= 0 else "",
            "pollutant": self.pollutant,
            "at": self.begin * HOUR_S,
            "until": self.end * HOUR_S,
            "strength": self.strength,
        }


def month_plan(stations: int, month: int, *, seed: int) -> list[Event]:
    """Plan thirty days, by their number since 1970: one of each kind."""
    chance = np.random.default_rng([seed, 7, month])
    first = month * MONTH_H

    def event(kind: Kind, station: int, pollutant: str, length: int, strength: float) -> Event:
        begin = first + int(chance.integers(0, MONTH_H - length))
        return Event(f"{kind}-{month}", kind, station, pollutant, begin, begin + length, strength)

    def someone() -> int:
        return int(chance.integers(stations))

    some = str(chance.choice(POLLUTANTS))
    return [
        event(Kind.EPISODE, -1, "", int(chance.integers(24, 60)), round(float(chance.uniform(2.2, 3.8)), 2)),
        event(Kind.DEAD_SENSOR, someone(), some, int(chance.integers(24, 96)), 0.0),
        event(Kind.STATION_SILENT, someone(), "", int(chance.integers(6, 30)), 0.0),
        event(Kind.DRIFT, someone(), "PM2.5", int(chance.integers(240, 480)), 0.02),
        event(
            Kind.STUCK_SENSOR, someone(), str(chance.choice(POLLUTANTS)), int(chance.integers(12, 72)),
            round(float(chance.uniform(5, 40)), 1),
        ),
    ]  # fmt: skip


def plan(stations: int, first: int, last: int, *, seed: int) -> list[Event]:
    """Give what is planned between two Unix hours."""
    months = range(first // MONTH_H, last // MONTH_H + 1)
    found = [event for month in months for event in month_plan(stations, month, seed=seed)]
    return [event for event in found if event.begin <= last and event.end > first]


def befall(values: Floats, hours: Ints, events: list[Event]) -> Floats:
    """Give what is measured, [stations, pollutants, hours], with events in it; NaN where nothing comes."""
    found = values.copy()
    for event in sorted(events, key=lambda each: each.kind in (Kind.DEAD_SENSOR, Kind.STATION_SILENT)):
        within = (hours >= event.begin) & (hours < event.end)
        station = slice(None) if event.station < 0 else event.station
        if event.kind is Kind.EPISODE:
            shape = np.sin(np.pi * ((hours - event.begin + 0.5) / (event.end - event.begin)).clip(0, 1)) ** 0.5
            rise = np.where(within, 1 + (event.strength - 1) * shape, 1.0)
            for pollutant in _DUST:
                found[station, POLLUTANTS.index(pollutant)] *= rise
        elif event.kind is Kind.DRIFT:
            rise = np.where(within, 1 + event.strength * (hours - event.begin) / 24, 1.0)
            found[station, POLLUTANTS.index(event.pollutant)] *= rise
        elif event.kind is Kind.STUCK_SENSOR:
            found[station, POLLUTANTS.index(event.pollutant), within] = event.strength
        elif event.kind is Kind.DEAD_SENSOR:
            found[station, POLLUTANTS.index(event.pollutant), within] = np.nan
        else:
            found[station, :, within] = np.nan
    return found


def gaps(stations: int, hours: Ints, *, seed: int) -> np.ndarray:
    """Tell which hours of which station never come, [stations, hours]."""
    drawn = [np.random.default_rng([seed, 98, int(hour)]).random(stations) < LOST for hour in hours.tolist()]
    return np.stack(drawn, axis=-1)
