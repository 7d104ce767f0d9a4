"""What lighting uses and saves: powers, prices, baselines and the monthly report."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dothi.domains.lighting.types.schedule import Cabinet, Floats, Scope

REPORT_LANGUAGES: Final = ("vi", "en")
"""The languages in which a report is kept as PDF."""


class LampPower(NamedTuple):
    """What lamps draw, in watts `[lamps]`: at full light, and switched off; and how it goes with the level.

    A driver draws `fixed_share` of the full power at any level above 0, and the rest in proportion to the level.
    """

    rated_w: Floats
    standby_w: Floats
    fixed_share: float = 0.0


class Tariff(msgspec.Struct, frozen=True):
    """What a kilowatt-hour costs from a date to another (None: until further notice), both included, and by what act.

    `currency` is ISO 4217 ("VND").
    """

    id: int
    price_per_kwh: Decimal
    currency: str
    basis: str
    valid_from: date
    valid_to: date | None = None


class Baseline(msgspec.Struct, frozen=True):
    """What one lamp drew, in watts, before the saving measure, from a date to another, and how that is known.

    `scope` and `key` say whose lamps: the city's (""), a programme's, a street's or a cabinet's.
    """

    id: int
    scope: Scope
    key: str
    power_w: float
    basis: str
    valid_from: date
    valid_to: date | None = None


class Saving(msgspec.Struct, frozen=True):
    """Energy used, the baseline's energy over the same scheduled hours, and the saved share of that (None of 0)."""

    used_kwh: float
    baseline_kwh: float

    @property
    def saved_kwh(self) -> float:
        """What was saved, in kilowatt-hours; negative where more was used."""
        return self.baseline_kwh - self.used_kwh

    @property
    def share(self) -> float | None:
        """The saved share of the baseline, up to 1; None without a baseline."""
        return self.saved_kwh / self.baseline_kwh if self.baseline_kwh > 0 else None

    @property
    def percent(self) -> float | None:
        """The saved share in percent."""
        return _percent(self.share)


class Outage(NamedTuple):
    """A lamp that failed: when the alarm was raised, and when it was cleared (None: it is still out). Aware times."""

    raised_at: datetime
    cleared_at: datetime | None


class Fleet(NamedTuple):
    """The lamps of a city as arrays `[lamps]`: their ids, street and cabinet as indices into the tuples, and power.

    `streets` holds slug and name. A lamp whose street or cabinet isn't known is left out. `energy_stream` and
    `power_stream` are the ids of Datastreams, 0 for none; `is_public` says that all of them are.
    """

    ids: npt.NDArray[np.int64]
    street: npt.NDArray[np.intp]
    cabinet: npt.NDArray[np.intp]
    power: LampPower
    streets: tuple[tuple[str, str], ...]
    cabinets: tuple[Cabinet, ...]
    simulated: bool
    energy_stream: npt.NDArray[np.int64]
    power_stream: npt.NDArray[np.int64]
    is_public: bool = False


class Measures(NamedTuple):
    """What the record holds of a month, for the lamps of a fleet in its order.

    `used_kwh` is `[lamps, days]`, from midnight to midnight, NaN where the register doesn't cover the day; the others
    are `[lamps]`: hours of the schedule in which faults were looked for, and of these the ones in which the lamp was
    out; messages that came and that should have. `watched` is from when to when faults were looked for.
    """

    used_kwh: Floats
    failed_h: Floats
    watched_h: Floats
    received: npt.NDArray[np.int64]
    expected: npt.NDArray[np.int64]
    outages: tuple[Outage, ...]
    watched: tuple[datetime, datetime] | None = None


class Plan(NamedTuple):
    """What a month's schedules ask of lamps, `[lamps, days]`: hours of light, and energy in kWh."""

    scheduled_h: Floats
    expected_kwh: Floats


