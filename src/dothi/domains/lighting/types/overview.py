"""What lighting's pages show: the city's lamps by street, yesterday's figures, and energy by day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from dothi.core.alarms.types import State
from dothi.domains.lighting.types.energy import Saving
from dothi.domains.lighting.types.lamp import Lamp
from dothi.domains.lighting.types.schedule import Bools, Floats


class DayEnergy(NamedTuple):
    """What lamps used on days of the city, in kWh `[lamps, days]`, NaN where the record doesn't tell.

    Days go from midnight to midnight. What most of all keeps a figure from being plainly measured is marked beside it.
    """

    days: tuple[date, ...]
    kwh: Floats
    is_interpolated: Bools
    is_partial: Bools
    has_reset: Bools


class CabinetPlace(msgspec.Struct, frozen=True, gc=False):
    """A control cabinet as its device registered it; what it did not say is ""."""

    id: int
    name: str
    serial: str
    street: str
    programme: str
    programme_name: str
    simulated: bool


class StreetRow(msgspec.Struct, frozen=True):
    """A street's lamps now; `alarms` is None for those who may not see alarms, `kwh` where nothing is known of it.

    `late` lamps are on neither side; `priority` and `alarm_state` are the most pressing alarm's.
    """

    slug: str
    name: str
    programme: str
    programme_name: str
    lamps: int
    on: int
    late: int
    unknown: int
    kwh: float | None
    alarms: int | None
    priority: int | None
    alarm_state: State | None


class Figures(msgspec.Struct, frozen=True):
    """The figures of the last whole day, and how soon faults were repaired in 30 days; None where it can't be given.

    `measured` is the number of lamps whose energy the record holds. `availability` is a share, 0 to 1;
    `detected_until` is up to when faults were looked for. `repairs` counts what `repair_h`, in hours, is the median of.
    """

    day: date
    lamps: int
    measured: int
    used_kwh: float | None
    saving: Saving | None
    availability: float | None
    detected_until: datetime | None
    repair_h: float | None
    repairs: int

    @property
    def kwh_per_lamp(self) -> float | None:
        """Energy of a measured lamp on that day, in kWh."""
        return self.used_kwh / self.measured if self.used_kwh is not None and self.measured else None

    @property
    def availability_percent(self) -> float | None:
        """The availability in percent."""
        return None if self.availability is None else 100.0 * self.availability


class Overview(msgspec.Struct, frozen=True):
    """All lamps an actor may see, by street; `alarms` counts lighting's open ones by state and priority."""

    lamps: tuple[Lamp, ...]
    cabinets: tuple[CabinetPlace, ...]
    streets: tuple[StreetRow, ...]
    figures: Figures
    alarms: Mapping[State, Mapping[int, int]] | None
