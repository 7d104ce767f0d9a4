"""What lamps should do, by what who commands them knows: the light programme, and the commands that were issued."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset

from dothi.domains.lighting.rules.detection import SETTLE_MIN
from dothi.domains.lighting.types.detection import Bools, Expected, Floats, Ints
from simulators.lighting.fleet import Fleet

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
DIMMED: Final = 70.0
DIMMED_FROM: Final = 22 * 60
DIMMED_UNTIL: Final = 4 * 60 + 30
"""The programme that devices start with: full light from sunset, these minutes of the local day dimmed, to sunrise."""


class Command(NamedTuple):
    """An override: lamps held at a level from one moment until another, in seconds of Unix time."""

    begin_s: float
    until_s: float
    lamps: Ints
    level_percent: float


class Expectation:
    """Gives what is expected of each lamp, minute after minute; sun by astral for the middle of each street."""

    def __init__(self, fleet: Fleet, begin: datetime, days: int, commands: Sequence[Command]) -> None:
        self._street = fleet.street
        self._nights = [
            _nights(float(fleet.lon[here].mean()), float(fleet.lat[here].mean()), begin, days)
            for here in (fleet.street == number for number in range(len(fleet.streets)))
        ]
        self._waiting = sorted(commands, key=lambda each: each.begin_s)
        self._level = np.full(fleet.lamps, np.nan)
        self._until_s = np.full(fleet.lamps, np.inf)

    def at(self, moment: datetime) -> Expected:
        """Give what is expected at a moment; moments come in order."""
        now_s, soon = moment.timestamp(), moment + timedelta(minutes=SETTLE_MIN)
        self._obey(now_s)
        dark, by_programme = self._programme(moment)
        _, then = self._programme(soon)
        commanded = ~np.isnan(self._level)
        level = np.where(commanded, self._level, by_programme)
        stays = commanded & (self._until_s > soon.timestamp())
        return Expected(
            level_percent=level,
            # Crews at work are known by the commands they gave, and by nothing else.
            is_exempt=np.zeros_like(commanded),
            is_dark=dark,
            is_changing=(np.where(stays, level, then) != level),
        )

    def _programme(self, moment: datetime) -> tuple[Bools, Floats]:
        """Give whether it is dark, and the programme's level."""
        dark = self._dark(moment.timestamp())
        local = moment.astimezone(ZONE)
        minute = local.hour * 60 + local.minute
        level = DIMMED if minute >= DIMMED_FROM or minute < DIMMED_UNTIL else 100.0
        return dark, np.where(dark, level, 0.0)

    def _obey(self, now_s: float) -> None:
        while self._waiting and self._waiting[0].begin_s <= now_s:
            command = self._waiting.pop(0)
            self._level[command.lamps] = command.level_percent
            self._until_s[command.lamps] = command.until_s
        self._level[self._until_s <= now_s] = np.nan

    def _dark(self, now_s: float) -> Bools:
        by_street = np.array([bool(((nights[0] <= now_s) & (now_s < nights[1])).any()) for nights in self._nights])
        return np.asarray(by_street[self._street])


def _nights(lon: float, lat: float, begin: datetime, days: int) -> Floats:
    """Give sunsets and the sunrises after them, [2, days], as Unix time."""
    place = Observer(latitude=lat, longitude=lon)
    first = begin.astimezone(ZONE).date() - timedelta(days=1)
    dates = [first + timedelta(days=number) for number in range(days + 2)]
    downs = [sunset(place, date, tzinfo=UTC).timestamp() for date in dates]
    ups = [sunrise(place, date + timedelta(days=1), tzinfo=ZONE).timestamp() for date in dates]
    return np.array([downs, ups])