class StreetFigures(msgspec.Struct, frozen=True):
    """A street's month: its lamps, what they used, and how they served; a figure that can't be given is None.

    Energies are in kWh, hours are lamp-hours, shares lie in 0 to 1. `covered_share` is the share of the lamp-days
    whose energy the record holds; `watched_h` is the part of `scheduled_h` in which faults were looked for.
    """

    street: str
    name: str
    lamps: int
    used_kwh: float
    expected_kwh: float
    baseline_kwh: float | None
    scheduled_h: float
    failed_h: float
    watched_h: float
    received: int
    expected_messages: int
    covered_share: float
    cost: Decimal | None = None

    @property
    def kwh_per_lamp(self) -> float | None:
        """Energy per lamp; None where nothing was measured."""
        return self.used_kwh / self.lamps if self.lamps and self.covered_share > 0 else None

    @property
    def saving_share(self) -> float | None:
        """The saved share of the adjusted baseline; None without a baseline."""
        return Saving(self.used_kwh, self.baseline_kwh).share if self.baseline_kwh else None

    @property
    def availability(self) -> float | None:
        """The share of scheduled lamp-hours in which lamps did not fail; None where faults were not looked for."""
        return 1.0 - self.failed_h / self.watched_h if self.watched_h > 0 else None

    @property
    def communication(self) -> float | None:
        """The share of expected messages that came; None where none were expected."""
        return self.received / self.expected_messages if self.expected_messages else None

    @property
    def saving_percent(self) -> float | None:
        """The saved share in percent."""
        return _percent(self.saving_share)

    @property
    def availability_percent(self) -> float | None:
        """The availability in percent."""
        return _percent(self.availability)

    @property
    def communication_percent(self) -> float | None:
        """The messages that came, in percent."""
        return _percent(self.communication)

    @property
    def covered_percent(self) -> float:
        """The measured lamp-nights, in percent."""
        return 100.0 * self.covered_share


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


class LampFigures(msgspec.Struct, frozen=True, array_like=True):
    """What a lamp's month adds to its street's figures, in the same units; `days` counts those that were measured."""

    id: int
    days: int
    used_kwh: float
    expected_kwh: float
    scheduled_h: float
    failed_h: float
    watched_h: float
    received: int
    expected_messages: int

    @property
    def availability_percent(self) -> float | None:
        """The availability in percent; None where faults were not looked for."""
        return 100.0 * (1.0 - self.failed_h / self.watched_h) if self.watched_h > 0 else None

    @property
    def communication_percent(self) -> float | None:
        """The messages that came, in percent; None where none were expected."""
        return 100.0 * self.received / self.expected_messages if self.expected_messages else None


class MonthlyReport(msgspec.Struct, frozen=True):
    """A month of lighting: each street and the whole, the price and baselines' bases, and when it was made.

    It is of the month's first `days` days up to `last_day`: of all, or of those that were over when it was made.
    Half of the `repairs` took less than `repair_median_h` hours; `outages` counts the alarms. Faults were looked for from `watched_from` to `watched_until`, if they were. `is_public` says that
    whoever may see public lamps alone may see it.
    """

    month: date
    streets: tuple[StreetFigures, ...]
    total: StreetFigures
    repair_median_h: float | None
    currency: str
    bases: tuple[str, ...]
    made_at: datetime
    simulated: bool
    days: int
    last_day: date
    repairs: int = 0
    outages: int = 0
    watched_from: datetime | None = None
    watched_until: datetime | None = None
    is_closed: bool = False
    is_public: bool = False
    currencies: tuple[str, ...] = ()


class KeptReport(msgspec.Struct, frozen=True):
    """A month's report as it is kept, None until it is made; the languages in which it is there as PDF.

    `asked_at` is when somebody last asked for it to be made anew.
    """

    month: date
    report: MonthlyReport | None
    documents: tuple[str, ...] = ()
    asked_at: datetime | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it is to be made anew."""
        return self.asked_at is not None and (self.report is None or self.report.made_at < self.asked_at)
