"""Which rows whoever asks may see: those of the Things within their reach, by every way that leads to them."""

from datetime import date
from typing import Final, LiteralString

from psycopg.sql import SQL, Composable

from dothi.core.observations.query.scope import Context, column
from dothi.core.observations.query.tables import Table
from dothi.core.observations.query.types import Entity

OWNED: Final = frozenset(
    {
        Entity.THING,
        Entity.DATASTREAM,
        Entity.MULTI_DATASTREAM,
        Entity.HISTORICAL_LOCATION,
        Entity.OBSERVATION,
        Entity.TASKING_CAPABILITY,
        Entity.TASK,
    }
)
"""Entities of one Thing: whatever they lead to is that Thing's as well, so from a visible one everything is visible."""

_OF_THING: Final[LiteralString] = "{alias}.thing_id IN (SELECT x.id FROM observations_thing x WHERE {seen})"
_OF_SERIES: Final[LiteralString] = (
    "EXISTS (SELECT FROM observations_datastream y JOIN observations_thing x ON x.id = y.thing_id"
    " WHERE {link} AND {seen})"
)
_OF_CAPABILITY: Final[LiteralString] = (
    "EXISTS (SELECT FROM observations_taskingcapability y JOIN observations_thing x ON x.id = y.thing_id"
    " WHERE {link} AND {seen})"
)
_PLACED: Final[LiteralString] = (
    "(EXISTS (SELECT FROM observations_thing_location y JOIN observations_thing x ON x.id = y.thing_id"
    " WHERE y.location_id = {place} AND {seen})"
    " OR EXISTS (SELECT FROM observations_historicallocation_location z"
    " JOIN observations_historicallocation y ON y.id = z.historicallocation_id"
    " JOIN observations_thing x ON x.id = y.thing_id WHERE z.location_id = {place} AND {seen}))"
)
_NEWEST_ABOUT: Final[LiteralString] = (
    "EXISTS (SELECT FROM observations_latest l JOIN observations_datastream y ON y.id = l.datastream_id"
    " JOIN observations_thing x ON x.id = y.thing_id WHERE l.feature_id = {feature} AND {seen})"
)
_OBSERVED: Final[LiteralString] = (
    "y.observed_property_id = {alias}.id OR EXISTS (SELECT FROM observations_datastream_property p"
    " WHERE p.datastream_id = y.id AND p.observed_property_id = {alias}.id)"
)


def confine(context: Context, table: Table, alias: Composable) -> list[Composable]:
    """Give the condition that a row is within reach; none where everything is.

    A feature that is no Thing's place has no owner to ask: within a limited reach its Observations alone lead to it.
    """
    if context.reach is None:
        return []
    seen = _seen(context)
    match table.entity:
        case Entity.THING:
            return [SQL("{}.id IN (SELECT x.id FROM observations_thing x WHERE {})").format(alias, seen)]
        case Entity.DATASTREAM | Entity.MULTI_DATASTREAM | Entity.HISTORICAL_LOCATION | Entity.TASKING_CAPABILITY:
            return [SQL(_OF_THING).format(alias=alias, seen=seen)]
        case Entity.LOCATION:
            return [SQL(_PLACED).format(place=column(alias, "id"), seen=seen)]
        case Entity.FEATURE_OF_INTEREST:
            return [SQL(_PLACED).format(place=column(alias, "location_id"), seen=seen)]
        case Entity.TASK:
            link = SQL("y.id = {}").format(column(alias, "tasking_capability_id"))
            return [SQL(_OF_CAPABILITY).format(link=link, seen=seen)]
        case Entity.ACTUATOR:
            link = SQL("y.actuator_id = {}").format(column(alias, "id"))
            return [SQL(_OF_CAPABILITY).format(link=link, seen=seen)]
    links: dict[Entity, LiteralString] = {
        Entity.OBSERVATION: "y.id = {alias}.datastream_id",
        Entity.SENSOR: "y.sensor_id = {alias}.id",
        Entity.OBSERVED_PROPERTY: "(" + _OBSERVED + ")",
    }
    return [SQL(_OF_SERIES).format(link=SQL(links[table.entity]).format(alias=alias), seen=seen)]


def confine_from(context: Context, start: Table, table: Table, alias: Composable) -> list[Composable]:
    """Give the condition that a row reached from an entity within reach is so too; none where it must be."""
    return [] if start.entity in OWNED else confine(context, table, alias)


def is_newest_about(context: Context, alias: Composable) -> Composable:
    """Give the condition that the newest Observation of a Datastream within reach is about a feature."""
    return SQL(_NEWEST_ABOUT).format(feature=column(alias, "id"), seen=_seen(context))


def _seen(context: Context) -> Composable:
    """Give the condition on the Thing, which is `x`."""
    reach = context.reach
    if reach is None:
        return SQL("TRUE")
    parts: list[Composable] = []
    if reach.public_only:
        parts.append(SQL("x.is_public"))
    if reach.departments is not None:
        of_department = SQL("x.department = ANY({})").format(context.parameter(list(reach.departments), "text[]"))
        either = [of_department, *(_stands_in(context, *each, day=reach.day) for each in reach.areas)]
        parts.append(SQL("({})").format(SQL(" OR ").join(either)))
    if reach.thing_ids is not None:
        parts.append(SQL("x.id = ANY({})").format(context.parameter(list(reach.thing_ids), "bigint[]")))
    met = SQL(" AND ").join(parts) if parts else SQL("TRUE")
    return SQL("(x.is_public OR ({}))").format(met) if reach.or_public else met


def _stands_in(context: Context, area: str, departments: tuple[str, ...] | None, *, day: date) -> Composable:
    """Give the condition that the Thing stands in an area, and is of some departments."""
    asked = context.parameter([area], "text[]"), context.parameter(day, "date")
    stands = SQL("x.id IN (SELECT w.thing_id FROM observations_things_within({}, {}) w)").format(*asked)
    if departments is None:
        return stands
    return SQL("({} AND x.department = ANY({}))").format(stands, context.parameter(list(departments), "text[]"))
