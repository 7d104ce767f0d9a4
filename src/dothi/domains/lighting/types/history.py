"""What one device's page draws: spans of time, and the series within them."""

from datetime import datetime
from enum import StrEnum

import msgspec

from dothi.core.observations.series.types import Chart, Increments


class Span(StrEnum):
    """How far back a page looks."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class LampHistory(msgspec.Struct, frozen=True):
    """A lamp's series over a span; what its device doesn't register is None.

    Of a day: power, light level and voltage, with the level that was due by schedule, in percent, as the ends of its
    stretches; of longer spans the energy. `has_backfill` says that the series begin with what was sent in afterwards.
    """

    span: Span
    begin: datetime
    end: datetime
    power: Chart | None = None
    level: Chart | None = None
    voltage: Chart | None = None
    due: tuple[tuple[datetime, int], ...] = ()
    energy: Increments | None = None
    has_backfill: bool = False


class CabinetHistory(msgspec.Struct, frozen=True):
    """A cabinet's voltages and currents of a day, of each phase that its device registers."""

    voltage: tuple[Chart, ...]
    current: tuple[Chart, ...]
    has_backfill: bool = False
