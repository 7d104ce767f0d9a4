"""What devices would have told before the first day, bounded and marked: so that no page begins empty."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from simulators.lighting.city import City
from simulators.lighting.controllers import Controllers
from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Floats, Ints
from simulators.lighting.physics import NOISE, WARM_UP_MIN, draw_w
from simulators.lighting.programme import DEFAULT, local_noon_s
from simulators.lighting.registration import Registered
from simulators.outsider.entities import API
from simulators.outsider.web import NotYet, Web

DAY_S: Final = 86_400.0
HOUR_S: Final = 3_600.0
DAYS: Final = 31
WEEKS: Final = 48
"""After the days, back to a year."""
STREET_DAYS: Final = 30
STREET: Final = "vo-van-kiet"
"""The one street that also gets hours: some 200 lamps."""
ROWS: Final = 1_000
"""In a request: small ones keep the platform free for others."""
SHARE: Final = 0.5
"""Of the time, requests may take at most this much."""
MARK: Final = {"backfill": True}
POWER: Final = 0
ENERGY: Final = 1

Series = tuple[int, Floats, Floats]
"""A Datastream, its times [t] and its values [t]."""


class Past:
    """Works out the past of a city before a moment; the same city and moment give the same past."""

    def __init__(self, city: City, registered: Registered, *, before_s: float, seed: int) -> None:
        self._city = city
        self._registered = registered
        self._before_s = before_s
        self._seed = seed

    def series(self) -> Iterator[Series]:
        """Give all there is, the newest and most looked at first."""
        fleet: Fleet = self._city.fleet
        everyone = np.arange(fleet.lamps)
        yield from self._power(everyone, self._hours(24))
        yield from self._energy(everyone, self._days())
        street = next((number for number, each in enumerate(fleet.streets) if each.slug == STREET), 0)
        some = np.flatnonzero(fleet.street == street)
        yield from self._power(some, self._hours(STREET_DAYS * 24)[:-24])
        yield from self._energy(some, np.setdiff1d(self._hours(STREET_DAYS * 24), self._days()))

    def _hours(self, count: int) -> Floats:
        """Give the last full hours, the oldest first."""
        last = np.ceil(self._before_s / HOUR_S) * HOUR_S
        return np.asarray(last - HOUR_S * np.arange(count, 0, -1))

    def _days(self) -> Floats:
        """Give local midnights: of each of the last days, and of each week before them, back to a year."""
        midnight = local_noon_s(self._before_s, DEFAULT.zone) - DAY_S / 2
        weeks = midnight - DAY_S * (DAYS + 7 * np.arange(WEEKS, 0, -1))
        return np.concatenate((weeks, midnight - DAY_S * np.arange(DAYS - 1, -1, -1)))

    def _power(self, lamps: Ints, moments_s: Floats) -> Iterator[Series]:
        """Give what was drawn, by the programme that devices begin with."""
        city = self._city
        controllers = Controllers(city.fleet, city.clocks)
        drawn = np.empty((len(moments_s), len(lamps)))
        for number, moment in enumerate(moments_s.tolist()):
            chance = np.random.default_rng([self._seed, int(moment // HOUR_S)])
            warm = np.full(city.fleet.lamps, WARM_UP_MIN)
            true = draw_w(city.full_w, controllers.levels(moment), warm)
            drawn[number] = np.round(true * (1 + NOISE * chance.standard_normal(city.fleet.lamps)), 1)[lamps]
        yield from self._each(lamps, POWER, moments_s, drawn)

    def _energy(self, lamps: Ints, moments_s: Floats) -> Iterator[Series]:
        """Give what registers showed: the closed form of the programme, up to what they show at the beginning."""
        energy, _ = self._city.registers_at(moments_s)
        yield from self._each(lamps, ENERGY, moments_s, np.round(energy[:, lamps], 3))

    def _each(self, lamps: Ints, stream: int, moments_s: Floats, values: Floats) -> Iterator[Series]:
        for number, lamp in enumerate(lamps.tolist()):
            yield int(self._registered.lamp_streams[lamp, stream]), moments_s, values[:, number]


def send(web: Web, past: Past, *, ended: threading.Event) -> int:
    """Send a past with CreateObservations, pausing between requests; gives how many rows were sent.

    Rows that are there already are the same ones, so whoever was interrupted begins anew. Raises NotYet, also when
    told to end, and RuntimeError.
    """
    sent = 0
    for body in bodies(past.series()):
        began = time.monotonic()
        _check(web.post(f"{API}/CreateObservations", body))
        sent += sum(len(each["dataArray"]) for each in body)
        if ended.wait((time.monotonic() - began) * (1 - SHARE) / SHARE):
            raise NotYet("told to end")
    return sent


def bodies(series: Iterator[Series]) -> Iterator[list[dict[str, Any]]]:
    """Write series as bodies of CreateObservations (OGC 18-088, 12) of about ROWS rows."""
    body: list[dict[str, Any]] = []
    rows = 0
    for stream, moments_s, values in series:
        times = [datetime.fromtimestamp(moment, tz=UTC).isoformat() for moment in moments_s.tolist()]
        body.append(
            {
                "Datastream": {"@iot.id": stream},
                "components": ["phenomenonTime", "result", "parameters"],
                "dataArray@iot.count": len(times),
                "dataArray": [[at, value, MARK] for at, value in zip(times, values.tolist(), strict=True)],
            }
        )
        rows += len(times)
        if rows >= ROWS:
            yield body
            body, rows = [], 0
    if body:
        yield body


def _check(answers: list[str]) -> None:
    refused = next((each for each in answers if each.startswith("error")), None)
    if refused is not None:
        raise RuntimeError(f"the platform refuses a row of the past: {refused}")
