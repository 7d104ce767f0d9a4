"""The simulated city: all lamps and cabinets, minute after minute, what goes wrong and what gets lost on the way."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np

from simulators.lighting.channel import Channel, Fates, has_arrived
from simulators.lighting.controllers import Controllers
from simulators.lighting.effects import Effects, Lamps
from simulators.lighting.energy import use_since
from simulators.lighting.faults import CABINET_FAULTS, COMMANDS, LAMP_FAULTS, NOTHING, Event, Kind, Plan
from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Floats, Frame, Ints, new_chance
from simulators.lighting.physics import (
    CURRENT_NOISE,
    CURRENT_STEP_A,
    LAMP_VOLTAGE_NOISE_V,
    NOISE,
    PHASE_V,
    POWER_FACTOR,
    TOLERANCE,
    Clocks,
    draw_w,
    mains_v,
)
from simulators.lighting.programme import DEFAULT, local_noon_s

COMMISSIONED_S: Final = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
"""Since when registers count by the programme, and so the earliest time of this city; what they showed before differs
from lamp to lamp."""
LIT_W: Final = 5.0
CALM_V: Final = 0.7
"""Standard deviation of a cabinet's slow wandering of voltage."""
CALM_MIN: Final = 15.0
LAMP_MESSAGES: Final = 6
CABINET_MESSAGES: Final = 6


class Minute(NamedTuple):
    """All that was measured at one full minute, and what becomes of each message of it."""

    at: datetime
    lamps: Floats
    """[6, n] power W, energy kWh, level %, voltage V, operating hours, flags: in the order of `Frame`."""
    lamp_fates: Fates
    cabinets: Floats
    """[6, c] voltages A, B, C in V, then currents A, B, C in A."""
    cabinet_fates: Fates


