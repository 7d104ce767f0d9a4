"""Where the city's clock of a demo stands at the start: shortly before dusk, or where the last run left it."""

import contextlib
import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunset

from dothi.config.servers.process import CannotStart
from dothi.kernel.city import City

BEFORE_SUNSET: Final = timedelta(minutes=10)
RESERVE_S: Final = 6.0
"""Wall seconds that the record runs ahead: after a kill the city's time goes on after everything that was recorded."""


class ClockRecord:
    """Where the city's time stopped, kept in a home."""

    def __init__(self, file: Path) -> None:
        self.file: Final = file

    def find(self) -> datetime | None:
        """Give the city time, in UTC, up to which the home's record may reach; None for a home without one."""
        try:
            return datetime.fromisoformat(json.loads(self.file.read_bytes())["city_time"]).astimezone(UTC)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, city_time: datetime) -> None:
        """Keep a city time, whole or not at all; on a full disk the old one stays."""
        draft = self.file.with_name(f"{self.file.name}.draft")
        with contextlib.suppress(OSError):
            draft.write_text(json.dumps({"city_time": city_time.isoformat()}), "utf-8")
            os.replace(draft, self.file)


def first_city_time(city: City, *, wall_now: datetime, stopped_at: datetime | None, wanted: str = "") -> datetime:
    """Give the city's time, in UTC, for the start of a demo.

    `wanted` is what the operator asked for: "18:05" (today) or "2026-11-22T18:05", in the city's zone unless it names
    one.
    Without it: ten minutes before today's sunset at the city, or `stopped_at` if that is later.
    Raises CannotStart if `wanted` cannot be read or lies before `stopped_at`.
    """
    zone = ZoneInfo(city.zone)
    today = wall_now.astimezone(zone).date()
    if wanted:
        start = _read(wanted, today=today, zone=zone)
        if stopped_at is not None and start < stopped_at:
            until = stopped_at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
            raise CannotStart(
                f"--start {wanted} lies before {until}, where this home's record ends: give a later time."
            )
        return start
    dusk = sunset_at(city, today) - BEFORE_SUNSET
    return dusk if stopped_at is None else max(dusk, stopped_at)


def sunset_at(city: City, day: date) -> datetime:
    """Give the moment of sunset at the city's centre, in UTC; 18:00 there on a day without one."""
    zone = ZoneInfo(city.zone)
    longitude, latitude = city.center
    try:
        return sunset(Observer(latitude, longitude), date=day, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return datetime.combine(day, time(18), zone).astimezone(UTC)


def _read(wanted: str, *, today: date, zone: ZoneInfo) -> datetime:
    for text in (f"{today.isoformat()}T{wanted}", wanted):
        with contextlib.suppress(ValueError):
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    raise CannotStart(f"--start {wanted} is no time; write it as 18:05 or 2026-11-22T18:05.")
