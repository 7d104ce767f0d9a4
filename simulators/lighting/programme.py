"""The light programme that a controller runs by itself: astronomical on and off, and steps through the night."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MIN: Final = 1440
NOON_MIN: Final = 720
FULL: Final = 100.0


class BadProgramme(ValueError):
    """What was sent is no light programme; the message says why."""


@dataclass(frozen=True, slots=True)
class Programme:
    """On at sunset + offset, off at sunrise + offset; full light until the first step, each step until the next."""

    on_offset_min: float = 0.0
    off_offset_min: float = 0.0
    steps: tuple[tuple[int, float], ...] = ((22 * 60, 70.0), (4 * 60 + 30, 100.0))
    """(minutes after local midnight, level in percent)."""
    zone: str = "Asia/Ho_Chi_Minh"

    def level_at(self, at: datetime) -> float:
        """Give the level, in percent, that a lit lamp has at an aware time."""
        local = at.astimezone(ZoneInfo(self.zone))
        now = _after_noon(local.hour * 60 + local.minute + local.second / 60)
        level = FULL
        for start, wanted in sorted((_after_noon(minute), wanted) for minute, wanted in self.steps):
            if start <= now:
                level = wanted
        return level

    def segments(self) -> list[tuple[float, float, float]]:
        """Give the night as (from, until, level), in minutes after local noon; together they are a whole day."""
        steps = sorted((_after_noon(minute), level) for minute, level in self.steps)
        starts = [0.0, *(minute for minute, _ in steps), float(DAY_MIN)]
        levels = [FULL, *(level for _, level in steps)]
        return [each for each in zip(starts, starts[1:], levels, strict=False) if each[0] < each[1]]


DEFAULT: Final = Programme()


def read_programme(body: Mapping[str, Any]) -> Programme:
    """Read a programme as it is sent. Raises BadProgramme."""
    try:
        steps = tuple((_minute(each["at"]), _level(each["level"])) for each in body.get("steps", ()))
        programme = Programme(
            on_offset_min=float(body.get("on_offset_min", 0)),
            off_offset_min=float(body.get("off_offset_min", 0)),
            steps=steps,
            zone=str(body.get("zone", DEFAULT.zone)),
        )
        ZoneInfo(programme.zone)
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise BadProgramme(f"no light programme: {error}") from error
    return programme


def write_programme(programme: Programme) -> dict[str, Any]:
    """Write a programme as `read_programme` reads it."""
    return {
        "on_offset_min": programme.on_offset_min,
        "off_offset_min": programme.off_offset_min,
        "steps": [{"at": f"{minute // 60:02}:{minute % 60:02}", "level": level} for minute, level in programme.steps],
        "zone": programme.zone,
    }


def local_noon_s(day_s: float, zone: str) -> float:
    """Give the Unix time of noon, in a zone, of the local day in which a moment lies."""
    local = datetime.fromtimestamp(day_s, tz=UTC).astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(12), tzinfo=local.tzinfo).timestamp()


def _after_noon(minute: float) -> float:
    return (minute - NOON_MIN) % DAY_MIN


def _minute(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute


def _level(value: float) -> float:
    level = float(value)
    if not 0 <= level <= FULL:
        raise ValueError(f"a level is 0 to 100, not {value}")
    return level
