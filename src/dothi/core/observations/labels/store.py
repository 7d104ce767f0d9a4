"""The queries for names and limits of Things, on Django's connection."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, LiteralString

from django.db import connection
from psycopg import AsyncConnection

from dothi.core.observations.labels.types import ThingLabel

_LABELS: Final = (
    "SELECT id, name, coalesce(properties ->> 'kind', ''), department,"
    " coalesce(properties ->> 'simulated', '') = 'true' FROM observations_thing WHERE id = ANY(%s)"
)
_PLACES: Final = (
    "SELECT DISTINCT ON (t.thing_id) t.thing_id, ST_X(ST_PointOnSurface(l.geom)), ST_Y(ST_PointOnSurface(l.geom))"
    " FROM observations_thing_location t JOIN observations_location l ON l.id = t.location_id"
    " WHERE t.thing_id = ANY(%s) AND l.geom IS NOT NULL ORDER BY t.thing_id, l.id"
)
_DEPARTMENTS: Final = "SELECT DISTINCT department FROM observations_thing WHERE department <> '' ORDER BY department"
_OF_DEPARTMENT: Final = "SELECT id FROM observations_thing WHERE department = ANY(%s)"

_WITHIN: Final[LiteralString] = (
    "SELECT area, array_agg(DISTINCT thing_id) FROM observations_things_within(%s::text[], %s) GROUP BY 1"
)


def list_labels(thing_ids: Iterable[int]) -> list[ThingLabel]:
    """Name the Things that exist among some ids, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, [sorted(thing_ids)])
        return [ThingLabel(*row) for row in cursor.fetchall()]


def list_places(thing_ids: Iterable[int]) -> dict[int, tuple[float, float]]:
    """Give the places of Things that have one, as (longitude, latitude)."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [sorted(thing_ids)])
        return {thing_id: (lon, lat) for thing_id, lon, lat in cursor.fetchall()}


def list_departments() -> list[str]:
    """List the departments of Things."""
    with connection.cursor() as cursor:
        cursor.execute(_DEPARTMENTS)
        return [department for (department,) in cursor.fetchall()]


def list_ids_of(departments: Iterable[str]) -> list[int]:
    """List the Things of some departments."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEPARTMENT, [sorted(departments)])
        return [thing_id for (thing_id,) in cursor.fetchall()]


def list_things_within(areas: Sequence[str], *, day: date) -> dict[str, frozenset[int]]:
    """List the Things that stand in areas, which are those of a day, by the areas' codes."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN, [list(areas), day])
        return {area: frozenset(thing_ids) for area, thing_ids in cursor.fetchall()}


async def list_things_within_on(
    machines: AsyncConnection, areas: Sequence[str], *, day: date
) -> dict[str, frozenset[int]]:  # fmt: skip
    """Do what `list_things_within` does."""
    cursor = await machines.execute(_WITHIN, [list(areas), day])
    return {area: frozenset(thing_ids) for area, thing_ids in await cursor.fetchall()}
