"""Series as detectors and charts read them, from a record as a city of 6,000 lamps has it, while Dothi runs beside."""

import argparse
import asyncio
import os
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import django
import numpy as np
import numpy.typing as npt
import psycopg

from bench._running import running
from bench.report import Figure, figure
from dothi.core.observations.partitions import Partitions, day_of

STREAMS: Final = ("power", "energy", "light level", "voltage", "operating hours", "flags")
DRAWN: Final = 40
"""Lamps of which there is each minute for as long as Observations stay, and hours and days for the rest of a year."""
RAW_DAYS: Final = 60
CHART_GOAL_MS: Final = 300
WINDOW_GOAL_MS: Final = 200
_POSTGRES_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS: Final = ("id", "datastream_id", "phenomenon_time", "fingerprint", "result", "feature_id")
_ROW: Final = np.dtype(
    [("n", ">i2")]
    + [pair for name in _COLUMNS for pair in ((f"{name} length", ">i4"), (name, ">f8" if name == "result" else ">i8"))]
)
_THINGS: Final = """
INSERT INTO observations_sensor (id, name, description, encoding_type, metadata)
    VALUES (1, 's', '', 'text/plain', '""');
INSERT INTO observations_thing (id, name, description, properties, department, is_public)
    SELECT n, 'Lamp ' || n, '', jsonb_build_object('kind', 'Streetlight', 'serial', 'BD-L-' || n, 'rated_power_w', 98,
        'street', 'street-' || n % 100, 'cabinet', 'BD-C-' || n % 120, 'phase', 'A', 'public', true), '', true
    FROM generate_series(1, {lamps}) n;
INSERT INTO observations_datastream (id, name, description, observation_type, unit, is_multi, sensor_id, thing_id)
    SELECT (s.n - 1) * {lamps} + t.n, s.name, '', '', '{{"symbol": "W"}}', false, 1, t.n
    FROM generate_series(1, {lamps}) t(n), unnest(%s::text[]) WITH ORDINALITY s(name, n);
INSERT INTO observations_latest (datastream_id, stored) SELECT id, 0 FROM observations_datastream;
"""
_AGGREGATES: Final = """
INSERT INTO observations_aggregate (datastream_id, hours, bucket, count, others, total, least, greatest)
    SELECT s, w, b, w * 60, 0, w * 60 * 50.0, 0, 100 FROM generate_series(1, {drawn}) s, unnest(array[1, 24]) w,
    generate_series(%(begin)s::timestamptz, %(end)s::timestamptz - '1 hour'::interval, w * '1 hour'::interval) b
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--lamps", type=int, default=6_000)
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of the newest partition")
    parser.add_argument("--runs", type=int, default=15)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill a record, then read it through the service as a page and a job do."""
    with running() as dothi:
        set_up(dothi.database_url)
        now = datetime.now(UTC).replace(second=30, microsecond=0)
        with psycopg.connect(dothi.database_url, autocommit=True) as connection:
            fill(connection, now, lamps=options.lamps, rows=options.rows)
        return _read(now, options.lamps, options.runs)


def set_up(database_url: str) -> None:
    os.environ |= {
        "DOTHI_DATABASE_URL": database_url,
        "DOTHI_SECRET_KEY": secrets.token_hex(32),
        "DJANGO_SETTINGS_MODULE": "dothi.config.settings",
    }
    django.setup()


