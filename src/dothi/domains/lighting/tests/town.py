"""A small town of lamps for the tests of detection: what healthy lamps send, minute after minute."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from dothi.domains.lighting.rules import detection
from dothi.domains.lighting.types.detection import (
    CabinetSample,
    Expected,
    FaultRule,
    Finding,
    FindingKind,
    Floats,
    Sample,
    Sites,
)

BEGIN: Final = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
STANDBY_W: Final = 0.8
Change = Callable[[Sample], None]
"""Changes the arrays of a minute in place: a fault, or what gets lost."""


def nothing(_sample: Sample) -> None:
    """Change nothing."""


class Town:
    """Cabinets of three phases, so many lamps on each; `seed` decides the lamps, the noise and what is lost."""

    def __init__(self, *, cabinets: int = 3, lamps_per_phase: int = 5, seed: int = 0, lost_share: float = 0.03) -> None:
        self._chance = np.random.default_rng(seed)
        self._lost_share = lost_share
        feeders = np.repeat(np.arange(3 * cabinets), lamps_per_phase)
        self.sites = Sites(
            lamp_id=np.arange(len(feeders)) + 1000,
            cabinet_id=np.arange(cabinets) + 10,
            cabinet=feeders // 3,
            phase=feeders % 3,
            rated_w=self._chance.choice([60.0, 100.0, 150.0], len(feeders)),
        )
        self.true_w = self.sites.rated_w * self._chance.uniform(0.97, 1.03, len(feeders))
        self.state = detection.fresh_state(self.sites)
        self.at = BEGIN

    @property
    def lamps(self) -> int:
        """How many lamps there are."""
        return len(self.sites.lamp_id)

    def members(self, cabinet: int, phase: int) -> tuple[int, ...]:
        """Give the lamps on a phase."""
        here = (self.sites.cabinet == cabinet) & (self.sites.phase == phase)
        return tuple(np.flatnonzero(here).tolist())

    def expected(
        self, level: float | Floats, *, dark: bool | None = None, changing: bool = False, exempt: bool = False
    ) -> Expected:
        """Expect a level of every lamp; by night if it is above 0 and nothing else is said."""
        wanted = np.broadcast_to(np.asarray(level, dtype=float), (self.lamps,)).copy()
        no = np.zeros(self.lamps, dtype=bool)
        is_dark = wanted > 0 if dark is None else ~no & dark
        return Expected(wanted, no | exempt, is_dark, no | changing)

    def sample(self, level_percent: Floats) -> Sample:
        """Measure healthy lamps at these levels, with 2 % noise, and lose some of it."""
        share = np.where(level_percent > 0, 0.05 + 0.95 * level_percent / 100, 0.0)
        power = np.where(level_percent > 0, self.true_w * share, STANDBY_W)
        amps = np.bincount(self.sites.cabinet * 3 + self.sites.phase, power, 3 * len(self.sites.cabinet_id)) / 218
        sample = Sample(
            power_w=power * self._noise(power.shape, 0.02),
            level_percent=level_percent.copy(),
            voltage_v=230 * self._noise(power.shape, 0.01),
            flags=np.zeros(self.lamps),
            cabinet_voltage_v=230 * self._noise((len(self.sites.cabinet_id), 3), 0.01),
            cabinet_current_a=amps.reshape(-1, 3) * self._noise((len(self.sites.cabinet_id), 3), 0.01),
        )
        for array in sample:
            array[self._chance.random(array.shape) < self._lost_share] = np.nan
        return sample

    def _noise(self, shape: tuple[int, ...], share: float) -> Floats:
        return np.asarray(1 + share * np.clip(self._chance.standard_normal(shape), -4, 4))

    def live(self, minutes: int, expected: Expected, change: Change = nothing) -> list[Finding]:
        """Let minutes pass, all with the same expectation; gives what came and went."""
        return self.live_through([self.minute(expected, change) for _ in range(minutes)], expected)

    def minute(self, expected: Expected, change: Change = nothing) -> Sample:
        """Measure lamps that do what is expected, but for a change."""
        sample = self.sample(expected.level_percent)
        change(sample)
        return sample

    def live_through(self, samples: Sequence[Sample], expected: Expected) -> list[Finding]:
        """Let the minutes of these samples pass."""
        found = []
        for sample in samples:
            self.state, findings = detection.step(self.state, self.at, sample, expected)
            found.extend(findings)
            self.at += timedelta(minutes=1)
        return found

    def hear(self, sample: CabinetSample, expected: Expected) -> list[Finding]:
        """Take a cabinet's message between two minutes."""
        self.state, findings = detection.step_cabinet(self.state, self.at, sample, expected)
        return findings

    def register(self, lamp: int, rated_w: float) -> None:
        """Replace a lamp by one of another power, and register it so."""
        rated = self.sites.rated_w.copy()
        rated[lamp] = self.true_w[lamp] = rated_w
        self.sites = replace(self.sites, rated_w=rated)
        self.state = detection.with_sites(self.state, self.sites)


def told(findings: list[Finding]) -> list[tuple[FaultRule, FindingKind, int, str]]:
    """Give findings without their times and members."""
    return [(each.rule, each.kind, each.subject, each.key) for each in findings]
