"""Air's pages as a person gets them: the server's time for each, over a year of six stations, beside the bare SQL."""

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psycopg

from bench._running import running
from bench.report import Figure, figure
from bench.series import copy, make_partitions, rows_of, set_up, timed

if TYPE_CHECKING:
    from django.test import Client

STATIONS: Final = 6
POLLUTANTS: Final = ("PM2.5", "PM10", "O3", "NO2", "SO2", "CO")
LEVELS: Final = (25.0, 45.0, 50.0, 40.0, 20.0, 800.0)
DAYS: Final = 366
YEAR_GOAL_MS: Final = 400
_THINGS: Final = """
INSERT INTO observations_sensor (id, name, description, encoding_type, metadata)
    VALUES (1, 's', '', 'text/plain', '""');
INSERT INTO observations_thing (id, name, description, properties, department, is_public)
    SELECT n, 'Station ' || n, '', jsonb_build_object('kind', 'AirStation', 'public', true), '', true
    FROM generate_series(1, {stations}) n;
INSERT INTO observations_datastream (id, name, description, observation_type, unit, is_multi, sensor_id, thing_id)
    SELECT (t.n - 1) * 6 + s.n, s.name, '', '', '{{"symbol": "µg/m³"}}', false, 1, t.n
    FROM generate_series(1, {stations}) t(n), unnest(%s::text[]) WITH ORDINALITY s(name, n);
INSERT INTO observations_latest (datastream_id, stored, phenomenon_time, result)
    SELECT id, 8784, %s::timestamptz, 20 FROM observations_datastream;
"""
_BARE: Final = (
    "SELECT datastream_id, phenomenon_time, result, quality FROM observations_observation"
    " WHERE datastream_id = ANY(%s) AND phenomenon_time >= %s AND phenomenon_time < %s AND NOT conflicting"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--runs", type=int, default=15)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill a year of hours, then ask for pages as a signed-in operator and as a resident do."""
    with running() as dothi:
        set_up(dothi.database_url)
        now = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
        with psycopg.connect(dothi.database_url, autocommit=True) as connection:
            fill(connection, now)
            bare = figure("a station's year, the bare SQL", timed(_bare(connection, now), options.runs), "ms")
            work = _backend_ms(connection, _bare(connection, now), options.runs)
        return [
            bare,
            Figure("a station's year, PostgreSQL's own work for it", work, "ms"),
            *_ask(options.runs, bare.value, work),
        ]


def fill(connection: psycopg.Connection[Any], now: datetime) -> None:
    """Write six stations with each hour of a year, in partitions as the record makes them."""
    last = now.replace(minute=0) - timedelta(hours=1)
    for statement in _THINGS.format(stations=STATIONS).split(";")[:-1]:
        values = [list(POLLUTANTS)] if "unnest" in statement else [last] if "timestamptz" in statement else None
        connection.execute(statement, values)
    first_day = now.replace(hour=0, minute=0) - timedelta(days=DAYS - 1)
    days = [first_day + timedelta(days=number) for number in range(DAYS)]
    asyncio.run(make_partitions(connection.info.dsn + f" password={connection.info.password}", days, now))
    streams = np.arange(1, STATIONS * len(POLLUTANTS) + 1)
    for number, day in enumerate(days):
        hours = np.arange(24)[: max(0, min(24, (last - day) // timedelta(hours=1) + 1))]
        chance = np.random.default_rng(number).lognormal(0, 0.3, (len(hours), len(streams)))
        values = (chance * np.tile(LEVELS, STATIONS)).ravel()
        copy(connection, rows_of(day, np.repeat(hours * 60, len(streams)), np.tile(streams, len(hours)), values))
    connection.execute("VACUUM (ANALYZE) observations_observation, observations_datastream, observations_thing")


def _bare(connection: psycopg.Connection[Any], now: datetime) -> Callable[[int], None]:
    def read(run: int) -> None:
        first = run % STATIONS * len(POLLUTANTS) + 1
        streams = list(range(first, first + len(POLLUTANTS)))
        rows = connection.execute(_BARE, [streams, now - timedelta(days=365), now]).fetchall()
        assert len(rows) > 365 * 23 * len(POLLUTANTS)

    return read


def _backend_ms(connection: psycopg.Connection[Any], read: Callable[[int], None], runs: int) -> float:
    """Give how long the backend itself works for one run, which the machine's other work does not lengthen."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat")

    def spent() -> float:
        user, system = stat.read_text("utf-8").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")

    before = spent()
    for run in range(runs):
        read(run)
    return (spent() - before) / runs


def _ask(runs: int, bare_ms: float, backend_ms: float) -> list[Figure]:
    from django.test import Client  # noqa: PLC0415 (needs Django to be set up)

    from dothi.core.accounts.models import User  # noqa: PLC0415

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_user(username="bench", role="operator"))

    def time_page(
        name: str, address: Callable[[int], str], goal: str | None = None, *, limit: float | None = None
    ) -> Figure:
        def get(run: int) -> None:
            answer = client.get(f"/air/{address(run)}")
            assert answer.status_code == 200, address(run)

        return figure(name, timed(get, runs), "ms", goal=goal, limit=limit)

    def station(run: int) -> str:
        return f"stations/{run % STATIONS + 1}/"

    year = _own_work(client, "a station's year", lambda run: f"{station(run)}year/", runs)
    return [
        year,
        Figure("a station's year, both together", year.value + backend_ms, "ms", goal=f"<={YEAR_GOAL_MS}"),
        _own_work(client, "a station's 30 days", lambda run: f"{station(run)}?span=month", runs),
        time_page("a station's year", lambda run: f"{station(run)}year/", f"<={YEAR_GOAL_MS}", limit=bare_ms),
        time_page("a station's 48 hours", station),
        time_page("a station's 30 days", lambda run: f"{station(run)}?span=month"),
        time_page("all stations", lambda _: ""),
        time_page("the residents' page", lambda _: "today/"),
    ]


def _own_work(client: "Client", name: str, address: Callable[[int], str], runs: int) -> Figure:
    """Time the web process's own work for a page, which the machine's other work does not lengthen."""
    own: list[float] = []

    def get(run: int) -> None:
        began = time.process_time()
        client.get(f"/air/{address(run)}")
        own.append((time.process_time() - began) * 1000)

    timed(get, runs)
    return figure(f"{name}, the web process's own work", own[1:], "ms")