def fill(connection: psycopg.Connection[Any], now: datetime, *, lamps: int, rows: int) -> None:
    for statement in _THINGS.format(lamps=lamps).split(";")[:-1]:
        connection.execute(statement, [list(STREAMS)] if "%s" in statement else None)
    first_day = day_of(now).begin - timedelta(days=RAW_DAYS)
    days = [first_day + timedelta(days=number) for number in range(RAW_DAYS + 1)]
    asyncio.run(make_partitions(connection.info.dsn + f" password={connection.info.password}", days, now))
    minutes = np.arange(1440)
    drawn = np.arange(1, DRAWN + 1)
    energy = np.arange(lamps + 1, 2 * lamps + 1)
    for day in days[:-1]:
        power = np.random.default_rng(1).normal(60, 20, (1440, DRAWN)).ravel()
        copy(connection, rows_of(day, np.repeat(minutes, DRAWN), np.tile(drawn, 1440), power))
        if day >= days[-1] - timedelta(days=32):
            hours = np.repeat(np.arange(24) * 60 + 58, lamps)
            register = hours / 1440 + (day - first_day).days
            copy(connection, rows_of(day, hours, np.tile(energy, 24), register))
        connection.execute(f"VACUUM (ANALYZE) {day_of(day).table}")
    streams = np.arange(1, lamps * len(STREAMS) + 1)
    before = np.arange(max((now - days[-1]) // timedelta(minutes=1) - rows // len(streams), 0))
    today = np.random.default_rng(2).normal(60, 20, len(before) * DRAWN)
    copy(connection, rows_of(days[-1], np.repeat(before, DRAWN), np.tile(drawn, len(before)), today))
    for ago in range(rows // len(streams), 0, -1):
        minute = now.replace(second=0) - timedelta(minutes=ago - 1)
        values = np.random.default_rng(ago).normal(60, 20, len(streams))
        copy(connection, rows_of(minute, np.zeros(len(streams), int), streams, values))
    begin = first_day - timedelta(days=366 - RAW_DAYS)
    connection.execute(_AGGREGATES.format(drawn=DRAWN), {"begin": begin, "end": first_day})
    connection.execute("VACUUM (ANALYZE) observations_aggregate, observations_datastream, observations_thing")


async def make_partitions(dsn: str, days: Sequence[datetime], now: datetime) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await Partitions().ensure(connection, days, now=now)


def rows_of(
    begin: datetime, minutes: npt.NDArray[Any], streams: npt.NDArray[Any], values: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Make rows as the binary COPY takes them."""
    rows = np.zeros(len(streams), _ROW)
    rows["n"] = len(_COLUMNS)
    for name in _COLUMNS:
        rows[f"{name} length"] = 8
    start = (begin - _POSTGRES_EPOCH) // timedelta(microseconds=1)
    rows["phenomenon_time"] = start + minutes * 60_000_000
    rows["datastream_id"] = streams
    rows["result"] = values
    rows["fingerprint"] = np.asarray(values, np.float64).view(np.int64)
    rows["feature_id"] = 1
    return rows


def copy(connection: psycopg.Connection[Any], rows: npt.NDArray[Any]) -> None:
    columns = ", ".join(_COLUMNS)
    with connection.cursor().copy(f"COPY observations_observation ({columns}) FROM STDIN (FORMAT BINARY)") as into:
        into.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")


def _read(now: datetime, lamps: int, runs: int) -> list[Figure]:
    from dothi.core.accounts.types import SYSTEM  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.observations.series import service  # noqa: PLC0415
    from dothi.core.observations.series.types import Step  # noqa: PLC0415

    streams, energy = np.arange(1, lamps * len(STREAMS) + 1), list(range(lamps + 1, 2 * lamps + 1))

    def chart(days: float, least: int) -> Callable[[int], None]:
        def read(run: int) -> None:
            begin = now - timedelta(days=days)
            assert len(service.read_chart(SYSTEM, run % DRAWN + 1, begin, now).points) >= least

        return read

    def window(length: int) -> Callable[[int], None]:
        def read(run: int) -> None:
            end = now - timedelta(minutes=run)
            found = service.read_window(SYSTEM, streams, end - timedelta(minutes=length), end)
            assert len(found.result) == length * len(streams)

        return read

    def month(_run: int) -> None:
        found = service.sum_increments(SYSTEM, energy, now - timedelta(days=30), now, step=Step.DAY)
        assert found.buckets[1].known == lamps

    def things(_run: int) -> None:
        assert len(service.list_streams(SYSTEM, kind="Streetlight")) == lamps

    chart_goal, window_goal = f"<={CHART_GOAL_MS}", f"<={WINDOW_GOAL_MS}"
    return [
        figure("a lamp's 24 hours", timed(chart(1, 1000), runs), "ms", goal=chart_goal),
        figure("a lamp's 30 days", timed(chart(30, 700), runs), "ms", goal=chart_goal),
        figure("a lamp's year", timed(chart(365, 360), runs), "ms", goal=chart_goal),
        figure(f"a minute of {len(streams)} Datastreams", timed(window(1), runs), "ms", goal=window_goal),
        figure(f"five minutes of {len(streams)} Datastreams", timed(window(5), runs), "ms"),
        figure("a month's energy by day of all lamps", timed(month, max(runs // 3, 1)), "ms"),
        figure("all lamps with their Datastreams", timed(things, runs), "ms"),
    ]


def timed(read: Callable[[int], None], runs: int) -> list[float]:
    """Time some runs in milliseconds, after one that opens the connection and warms the caches."""
    read(0)
    times = []
    for run in range(1, runs + 1):
        began = time.perf_counter()
        read(run)
        times.append((time.perf_counter() - began) * 1000)
    return times
