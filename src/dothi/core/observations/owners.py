"""The queries that tell which Datastreams and Things there are, and of whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.observations.types import StreamOfThing

_STREAMS: Final = (
    "SELECT d.id, d.name, d.thing_id, t.department FROM observations_datastream d"
    " JOIN observations_thing t ON t.id = d.thing_id"
)


async def find_datastreams(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, StreamOfThing]:
    """Give each Datastream that exists with its Thing, by id."""
    cursor = await connection.execute(f"{_STREAMS} WHERE d.id = ANY(%s)", [list(ids)])
    return {row[0]: StreamOfThing(*row) for row in await cursor.fetchall()}


def list_streams() -> list[StreamOfThing]:
    """List all Datastreams with their Things, on Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute(f"{_STREAMS} ORDER BY d.id")
        return [StreamOfThing(*row) for row in cursor.fetchall()]


def list_departments() -> list[tuple[int, str]]:
    """List all Things with their departments, on Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute("SELECT id, department FROM observations_thing ORDER BY id")
        return list(cursor.fetchall())


async def newest_time(connection: AsyncConnection, *, before: datetime) -> datetime | None:
    """Give the newest phenomenonTime of all Observations that are no forecast, or None."""
    cursor = await connection.execute(
        "SELECT max(phenomenon_time) FROM observations_latest WHERE phenomenon_time <= %s", [before]
    )
    row = await cursor.fetchone()
    return row[0] if row else None
