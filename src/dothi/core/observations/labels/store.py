"""The queries for names and limits of Things, on Django's connection."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, LiteralString

from django.db import connection
from psycopg import AsyncConnection

from dothi.core.accounts.types import Actor
from dothi.core.observations.labels.types import ThingLabel
from dothi.core.places.service.naming import Named, find_ids
from dothi.core.places.types import Site
from dothi.kernel.search import Spelling

_LABELS: Final = (
    "SELECT id, name, coalesce(properties ->> 'kind', ''), department,"
    " coalesce(properties ->> 'simulated', '') = 'true' FROM observations_thing WHERE id = ANY(%s)"
)
_PLACES: Final = (
    "SELECT DISTINCT ON (t.thing_id) t.thing_id, ST_X(ST_PointOnSurface(l.geom)), ST_Y(ST_PointOnSurface(l.geom))"
    " FROM observations_thing_location t JOIN observations_location l ON l.id = t.location_id"
    " WHERE t.thing_id = ANY(%s) AND l.geom IS NOT NULL ORDER BY t.thing_id, l.id"
)
_AT: Final = (
    "SELECT observations_thing.id, observations_thing.properties ->> 'kind'"
    " FROM observations_location l JOIN observations_thing_location tl ON tl.location_id = l.id"
    " JOIN observations_thing ON observations_thing.id = tl.thing_id,"
    " (SELECT ST_GeomFromWKB(%s, 4326) AS shape) g WHERE {touches} AND {eyes}"
    " GROUP BY 1, 2 ORDER BY min(ST_Distance(l.geom, g.shape)), 1"
)
_TOUCHES: Final = "ST_Intersects(l.geom, g.shape)"
_NEAR: Final = (
    "l.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326) AND ST_DWithin(l.geom::geography, g.shape::geography, %s)"
)
_VALUES: Final = (
    "SELECT id, properties ->> %s, coalesce(properties ->> %s, properties ->> %s) FROM observations_thing"
    " WHERE id = ANY(%s) AND properties ->> %s <> ''"
)
_COUNT: Final = (
    "SELECT properties ->> %s, count(*) FROM observations_thing"
    " WHERE properties ->> 'kind' = %s AND properties ->> %s = ANY(%s) AND {eyes} GROUP BY 1"
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


def list_called(folded: str, actor: Actor, spelling: Spelling) -> list[ThingLabel]:
    """List Things for an actor's eyes whose folded name fits, in two or three queries."""
    where, values = for_eyes(actor)
    named = Named(table="observations_thing", folded="places_fold(name)", where=where)
    ids = find_ids(named, folded, values, spelling=spelling)
    labels = {label.id: label for label in list_labels(ids)} if ids else {}
    return [labels[each] for each in ids if each in labels]


def list_values(thing_ids: Iterable[int], *, by: str, title: str) -> list[tuple[int, str, str]]:
    """Give the Things that have a property, as (id, its value, the value of another or else the same)."""
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [by, title, by, sorted(thing_ids), by])
        return list(cursor.fetchall())


def count_with(actor: Actor, *, kind: str, by: str, values: Iterable[str]) -> dict[str, int]:
    """Count the Things of a kind for an actor's eyes that have each value of a property."""
    eyes, more = for_eyes(actor)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(eyes=eyes), [by, kind, by, sorted(values), *more])
        return dict(cursor.fetchall())


def list_at(site: Site, actor: Actor) -> list[tuple[int, str]]:
    """List the Things, with their kind, for an actor's eyes that are at a place, the nearest first."""
    eyes, values = for_eyes(actor)
    near = [*site.bounds, site.reach_m] if site.reach_m else []
    with connection.cursor() as cursor:
        cursor.execute(_AT.format(touches=_NEAR if site.reach_m else _TOUCHES, eyes=eyes), [site.wkb, *near, *values])
        return [(thing_id, kind or "") for thing_id, kind in cursor.fetchall()]


def for_eyes(actor: Actor) -> tuple[str, list[Any]]:
    """Give, as a condition on `observations_thing` with its values, what `Actor.may_see` says of one who is placed."""
    if actor.kind == "visitor":
        return "observations_thing.is_public", []
    if not actor.is_limited:
        return "true", []
    values: list[Any] = []
    within = "true"
    if actor.departments is not None:
        of_department, values = _of_departments(actor.departments)
        standing = frozenset[int]().union(*(each.thing_ids for each in actor.areas if each.departments is None))
        ways = [of_department, "observations_thing.id = ANY(%s)"]
        values.append(sorted(standing))
        for each in actor.areas:
            if each.departments is not None:
                of_reach, departments = _of_departments(each.departments)
                ways.append(f"({of_reach} AND observations_thing.id = ANY(%s))")
                values += [*departments, sorted(each.thing_ids)]
        within = f"({' OR '.join(ways)})"
    if actor.thing_ids is not None:
        within += " AND observations_thing.id = ANY(%s)"
        values.append(sorted(actor.thing_ids))
    return (f"(observations_thing.is_public OR ({within}))" if actor.sees_public else f"({within})"), values


def _of_departments(departments: Iterable[str]) -> tuple[str, list[Any]]:
    return "observations_thing.department = ANY(%s)", [sorted(departments)]
