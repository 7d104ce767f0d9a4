"""The air itself: what six stations would measure if nothing failed, the same for the same seed and hour."""

import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HOUR_S: Final = 3_600
OFFSET_H: Final = 7
"""Of the stations' zone from UTC, all year round."""
POLLUTANTS: Final = ("PM2.5", "PM10", "O3", "NO2", "SO2", "CO")
"""In µg/m³, all of them."""
NOISE: Final = 0.05
"""Of an instrument, as a share."""


class Station(NamedTuple):
    """Where a station stands, and how much traffic and industry it is near to."""

    serial: str
    name: str
    lon: float
    lat: float
    traffic: float
    industry: float


def read_stations(number: int = 6) -> list[Station]:
    """Give the first stations; their places are illustrative."""
    found = json.loads(Path(__file__).with_name("stations.json").read_text("utf-8"))
    return [Station(**each) for each in found[:number]]


def air_of(stations: list[Station], hours: Ints, *, seed: int) -> Floats:
    """Give the true hourly means, [stations, pollutants, hours]; `hours` are Unix hours (UTC), in any order.

    Weather moves all stations together over days and half days, each has a share of its own; the dry season is worse,
    rush hours and still nights too, and ozone comes with the afternoon's sun.
    """
    local = (hours + OFFSET_H) % 24
    season = 0.35 * np.cos(2 * np.pi * ((hours / 24 % 365.25) - 15) / 365.25)
    weather = 0.45 * _smooth(seed, 0, hours, 60) + 0.25 * _smooth(seed, 1, hours, 14)
    found = [_station(each, number, hours, local, season + weather, seed) for number, each in enumerate(stations)]
    return np.stack(found)


def _station(station: Station, number: int, hours: Ints, local: Ints, common: Floats, seed: int) -> Floats:
    own = 0.22 * _smooth(seed, 10 + number, hours, 9) + 0.12 * _smooth(seed, 30 + number, hours, 3)
    rush = _bump(local, 7, 2.0) + 0.8 * _bump(local, 19, 2.5)
    night = _bump(local, 2, 4.0)
    sun = _bump(local, 14, 3.0)
    still = np.exp(common + own)
    fine = (12 + 4 * station.industry) * still * (1 + 0.7 * station.traffic * rush + 0.35 * night)
    coarse = (9 + 5 * station.traffic) * np.exp(0.6 * common + 0.5 * own) * (1 + 0.8 * rush)
    nitrogen = (14 + 16 * station.traffic * (0.4 + rush)) * np.exp(0.5 * common + 0.6 * own)
    ozone = (22 + 85 * sun) * np.exp(-0.25 * common + 0.5 * own) / (1 + 0.25 * station.traffic * rush)
    sulphur = (9 + 22 * station.industry) * np.exp(0.5 * common + own)
    carbon = (350 + 650 * station.traffic * (0.3 + rush)) * np.exp(0.5 * common + 0.4 * own)
    return np.stack([fine, fine + coarse, ozone, nitrogen, sulphur, carbon])


def _bump(local: Ints, at: float, width: float) -> Floats:
    """Give a bell around an hour of the day."""
    apart = np.minimum((local - at) % 24, (at - local) % 24)
    found: Floats = np.exp(-0.5 * (apart / width) ** 2)
    return found


def _smooth(seed: int, line: int, hours: Ints, every: int) -> Floats:
    """Give noise of mean 0 and deviation near 1 that changes within `every` hours; any hour by itself."""
    places = np.asarray(hours) / every
    first = np.floor(places).astype(np.int64)
    nodes = {each: np.random.default_rng([seed, line, each]).standard_normal() for each in _range(first)}
    share = places - first
    before, after = (np.array([nodes[each] for each in (first + step).tolist()]) for step in (0, 1))
    weight = 0.5 - 0.5 * np.cos(np.pi * share)
    return np.asarray(before * (1 - weight) + after * weight)


def _range(first: Ints) -> list[int]:
    return sorted({*first.tolist(), *(first + 1).tolist()})


def noise(stations: int, hours: Ints, *, seed: int) -> Floats:
    """Give the instruments' noise as factors, [stations, pollutants, hours]; the same for the same hour."""
    shape = stations, len(POLLUTANTS)
    drawn = [np.random.default_rng([seed, 99, int(hour)]).standard_normal(shape) for hour in hours.tolist()]
    return 1 + NOISE * np.stack(drawn, axis=-1)
