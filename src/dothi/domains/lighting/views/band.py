"""A night as a band to draw: its levels, sunset, sunrise, hours and now, placed in percent of its length."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dothi.domains.lighting.types.schedule import Night

HEIGHT: Final = 64
"""Pixels that full light is high."""
TOP: Final = 22
"""Pixels above it, for the words at sunset and sunrise."""
SHORTEST_WITH_WORDS: Final = 8.0
"""A stretch that takes less of the band, in percent, is drawn without its level in words."""
HOURS_APART: Final = 3


class Mark(NamedTuple):
    """A moment on the band: where it is, how its words stand to it (SVG's text-anchor), and its time."""

    x: str
    anchor: str
    at: datetime


class Stretch(NamedTuple):
    """A time with one level: `x` and `width` in percent of the band, `y` and `height` in pixels of the drawing."""

    x: str
    width: str
    middle: str
    y: int
    height: int
    level: int
    has_words: bool
    begin: datetime
    end: datetime


class Band(NamedTuple):
    """A night ready to be drawn; times are in the city's zone."""

    night: Night
    stretches: list[Stretch]
    dark: Stretch | None
    sunset: Mark | None
    sunrise: Mark | None
    now: Mark | None
    hours: list[Mark]
    base: int


def draw(night: Night, zone: str, *, now: datetime | None = None) -> Band:
    """Place a night's parts; `now` is drawn where it lies within the night."""
    here = ZoneInfo(zone)
    ends = [*(switch.at for switch in night.switches[1:]), night.end]
    stretches = [
        _stretch(night, here, switch.at, end, switch.level, now=now)
        for switch, end in zip(night.switches, ends, strict=True)
    ]
    dark = None
    if night.sunset and night.sunrise:
        dark = _stretch(night, here, max(night.sunset, night.begin), min(night.sunrise, night.end), 100)
    return Band(
        night=night,
        stretches=stretches,
        dark=dark,
        sunset=_mark(night, here, night.sunset),
        sunrise=_mark(night, here, night.sunrise),
        now=_mark(night, here, now),
        hours=[mark for mark in (_mark(night, here, at) for at in _hours(night, here)) if mark],
        base=TOP + HEIGHT,
    )


def _stretch(
    night: Night, here: ZoneInfo, begin: datetime, end: datetime, level: int, *, now: datetime | None = None
) -> Stretch:
    left, right = _share(night, begin), _share(night, end)
    height = round(HEIGHT * level / 100)
    return Stretch(
        x=_percent(left),
        width=_percent(max(0.0, right - left)),
        middle=_percent(_beside(left, right, None if now is None else _share(night, now))),
        y=TOP + HEIGHT - height,
        height=height,
        level=level,
        has_words=level > 0 and right - left >= SHORTEST_WITH_WORDS,
        begin=begin.astimezone(here),
        end=end.astimezone(here),
    )


def _beside(left: float, right: float, now: float | None) -> float:
    """Give a stretch's middle, or that of its longer part where the line of now would go through the words."""
    middle = (left + right) / 2
    if now is None or abs(now - middle) > SHORTEST_WITH_WORDS / 2:
        return middle
    return (left + now) / 2 if now - left > right - now else (now + right) / 2


def _mark(night: Night, here: ZoneInfo, at: datetime | None) -> Mark | None:
    if at is None or not night.begin <= at <= night.end:
        return None
    share = _share(night, at)
    anchor = "start" if share < 4 else "end" if share > 96 else "middle"
    return Mark(x=_percent(share), anchor=anchor, at=at.astimezone(here))


def _hours(night: Night, here: ZoneInfo) -> Iterator[datetime]:
    """Every third full hour of the wall clock; where clocks are changed they stand a little nearer or farther."""
    at = night.begin
    while at <= night.end:
        local = at.astimezone(here)
        if local.hour % HOURS_APART == 0 and local.minute == 0:
            yield at
        at += timedelta(hours=1)


def _share(night: Night, at: datetime) -> float:
    length = (night.end - night.begin) or timedelta(days=1)
    return min(100.0, max(0.0, 100.0 * ((at - night.begin) / length)))


def _percent(share: float) -> str:
    """Write a share as SVG reads it, whatever the page's language does to numbers."""
    return f"{share:.3f}%"
