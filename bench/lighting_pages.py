"""Lighting's pages as a person gets them: the server's time for each, over a record of a city of 6,000 lamps."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import psycopg

from bench._running import running
from bench.report import Figure, figure
from bench.series import DRAWN, fill, set_up, timed

OVERVIEW_GOAL_MS: Final = 400
YEAR_GOAL_MS: Final = 300
_CABINETS: Final = """
INSERT INTO observations_thing (id, name, description, properties, department, is_public)
    SELECT 1000000 + n, 'Cabinet ' || n, '', jsonb_build_object('kind', 'StreetlightControlCabinet',
        'serial', 'BD-C-' || n, 'street', 'street-' || n % 100, 'programme', 'new_city'), '', true
    FROM generate_series(0, 119) n
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--lamps", type=int, default=6_000)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the newest partition")
    parser.add_argument("--runs", type=int, default=15)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill a record, then ask for pages as a signed-in operator does."""
    with running() as dothi:
        set_up(dothi.database_url)
        now = datetime.now(UTC).replace(second=30, microsecond=0)
        with psycopg.connect(dothi.database_url, autocommit=True) as connection:
            fill(connection, now, lamps=options.lamps, rows=options.rows)
            connection.execute(_CABINETS)
        return _ask(options.runs)


def _ask(runs: int) -> list[Figure]:
    from django.test import Client  # noqa: PLC0415 (needs Django to be set up)

    from dothi.core.accounts.models import User  # noqa: PLC0415
    from dothi.domains.lighting.service import days  # noqa: PLC0415

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_user(username="bench", role="operator"))

    def time_page(name: str, address: Callable[[int], str], goal: str | None = None, *, is_kept: bool = True) -> Figure:
        def get(run: int) -> None:
            if not is_kept:
                days.forget()
            answer = client.get(f"/lighting/{address(run)}")
            assert answer.status_code == 200, address(run)

        return figure(name, timed(get, runs if is_kept else max(runs // 3, 1)), "ms", goal=goal)

    def lamp(run: int) -> str:
        return f"lamps/{run % DRAWN + 1}/"

    overview, year = f"<={OVERVIEW_GOAL_MS}", f"<={YEAR_GOAL_MS}"
    return [
        time_page("the overview", lambda _: "", overview),
        time_page("the overview, yesterday added up anew", lambda _: "", overview, is_kept=False),
        time_page("a search", lambda run: f"?q=lamp+{run}"),
        time_page("the city's 31 days of energy", lambda _: "days.json"),
        time_page("the city's 31 days of energy, added up anew", lambda _: "days.json", is_kept=False),
        time_page("a street", lambda run: f"streets/street-{run % 100}/"),
        time_page("a lamp's 24 hours", lamp),
        time_page("a lamp's 30 days", lambda run: f"{lamp(run)}?span=month"),
        time_page("a lamp's year", lambda run: f"{lamp(run)}?span=year", year),
        time_page("a lamp's year by day", lambda run: f"{lamp(run)}?span=year&by=day", year),
        time_page("a cabinet", lambda run: f"cabinets/{1_000_000 + run % 120}/"),
    ]
