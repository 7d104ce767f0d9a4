"""The queries for what is derived, on Django's connection."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from dothi.core.observations.deriving.types import DerivedStream, DerivedThing

_PROPERTY: Final = "SELECT id FROM observations_observedproperty WHERE definition = %s ORDER BY id LIMIT 1"
_SENSOR: Final = "SELECT id FROM observations_sensor WHERE properties ->> 'derived_by' = %s ORDER BY id LIMIT 1"
_THING: Final = (
    "SELECT id FROM observations_thing WHERE properties @> jsonb_build_object('kind', %s::text, 'of', %s::bigint)"
    " ORDER BY id LIMIT 1"
)


def find_streams(thing_ids: Sequence[int], stream: DerivedStream) -> dict[int, int]:
    """Give the Datastreams that an analysis fills, by their Thing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT thing_id, min(id) FROM observations_datastream WHERE thing_id = ANY(%s) AND name = %s"
            " AND properties ->> 'derived_by' = %s GROUP BY thing_id",
            [list(thing_ids), stream.name, stream.by],
        )
        return dict(cursor.fetchall())


def find_shared(by: str, definition: str) -> tuple[int | None, int | None]:
    """Give the Sensor and the ObservedProperty of an analysis, None where there is none yet."""
    with connection.cursor() as cursor:
        found: list[int | None] = []
        for statement, value in ((_SENSOR, by), (_PROPERTY, definition)):
            cursor.execute(statement, [value])
            row = cursor.fetchone()
            found.append(int(row[0]) if row else None)
    return found[0], found[1]


def find_thing(wanted: DerivedThing) -> int | None:
    """Give the Thing that stands beside another one."""
    with connection.cursor() as cursor:
        cursor.execute(_THING, [wanted.kind, wanted.of])
        row = cursor.fetchone()
    return int(row[0]) if row else None
