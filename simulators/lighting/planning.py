"""Plans of what goes wrong, made from a seed: for measurements over some nights, and day by day for a living city."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from simulators.lighting.faults import CABINET_FAULTS, COMMANDS, LAMP_FAULTS, Event, Kind, Plan, members_of
from simulators.lighting.fleet import Fleet
from simulators.lighting.programme import DEFAULT, local_noon_s
from simulators.lighting.sun import is_dark

HOUR_S: Final = 3600.0
DAY_S: Final = 86_400.0
BENCH_COUNTS: Final[Mapping[Kind, int]] = {
    **dict.fromkeys((*LAMP_FAULTS, *CABINET_FAULTS), 220),
    Kind.GRID_DIP: 160,
    Kind.PLANNED_DIMMING: 160,
    Kind.MAINTENANCE: 160,
    Kind.REPLACED_LAMP: 80,
    Kind.FOG: 30,
}
LIVE_COUNTS: Final[Mapping[Kind, int]] = {
    Kind.LAMP_OUT: 20,
    Kind.DAY_BURNING: 10,
    Kind.CYCLING: 10,
    Kind.DIMMING_NOT_OBEYED: 10,
    Kind.POWER_DRIFT: 6,
    Kind.LAMP_SILENT: 20,
    Kind.FEEDER_LOST: 6,
    Kind.GATEWAY_SILENT: 4,
    Kind.GRID_DIP: 10,
}
"""What a day of 6,000 lamps brings: about four an hour. Commands come from people alone."""
FULL_FLEET: Final = 6000
QUIET_S: Final = 3 * HOUR_S
"""Between two faults of one lamp."""
FLAGGED: Final = 0.4
TRIES: Final = 400
SHOWN_DRIFT: Final = 0.15


def bench_plan(
    fleet: Fleet, *, seed: int, begin: datetime, nights: int, counts: Mapping[Kind, int] = BENCH_COUNTS
) -> Plan:
    """Plan so many events of each kind between two hours after `begin` and an hour before `nights` days have passed.

    Raises ValueError if the lamps and nights have no room for them.
    """
    first_s = begin.timestamp()
    span_s = (first_s + 2 * HOUR_S, first_s + nights * DAY_S - HOUR_S)
    noon_s = local_noon_s(first_s, DEFAULT.zone)
    return _Planner(fleet, np.random.default_rng(seed), noon_s, nights, span_s).plan(counts)


def day_plan(fleet: Fleet, *, seed: int, day: datetime) -> Plan:
    """Plan what begins on a local day and in the night that follows; the same seed and day give the same plan."""
    noon_s = local_noon_s(day.timestamp(), DEFAULT.zone)
    chance = np.random.default_rng([seed, int(noon_s // DAY_S)])
    planner = _Planner(fleet, chance, noon_s, 1, (noon_s - DAY_S, noon_s + 30 * DAY_S))
    counts = {kind: chance.poisson(count * fleet.lamps / FULL_FLEET) for kind, count in LIVE_COUNTS.items()}
    return planner.plan(counts, prefix=f"{datetime.fromtimestamp(noon_s, tz=UTC):%Y%m%d}-", must=False)


class _Planner:
    def __init__(
        self, fleet: Fleet, chance: np.random.Generator, noon_s: float, nights: int, span_s: tuple[float, float]
    ) -> None:
        self._fleet = fleet
        self._chance = chance
        self._noon_s = noon_s
        self._nights = nights
        self._first_s, self._last_s = span_s
        self._busy: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self._lit_by_day: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self._draws: dict[Kind, Callable[[str], Event]] = {
            Kind.LAMP_OUT: self._lamp_out,
            Kind.DAY_BURNING: self._day_burning,
            Kind.CYCLING: self._cycling,
            Kind.DIMMING_NOT_OBEYED: self._dimming,
            Kind.POWER_DRIFT: self._drift,
            Kind.LAMP_SILENT: self._lamp_silent,
            Kind.FEEDER_LOST: self._feeder,
            Kind.GATEWAY_SILENT: self._gateway,
            Kind.GRID_DIP: self._dip,
            Kind.PLANNED_DIMMING: self._planned_dimming,
            Kind.MAINTENANCE: self._maintenance,
            Kind.REPLACED_LAMP: self._replaced,
            Kind.FOG: self._fog,
        }

    def plan(self, counts: Mapping[Kind, int], *, prefix: str = "", must: bool = True) -> Plan:
        """Place what concerns many lamps first, as it is the hardest to place."""
        events: list[Event] = []
        for kind in (Kind.GATEWAY_SILENT, Kind.FEEDER_LOST, *COMMANDS, Kind.GRID_DIP, Kind.REPLACED_LAMP, *LAMP_FAULTS):
            for number in range(counts.get(kind, 0)):
                event = self._place(kind, f"{prefix}{kind}-{number + 1}")
                if event is not None:
                    events.append(event)
                elif must:
                    raise ValueError(f"no room for {kind} number {number + 1}")
        return Plan(tuple(events))

    def _place(self, kind: Kind, name: str) -> Event | None:
        for _ in range(TRIES):
            event = self._draws[kind](name)
            if self._first_s <= event.begin_s and event.end_s <= self._last_s and self._is_free(event):
                self._take(event)
                return event
        return None

    def _is_free(self, event: Event) -> bool:
        if event.kind in (*COMMANDS, Kind.GRID_DIP):
            return True
        taken = any(_meets(self._busy[lamp], event) for lamp in event.lamps)
        # A lamp that sticks can't be told from one that is commanded on.
        unclear = event.kind is Kind.DAY_BURNING and _meets(self._lit_by_day[event.lamps[0]], event)
        return not taken and not unclear

    def _take(self, event: Event) -> None:
        if event.kind in (Kind.PLANNED_DIMMING, Kind.GRID_DIP):
            return
        book = self._lit_by_day if event.kind in COMMANDS else self._busy
        for lamp in event.lamps:
            book[lamp].append((event.begin_s, event.end_s))

    def _between(self, low: float, high: float) -> float:
        return float(self._chance.uniform(low, high))

    def _at(self, low_hour: float, high_hour: float) -> float:
        """Draw a full minute between two hours of local time after the midnight before one of the nights."""
        noon = self._noon_s + int(self._chance.integers(0, self._nights)) * DAY_S
        return _minute(noon + (self._between(low_hour, high_hour) - 12) * HOUR_S)

    def _repair(self, begin_s: float, days: int) -> float:
        """Draw when a crew has mended it: by day, on the next day or up to so many later."""
        midnight = local_noon_s(begin_s, DEFAULT.zone) + 12 * HOUR_S
        return _minute(midnight + int(self._chance.integers(0, days)) * DAY_S + self._between(8, 17) * HOUR_S)

    def _lamp(self) -> int:
        return int(self._chance.integers(0, self._fleet.lamps))

    def _is_flagged(self) -> bool:
        return bool(self._chance.random() < FLAGGED)

    def _first(self, lamp: int, from_s: float, *, dark: bool) -> float:
        """Give the first five minutes from a moment on in which it is dark, or light, at a lamp."""
        moments = from_s + np.arange(0, 2 * DAY_S, 300.0)
        found = is_dark(float(self._fleet.lon[lamp]), float(self._fleet.lat[lamp]), moments) == dark
        return float(moments[int(np.argmax(found))]) if found.any() else from_s

    def _lamp_out(self, name: str) -> Event:
        begin = self._at(18.8, 26.5)
        drawn = self._between(0, 3)
        return self._of_lamp(name, Kind.LAMP_OUT, begin, self._repair(begin, 3), strength=drawn)

    def _cycling(self, name: str) -> Event:
        begin = self._at(18.8, 26.5)
        period = float(self._chance.integers(4, 13))
        return self._of_lamp(name, Kind.CYCLING, begin, self._repair(begin, 3), strength=period)

    def _day_burning(self, name: str) -> Event:
        begin = self._at(4.5, 14.0)
        end = self._repair(begin, 2) if self._chance.random() < 0.5 else _minute(begin + self._between(3, 8) * HOUR_S)
        variant = int(self._chance.integers(0, 2))
        return self._of_lamp(name, Kind.DAY_BURNING, begin, end, variant=variant, dark=False)

    def _dimming(self, name: str) -> Event:
        begin = self._at(18.8, 25.5)
        variant = int(self._chance.random() < 0.4)
        kept = float(self._chance.choice([100.0, 100.0, 40.0])) if variant else 100.0
        event = self._of_lamp(
            name, Kind.DIMMING_NOT_OBEYED, begin, self._repair(begin, 3), strength=kept, variant=variant
        )
        dimmed = self._noon_of(begin) + 10 * HOUR_S
        return event if kept < 100 else replace(event, visible_s=max(begin, dimmed))

    def _drift(self, name: str) -> Event:
        begin = self._at(0, 24)
        strength = self._between(SHOWN_DRIFT, 0.40) * (1 if self._chance.random() < 0.25 else -1)
        ramp = self._between(3, 30) * HOUR_S
        end = self._repair(begin + ramp + DAY_S, 2)
        event = self._of_lamp(name, Kind.POWER_DRIFT, begin, end, strength=strength, full_s=begin + ramp)
        shown = begin + ramp * SHOWN_DRIFT / abs(strength)
        return replace(event, visible_s=self._first(event.lamps[0], shown, dark=True))

    def _lamp_silent(self, name: str) -> Event:
        begin = self._at(0, 24)
        return self._of_lamp(name, Kind.LAMP_SILENT, begin, _minute(begin + self._between(1, 30) * HOUR_S))

    def _of_lamp(
        self,
        name: str,
        kind: Kind,
        begin: float,
        end: float,
        *,
        strength: float = 0.0,
        variant: int = 0,
        full_s: float = 0.0,
        dark: bool | None = None,
    ) -> Event:
        lamp = self._lamp()
        visible = begin if dark is None else self._first(lamp, begin, dark=dark)
        flagged = kind is not Kind.LAMP_SILENT and self._is_flagged()
        return Event(name, kind, begin, end, (lamp,), -1, -1, strength, variant, full_s, visible, flagged)

    def _feeder(self, name: str) -> Event:
        cabinet, phase = int(self._chance.integers(0, self._fleet.cabinets)), int(self._chance.integers(0, 3))
        begin = self._at(18.8, 28.0) if self._chance.random() < 0.8 else self._at(7, 17)
        end = _minute(begin + self._between(0.7, 5) * HOUR_S)
        lamps = members_of(self._fleet, cabinet, phase)
        variant = int(self._chance.integers(0, 2))
        return Event(name, Kind.FEEDER_LOST, begin, end, lamps, cabinet, phase, variant=variant, visible_s=begin)

    def _gateway(self, name: str) -> Event:
        cabinet = int(self._chance.integers(0, self._fleet.cabinets))
        begin = self._at(0, 24)
        end = _minute(begin + self._between(0.7, 6) * HOUR_S)
        return Event(name, Kind.GATEWAY_SILENT, begin, end, members_of(self._fleet, cabinet), cabinet, visible_s=begin)

    def _dip(self, name: str) -> Event:
        first = int(self._chance.integers(0, self._fleet.cabinets))
        reach = min(self._fleet.cabinets, first + int(self._chance.integers(1, 9)))
        begin = self._at(0, 24) if self._chance.random() < 0.3 else self._at(18.8, 28.5)
        end = begin + 60.0 * int(self._chance.integers(1, 4))
        where = tuple(range(first, reach))
        lamps = tuple(int(lamp) for lamp in np.flatnonzero(np.isin(self._fleet.cabinet, where)))
        left = self._between(0.55, 0.88)
        return Event(name, Kind.GRID_DIP, begin, end, lamps, strength=left, visible_s=begin, cabinets=where)

    def _planned_dimming(self, name: str) -> Event:
        begin = self._at(18.8, 27.0)
        # An override holds by day too, so it ends before dawn.
        end = min(_minute(begin + self._between(0.5, 5) * HOUR_S), self._noon_of(begin) + 17 * HOUR_S)
        level = float(self._chance.choice([20, 30, 40, 50, 60, 80]))
        return Event(name, Kind.PLANNED_DIMMING, begin, end, self._group(), strength=level, visible_s=begin)

    def _maintenance(self, name: str) -> Event:
        begin = self._at(8, 16)
        end = _minute(begin + self._between(0.4, 1.8) * HOUR_S)
        first = self._lamp()
        lamps = tuple(range(first, min(self._fleet.lamps, first + int(self._chance.integers(1, 11)))))
        return Event(name, Kind.MAINTENANCE, begin, end, lamps, strength=100.0, visible_s=begin)

    def _replaced(self, name: str) -> Event:
        lamp = self._lamp()
        begin = self._at(8, 16)
        end = _minute(begin + self._between(0.3, 1.0) * HOUR_S)
        others = [watts for watts in (60.0, 80.0, 100.0, 120.0, 150.0) if watts != self._fleet.rated_w[lamp]]
        rated = float(self._chance.choice(others))
        return Event(name, Kind.REPLACED_LAMP, begin, end, (lamp,), strength=rated, visible_s=begin)

    def _fog(self, name: str) -> Event:
        begin = self._at(5.0, 7.0)
        end = _minute(begin + self._between(1, 3) * HOUR_S)
        everywhere = self._chance.random() < 0.07
        street = int(self._chance.integers(0, len(self._fleet.streets)))
        lamps = np.arange(self._fleet.lamps) if everywhere else np.flatnonzero(self._fleet.street == street)
        return Event(name, Kind.FOG, begin, end, tuple(int(lamp) for lamp in lamps), strength=100.0, visible_s=begin)

    def _group(self) -> tuple[int, ...]:
        """Draw a lamp, a cabinet or a street."""
        draw = self._chance.random()
        if draw < 0.4:
            return (self._lamp(),)
        if draw < 0.8:
            return members_of(self._fleet, int(self._chance.integers(0, self._fleet.cabinets)))
        street = int(self._chance.integers(0, len(self._fleet.streets)))
        return tuple(int(lamp) for lamp in np.flatnonzero(self._fleet.street == street))

    def _noon_of(self, moment_s: float) -> float:
        """Give the noon before the night of a moment."""
        return local_noon_s(moment_s - 12 * HOUR_S, DEFAULT.zone)


def _meets(spans: list[tuple[float, float]], event: Event) -> bool:
    return any(begin < event.end_s + QUIET_S and event.begin_s < end + QUIET_S for begin, end in spans)


def _minute(epoch_s: float) -> float:
    return float(np.round(epoch_s / 60.0) * 60.0)
