"""What the `chart` tag and a chart's JSON are made of: series of the record as the island and the table show them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dothi.core.observations.series.types import Chart, Increment, Increments, Point, Width

Shown = Chart | Increments | Sequence[Chart]
"""What can be drawn: a Datastream, several of one unit over the same time, or what registers rose by."""
MOST_ROWS: Final = 200
"""A table of more rows than this is written by the hour, and if that is still too many, by the day."""
_DAYS: Final = {"vi": "d/m/Y", "en": "j M Y"}


class Limit(msgspec.Struct, frozen=True):
    """A value that a chart marks by a line, with its words beside it."""

    value: float
    label: str


class Due(msgspec.Struct, frozen=True):
    """What should have been, as the ends of straight stretches in the order of time, with its words beside it."""

    label: str
    points: tuple[tuple[datetime, float], ...]


class Row(msgspec.Struct, frozen=True):
    """One row of the table beside a chart; `note` says what is not plainly measured."""

    time: str
    name: str
    value: float | None
    least: float | None
    greatest: float | None
    note: str


def drawing(
    shown: Shown,
    *,
    title: str,
    unit: str = "",
    names: Sequence[str] = (),
    limits: Sequence[Limit] = (),
    due: Due | None = None,
) -> dict[str, Any]:
    """Give what the `chart` island draws, ready for JSON.

    `unit` and the `names` written at the ends of several lines are the series' own where none are given. Beside lines
    `due` is drawn thin.
    """
    charts = _charts(shown)
    first = shown if isinstance(shown, Increments) else charts[0]
    common = {
        "title": title,
        "unit": unit or first.unit,
        "zone": settings.TIME_ZONE,
        "now": _ms(first.now),
        "limits": [msgspec.to_builtins(limit) for limit in limits],
    }
    if isinstance(shown, Increments):
        bars = [[_ms(each.begin), each.increase, _ms(each.end), _mark(each)] for each in shown.buckets]
        ends = {"begin": bars[0][0], "end": bars[-1][2]} if bars else {"begin": 0, "end": 0}
        return common | ends | {"kind": "bars", "width": shown.step.value, "bars": bars}
    lines = [
        {"name": name, "points": _points(chart.points), "forecast": _points(chart.forecast)}
        for name, chart in zip(_names(charts, names), charts, strict=True)
    ]
    ends = {"begin": _ms(charts[0].begin), "end": _ms(charts[0].end)}
    wanted = None if due is None else {"name": due.label, "points": [[_ms(at), value] for at, value in due.points]}
    return common | ends | {"kind": "line", "width": charts[0].width.value, "lines": lines, "due": wanted}


def _names(charts: Sequence[Chart], given: Sequence[str]) -> Sequence[str]:
    """Name the lines; a single one needs no name beside the title."""
    return given or ([chart.name for chart in charts] if len(charts) > 1 else [""])


def rows(shown: Shown, *, names: Sequence[str] = (), due: Due | None = None) -> list[Row]:
    """Give the rows of the table, the newest first; of many Observations those of one hour or day are one row."""
    if isinstance(shown, Increments):
        found = [
            Row(_written(each.begin, shown.step.value), "", each.increase, None, None, _note(each))
            for each in shown.buckets
            if each.increase is not None
        ]
        return found[::-1]
    charts = _charts(shown)
    measured = [row for name, chart in zip(_names(charts, names), charts, strict=True) for row in _rows_of(chart, name)]
    wanted = due.points if due and measured else ()
    edges = [
        Row(_written(at, Width.RAW.value), "", value, None, None, due.label if due else "") for at, value in wanted
    ]
    return [*measured, *edges[::-1]]


def decimals_of(written: Sequence[Row]) -> int:
    """Give the decimals, at most two, that a table's figures need: all have as many, so that they stand in line."""
    figures = [each for row in written for each in (row.value, row.least, row.greatest) if each is not None]
    hundredths = [round(each * 100) for each in figures]
    return 0 if all(each % 100 == 0 for each in hundredths) else 1 if all(each % 10 == 0 for each in hundredths) else 2


def _charts(shown: Shown) -> Sequence[Chart]:
    if isinstance(shown, Chart):
        return [shown]
    return [] if isinstance(shown, Increments) else shown


def _rows_of(chart: Chart, name: str) -> Iterator[Row]:
    sides = ((chart.forecast, _("forecast")), (chart.points, ""))
    for points, note in sides:
        width = chart.width
        for wider, start_of in ((Width.HOUR, _hour_of), (Width.DAY, _day_of)):
            if len(points) > MOST_ROWS and width is not Width.DAY:
                width, points = wider, tuple(_gathered(points, start_of))
        for point in reversed(points):
            is_one = point.least == point.greatest
            least, greatest = (None, None) if is_one else (point.least, point.greatest)
            yield Row(_written(point.begin, width.value), name, point.mean, least, greatest, note)


def _gathered(points: Sequence[Point], start_of: Callable[[datetime], datetime]) -> Iterator[Point]:
    """Put the points of each hour or day of the city together."""
    for begin, found in groupby(points, key=lambda point: start_of(point.begin)):
        same = list(found)
        count = sum(point.count for point in same)
        mean = sum(point.mean * point.count for point in same) / count
        yield Point(begin, mean, min(point.least for point in same), max(point.greatest for point in same), count)


def _hour_of(moment: datetime) -> datetime:
    past = timezone.localtime(moment).replace(tzinfo=None)
    return moment - timedelta(minutes=past.minute, seconds=past.second, microseconds=past.microsecond)


def _day_of(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _points(points: Sequence[Point]) -> list[list[float]]:
    """Write points as short as they may be: least and greatest only where they differ from the mean."""
    return [
        [_ms(point.begin), point.mean]
        if point.least == point.greatest
        else [_ms(point.begin), point.mean, point.least, point.greatest]
        for point in points
    ]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _mark(bucket: Increment) -> str:
    """Name what most of all keeps an increase from being plainly measured, of more than a tenth of its registers."""
    few = bucket.known * 0.1
    marks = (("r", bucket.resets), ("i", bucket.interpolated), ("p", bucket.partial))
    return next((mark for mark, count in marks if count > few), "")


def _note(bucket: Increment) -> str:
    notes = {"": "", "r": _("counter reset"), "i": _("partly interpolated"), "p": _("part of the time")}
    return notes[_mark(bucket)]


def _written(moment: datetime, width: str) -> str:
    local = timezone.localtime(moment)
    if width == Width.MONTH:
        return date_format(local, "m/Y")
    day = date_format(local, _DAYS.get(get_language() or "", "d/m/Y"))
    return day if width == Width.DAY else f"{day} {date_format(local, 'H:i')}"
