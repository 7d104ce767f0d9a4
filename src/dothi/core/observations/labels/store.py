"""The queries for names and limits of Things, on Django's connection."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from dothi.core.observations.labels.types import ThingLabel

_LABELS: Final = (
    "SELECT id, name, coalesce(properties ->> 'kind', ''), department,"
    " coalesce(properties ->> 'simulated', '') = 'true' FROM observations_thing WHERE id = ANY(%s)"
)
_OF_DEPARTMENT: Final = "SELECT id FROM observations_thing WHERE department = ANY(%s)"


def list_labels(thing_ids: Iterable[int]) -> list[ThingLabel]:
    """Name the Things that exist among some ids, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, [sorted(thing_ids)])
        return [ThingLabel(*row) for row in cursor.fetchall()]


def list_ids_of(departments: Iterable[str]) -> list[int]:
    """List the Things of some departments."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEPARTMENT, [sorted(departments)])
        return [thing_id for (thing_id,) in cursor.fetchall()]