class City:
    """Lamps with everything that happens to them. Steps come in order of time; the same seed gives the same city."""

    def __init__(self, fleet: Fleet, seed: int, plan: Plan = NOTHING) -> None:
        self.fleet = fleet
        self.truth: list[dict[str, Any]] = []
        """What truly happened up to the last step, as lines of the truth file."""
        self.rated_w = fleet.rated_w.copy()
        """[n] each lamp's rating as it is registered now: lamps get replaced."""
        built, self._chance = new_chance(seed, 1), new_chance(seed, 2)
        self._off_rating = 1 + np.clip(built.normal(0, TOLERANCE, fleet.lamps), -2 * TOLERANCE, 2 * TOLERANCE)
        self.full_w = self.rated_w * self._off_rating
        """[n] what each truly draws at full light, when it is warm."""
        self.clocks = Clocks(fleet.lamps, built)
        self.controllers = Controllers(fleet, self.clocks)
        self.effects = Effects(fleet, built)
        self._before_kwh = np.round(built.uniform(0, 400, fleet.lamps), 3)
        self._before_h = np.round(built.uniform(0, 4000, fleet.lamps), 2)
        self._drop_v = built.uniform(0, 3, fleet.lamps)
        self._offset_v = built.normal(0, 1.2, (fleet.cabinets, 1)) + PHASE_V
        self._channel = Channel(new_chance(seed, 3))
        self._wander_v = np.zeros((fleet.cabinets, 3))
        self._planned = list(plan.events)
        self._active: dict[str, Event] = {}
        self._busy = np.zeros(fleet.lamps, dtype=np.int64)
        self._lit_min = np.full(fleet.lamps, 60.0)
        self._power_w = np.zeros(fleet.lamps)
        self._energy_kwh = np.zeros(fleet.lamps)
        self._operating_h = np.zeros(fleet.lamps)
        self._last_s: float | None = None
        self.minute: Minute | None = None
        """The last step with all it measured, for who sends the messages."""

    @property
    def commanded_percent(self) -> Floats:
        """[n] the level that a command holds each lamp at, NaN where none does: what who commands knows."""
        return self.controllers.override_percent

    @property
    def active(self) -> Mapping[str, Event]:
        """What acts now, by id."""
        return self._active

    def step(self, at: datetime) -> Frame:
        """Live until a full minute, measure, and give what arrives of it."""
        now_s = at.timestamp()
        if self._last_s is None:
            energy, hours = self.registers_at(np.array([now_s]))
            self._energy_kwh, self._operating_h = energy[0], hours[0]
        passed_min = 1.0 if self._last_s is None else max(0.0, (now_s - self._last_s) / 60)
        self._last_s = now_s
        self._pass_events(now_s)
        reported = self._shine(now_s, passed_min)
        voltage = self._mains(at, passed_min)
        self.minute = self._measure(at, reported, voltage)
        return self._arrive(self.minute)

    def registers_at(self, moments_s: Floats) -> tuple[Floats, Floats]:
        """Give what registers show after nothing but the default programme: kWh and hours, both [t, n].

        Raises ValueError for moments before the city was commissioned.
        """
        if np.min(moments_s) < COMMISSIONED_S:
            raise ValueError("the city was not commissioned then")
        fleet = self.fleet
        # Up to a noon, when no lamp is warming, then from there: the long way is walked once for all moments.
        noon_s = max(COMMISSIONED_S, local_noon_s(float(np.min(moments_s)), DEFAULT.zone) - 86_400)
        place = {"lon": fleet.cabinet_lon, "lat": fleet.cabinet_lat}
        before = use_since(COMMISSIONED_S, np.array([noon_s]), programme=DEFAULT, **place)
        use = use_since(noon_s, moments_s, programme=DEFAULT, **place)
        energy = self._before_kwh + before.energy_kwh(self.full_w, fleet.cabinet)
        hours = self._before_h + before.lit_h[:, fleet.cabinet]
        return energy + use.energy_kwh(self.full_w, fleet.cabinet), hours + use.lit_h[:, fleet.cabinet]

    def remember(self, energy_kwh: Floats, operating_h: Floats, at_s: float) -> None:
        """Begin with registers that were kept at a moment; what has passed since went by the programme."""
        energy, hours = self.registers_at(np.array([at_s]))
        self._before_kwh = self._before_kwh + energy_kwh - energy[0]
        self._before_h = self._before_h + operating_h - hours[0]

    def registers(self) -> tuple[float, Floats, Floats] | None:
        """Give the moment of the last step and what registers showed then; None before the first."""
        return None if self._last_s is None else (self._last_s, self._energy_kwh, self._operating_h)

    def look(self, at: datetime) -> Minute:
        """Measure between two steps, without living on: what a controller says at once when something changed."""
        if self._last_s is None:
            raise RuntimeError("a city takes its first step before it is looked at")
        reported = self._shine(at.timestamp(), 0.0)
        return self._measure(at, reported, self._mains(at, 0.0))

    def add(self, plan: Plan) -> None:
        """Take more that will happen."""
        self._planned = sorted([*self._planned, *plan.events], key=lambda each: each.begin_s)

    def begin(self, event: Event, now_s: float) -> bool:
        """Let an event act from now on; False, and nothing happens, if one of its lamps has another fault."""
        takes = event.kind in (*LAMP_FAULTS, *CABINET_FAULTS, Kind.REPLACED_LAMP)
        lamps = np.array(event.lamps, dtype=np.int64)
        if event.id in self._active or (takes and self._busy[lamps].any()):
            return False
        if takes:
            self._busy[lamps] += 1
        if event.kind in COMMANDS:
            self.controllers.override(lamps, event.strength, event.end_s)
        if event.kind is Kind.REPLACED_LAMP:
            self._replace(lamps, event.strength)
        self._active[event.id] = event
        self.effects.set(self._active.values())
        self.truth.append(event.truth(self.fleet, event="begin", at_s=now_s))
        return True

    def end(self, event_id: str, now_s: float) -> None:
        """Mend what an event broke. Raises KeyError if it doesn't act."""
        event = self._active.pop(event_id)
        if event.kind in (*LAMP_FAULTS, *CABINET_FAULTS, Kind.REPLACED_LAMP):
            self._busy[np.array(event.lamps, dtype=np.int64)] -= 1
        self.effects.set(self._active.values())
        self.truth.append(event.truth(self.fleet, event="end", at_s=now_s))

    def _pass_events(self, now_s: float) -> None:
        for event in [each for each in self._active.values() if each.end_s <= now_s]:
            self.end(event.id, now_s)
        while self._planned and self._planned[0].begin_s <= now_s:
            event = self._planned.pop(0)
            if event.end_s > now_s:
                self.begin(event, now_s)

    def _replace(self, lamps: Ints, rated_w: float) -> None:
        self.rated_w[lamps] = rated_w
        self.full_w[lamps] = rated_w * self._off_rating[lamps]
        self._energy_kwh[lamps] = self._operating_h[lamps] = self._lit_min[lamps] = 0.0

    def _shine(self, now_s: float, passed_min: float) -> Floats:
        """Let lamps do what they do for the minute that ends now; gives the levels they report."""
        level = self.controllers.levels(now_s)
        power = draw_w(self.full_w, level, self._lit_min)
        lamps = Lamps(level, level.copy(), power, self._lit_min, self.full_w)
        self.effects.apply(lamps, now_s)
        lit = power > LIT_W
        self._lit_min = np.where(lit, self._lit_min + passed_min, 0.0)
        self._energy_kwh += power * (passed_min / 60_000)
        self._operating_h += lit * (passed_min / 60)
        self._power_w = power
        return lamps.reported_percent

    def _mains(self, at: datetime, passed_min: float) -> Floats:
        """Give the voltage of each cabinet's phases, [c, 3]."""
        keep = float(np.exp(-passed_min / CALM_MIN))
        stir = CALM_V * float(np.sqrt(1 - keep * keep))
        self._wander_v = keep * self._wander_v + stir * self._chance.standard_normal(self._wander_v.shape)
        voltage = mains_v(at, DEFAULT.zone) + self._offset_v + self._wander_v
        return np.asarray(voltage * self.effects.voltage_share)

    def _measure(self, at: datetime, reported: Floats, voltage: Floats) -> Minute:
        lamps, fleet = self.fleet.lamps, self.fleet
        noise = self._chance.standard_normal((2, lamps), dtype=np.float32)
        at_lamp = voltage.ravel()[fleet.feeder] - self._drop_v * (self._power_w > LIT_W)
        measured = np.empty((LAMP_MESSAGES, lamps))
        measured[0] = np.maximum(0.0, self._power_w * (1 + NOISE * noise[0]))
        measured[1] = self._energy_kwh
        measured[2] = reported
        measured[3] = np.maximum(0.0, at_lamp + LAMP_VOLTAGE_NOISE_V * noise[1])
        measured[4] = self._operating_h
        measured[5] = self.effects.flags(at.timestamp())
        for row, decimals in ((0, 1), (1, 3), (3, 1), (4, 2)):
            np.round(measured[row], decimals, out=measured[row])
        return Minute(
            at,
            measured,
            self._channel.fates(LAMP_MESSAGES, self.effects.is_silent),
            self.measure_cabinets(voltage),
            self._channel.fates(CABINET_MESSAGES, self.effects.is_cabinet_silent),
        )

    def measure_cabinets(self, voltage: Floats) -> Floats:
        """Measure voltages [c, 3] and what flows now, [6, c]."""
        drawn = np.bincount(self.fleet.feeder, self._power_w, self.fleet.cabinets * 3).reshape(-1, 3)
        current = drawn / POWER_FACTOR / np.maximum(voltage, 1.0) * self.effects.is_fed
        noise = self._chance.standard_normal((3, *voltage.shape))
        current = current * (1 + CURRENT_NOISE * noise[0]) + CURRENT_STEP_A * noise[1]
        seen = voltage + 0.2 * noise[2]
        return np.concatenate((np.round(np.maximum(seen, 0), 1).T, np.round(np.maximum(current, 0), 2).T))

    @staticmethod
    def _arrive(minute: Minute) -> Frame:
        lamps = np.where(has_arrived(minute.lamp_fates), minute.lamps, np.nan)
        cabinets = np.where(has_arrived(minute.cabinet_fates), minute.cabinets, np.nan)
        power, energy, level, voltage, hours, flags = lamps
        return Frame(minute.at, power, energy, level, voltage, hours, flags, cabinets[:3].T, cabinets[3:].T)
