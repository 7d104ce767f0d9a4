"""Rules of series: how wide a chart's points are, and where spans of the city's time begin."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from dothi.core.observations.series.types import Floats, Ints, Point, Step, Width

_SPANS: Final = (
    (Width.RAW, timedelta(hours=25)),  # a day of a city that turns its clock back
    (Width.HOUR, timedelta(days=31, hours=1)),
    (Width.DAY, timedelta(days=366, hours=1)),
)
"""Up to which span each width is the right one."""
_LENGTHS: Final = {
    Width.MINUTE: timedelta(minutes=1),
    Width.QUARTER: timedelta(minutes=15),
    Width.HOUR: timedelta(hours=1),
    Width.DAY: timedelta(days=1),
    Width.MONTH: timedelta(days=28),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def choose_width(span: timedelta, *, points: int) -> Width:
    """Give the width of the points of a chart: raw for a day, hours for a month, days for a year, else months.

    It is a wider one where there would be more than `points`. How many Observations raw means nobody knows beforehand:
    see `narrow_width`.
    """
    wanted = next((width for width, longest in _SPANS if span <= longest), Width.MONTH)
    if wanted is Width.RAW:
        return wanted
    fitting = (width for width in (Width.HOUR, Width.DAY) if span / _LENGTHS[width] <= points)
    return max((wanted, next(fitting, Width.MONTH)), key=lambda width: _LENGTHS[width])


def narrow_width(span: timedelta, *, points: int) -> Width:
    """Give the width for a day of which there are too many Observations."""
    fitting = (width for width in (Width.MINUTE, Width.QUARTER) if span / _LENGTHS[width] <= points)
    return next(fitting, Width.HOUR)


def boundaries(begin: datetime, end: datetime, width: Width | Step, *, zone: str) -> list[datetime]:
    """Give the moments (UTC) between which the whole spans lie that `begin` to `end` touches; at least two.

    Days and months begin at midnight in `zone`, so a day has 23 or 25 hours where clocks change.
    """
    city = ZoneInfo(zone)
    moments = [_floor(begin, width, city)]
    while len(moments) < 2 or moments[-1] < end:
        moments.append(_next(moments[-1], width, city))
    return moments


def _floor(moment: datetime, width: Width | Step, city: ZoneInfo) -> datetime:
    local = moment.astimezone(city)
    if width == "month":
        return _midnight(local.year, local.month, 1, city)
    if width == "day":
        return _midnight(local.year, local.month, local.day, city)
    minutes = {"hour": 60, "quarter": 15}.get(str(width), 1)
    past = timedelta(minutes=local.minute % minutes, seconds=local.second, microseconds=local.microsecond)
    return moment.astimezone(UTC) - past


def _next(moment: datetime, width: Width | Step, city: ZoneInfo) -> datetime:
    local = moment.astimezone(city)
    if width == "month":
        later = local.replace(day=1) + timedelta(days=32)
        return _midnight(later.year, later.month, 1, city)
    if width == "day":
        # Some midnights don't exist: that day begins at one o'clock.
        later = local.replace(hour=0, minute=0) + timedelta(days=1)
        return _midnight(later.year, later.month, later.day, city)
    return moment + _LENGTHS[Width(str(width))]


def _midnight(year: int, month: int, day: int, city: ZoneInfo) -> datetime:
    return datetime(year, month, day, tzinfo=city).astimezone(UTC)


def micros(moments: Sequence[datetime]) -> Ints:
    """Give moments as microseconds since 1970-01-01 UTC."""
    return np.array([(moment - _EPOCH) // _MICROSECOND for moment in moments], np.int64)


def gather(
    numbers: Sequence[tuple[int, float]], begin: datetime, end: datetime, width: Width, *, zone: str
) -> list[Point]:
    """Make points of numbers in the order of time, as (microseconds since 1970, number), each within [begin, end)."""
    if not numbers:
        return []
    times = [_EPOCH + micro * _MICROSECOND for micro, _ in numbers]
    if width is Width.RAW:
        return [Point(at, value, value, value) for at, (_, value) in zip(times, numbers, strict=True)]
    moments = boundaries(begin, end, width, zone=zone)
    places = np.searchsorted(micros(moments), np.array([micro for micro, _ in numbers]), side="right") - 1
    firsts = np.flatnonzero(np.diff(places, prepend=-1))
    values = np.array([value for _, value in numbers])
    counts = np.diff(firsts, append=len(values))
    columns = zip(
        places[firsts].tolist(),
        (np.add.reduceat(values, firsts) / counts).tolist(),
        np.minimum.reduceat(values, firsts).tolist(),
        np.maximum.reduceat(values, firsts).tolist(),
        counts.tolist(),
        strict=True,
    )
    return [Point(moments[place], mean, least, greatest, count) for place, mean, least, greatest, count in columns]


def put_together(values: Floats, *, how: str, enough: float) -> list[float | None]:
    """Put the rows of [rows, moments] together, NaN being unknown; None where too few of the rows are known.

    What no moment knows is left out. `how` is "sum", "mean" or "greatest"; a sum is brought up for the few unknown.
    """
    known = ~np.isnan(values)
    heard = known.any(axis=1)
    values, known = values[heard], known[heard]
    counts = known.sum(axis=0)
    if not len(values):
        return [None] * known.shape[1]
    totals = np.nan_to_num(values).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals / counts
        of = {"sum": means * len(values), "mean": means, "greatest": np.nan_to_num(values, nan=-np.inf).max(axis=0)}
    is_known = (counts >= enough * len(values)) & (counts > 0)
    return [value if fine else None for value, fine in zip(of[how].tolist(), is_known.tolist(), strict=True)]
