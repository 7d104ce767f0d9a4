"""What air tells others: stations, indexes, limits, years and forecasts."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dothi.kernel.manifest import Names

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Average(StrEnum):
    """What a concentration is averaged over before it is judged."""

    HOUR = "hour"
    NOWCAST = "nowcast"
    """Twelve hours, the newer the heavier."""
    EIGHT_HOURS = "8h"
    DAY = "day"
    HOUR_MAX = "hour_max"
    """The greatest hour of a day."""
    EIGHT_HOURS_MAX = "8h_max"
    """The greatest mean of eight hours that ends in a day."""
    YEAR = "year"


class Level(StrEnum):
    """What the map shows of a station; the names people read stand in the manifest."""

    CLEAN = "clean"
    FAIR = "fair"
    HARMFUL = "harmful"
    UNKNOWN = "unknown"


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A band of an index with its advice; it ends at `up_to`, the last one has no end. Colours are the index's own."""

    id: str
    names: Names
    colour: str
    everyone: Names
    """What the band means for everybody."""
    sensitive: Names
    """What it means for children, old people and the ill."""
    up_to: float | None = None
    alarm: str = ""
    """The alarm rule's last word while the index lies here; "" for none."""


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pollutant's concentrations at the index's own steps; fewer of them than steps: above the last it counts not."""

    pollutant: str
    average: Average
    at: tuple[float, ...]


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An air quality index: straight lines between steps, and the greatest pollutant's is the index."""

    names: Names
    basis: Names
    """The decision or law that sets it."""
    steps: tuple[float, ...]
    bands: tuple[Band, ...]
    hourly: tuple[Curve, ...]
    daily: tuple[Curve, ...]
    needs: tuple[str, ...] = ()
    """Of these at least one must be there; empty: anything will do."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a law's numbers stand (`text`), and where they were read."""

    text: Names
    is_original: bool
    """Whether they were read in the law's own signed text."""
    read_in: tuple[str, ...] = ()
    open: str = ""
    """What could not be found out."""


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statutory limit, in force from `since` to before `until`, with its legal basis."""

    pollutant: str
    average: Average
    value: Positive
    since: date
    basis: str
    until: date | None = None
    place: Names | None = None
    """Where in the law it stands."""
    source: str = ""
    """One of the regulation's `sources`; "" where nobody said where it was read."""

    def is_in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class Regulation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a country or city judges its air by; concentrations are in `unit`, or a pollutant's own of `units`."""

    unit: str
    index: Index | None = None
    units: Mapping[str, str] = {}
    sources: Mapping[str, Source] = {}
    limits: tuple[Limit, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a limit whose source is not there."""
        unknown = {limit.source for limit in self.limits} - {"", *self.sources}
        if unknown:
            raise ValueError(f"limits name sources that are not there: {', '.join(sorted(unknown))}")

    def is_compared(self, limit: Limit) -> bool:
        """Tell whether a limit was read in the law's own text; of one without a source nobody knows."""
        return bool(limit.source) and self.sources[limit.source].is_original

    def unit_of(self, pollutant: str) -> str:
        """Give the unit in which a pollutant's limits and steps are written."""
        return self.units.get(pollutant, self.unit)


class Judged(NamedTuple):
    """An index over time: `value` [t] and each pollutant's own `parts` [pollutants, t]; NaN where it can't be given."""

    value: Floats
    pollutants: tuple[str, ...]
    parts: Floats

    def main(self, place: int) -> str:
        """Name the pollutant that makes the index at a place of time, "" where there is none."""
        column = self.parts[:, place]
        return "" if np.isnan(self.value[place]) else self.pollutants[int(np.nanargmax(column))]


class Hours(NamedTuple):
    """Hourly means of a station: `values` [pollutants, hours], NaN where there is none; hours begin `begin` on."""

    begin: datetime
    pollutants: tuple[str, ...]
    values: Floats

    def of(self, pollutant: str) -> Floats:
        """Give a pollutant's hours, all NaN for one that isn't measured."""
        if pollutant in self.pollutants:
            found: Floats = self.values[self.pollutants.index(pollutant)]
            return found
        return np.full(self.values.shape[1], np.nan)


class Measurement(NamedTuple):
    """The newest mean of a pollutant."""

    pollutant: str
    value: float | None
    unit: str
    at: datetime


class Station(msgspec.Struct, frozen=True):
    """An air station as it last reported.

    `index` is that of the hour that begins at `index_at`, None where there is none or it is overdue. `observed_at` is
    when the newest measured hour began; `is_late` says that one is overdue.
    """

    id: int
    name: str
    index: float | None
    index_at: datetime | None
    measurements: tuple[Measurement, ...]
    observed_at: datetime | None
    is_late: bool
    simulated: bool
    is_public: bool


class Capture(NamedTuple):
    """How much of a pollutant's hours came, since it was first heard in the span."""

    pollutant: str
    came: int
    expected: int

    @property
    def percent(self) -> float | None:
        """The share, None where nothing ever came."""
        return 100 * self.came / self.expected if self.expected else None


class Exceedance(NamedTuple):
    """How often a limit was exceeded in a span, of how many averages that could be made; the worst with its moment."""

    limit: Limit
    exceeded: int
    judged: int
    worst: float | None
    worst_at: datetime | None


class Day(NamedTuple):
    """A day of the calendar: its index's value, None where too little was measured, and the pollutant that makes it."""

    day: date
    value: float | None
    main: str


class Year(NamedTuple):
    """A station's year: days in order, how much came, and limits exceeded."""

    days: tuple[Day, ...]
    captures: tuple[Capture, ...]
    exceedances: tuple[Exceedance, ...]
    has_backfill: bool


class Skill(msgspec.Struct, frozen=True):
    """How forecasts of some leads, in hours, did over all origins of a rolling evaluation, in the pollutant's unit.

    `now` is the mean absolute error of "same as now", `yesterday` of "same hour yesterday"; `coverage` is the share of
    what came that lay in the interval that was to hold `nominal` of it.
    """

    first: int
    last: int
    cases: int
    mae: float
    now: float
    yesterday: float
    coverage: float
    nominal: float

    @property
    def is_better(self) -> bool:
        """Whether it beats both."""
        return self.mae < min(self.now, self.yesterday)


class Evaluation(msgspec.Struct, frozen=True):
    """A station's rolling evaluation: over all leads together, and by groups of leads."""

    made_at: datetime
    begin: datetime
    end: datetime
    whole: Skill
    by_lead: tuple[Skill, ...]
    margin: tuple[float, ...] = ()
    """What the next interval of each lead is wider by at both ends, on the forecast's own scale."""


class Forecast(NamedTuple):
    """The next hours, each as [t]: the median and the ends of the interval; hours begin `begin` on."""

    begin: datetime
    middle: Floats
    low: Floats
    high: Floats
