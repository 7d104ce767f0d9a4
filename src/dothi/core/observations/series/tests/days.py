"""A record of lamps' registers for the tests of series: a clock that stands, days, and what leaves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.models import Datastream, LatestObservation
from dothi.core.observations.retention import service as retention
from dothi.core.observations.retention.types import Limits
from dothi.core.observations.service import VIEW, Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"
MIDNIGHT = datetime(2026, 11, 1, 17, tzinfo=UTC)
"""The beginning of 2 November in the city."""
VISITOR = Actor(kind="visitor", reference="visitor", permissions=frozenset({VIEW}))


def day(number: float) -> datetime:
    return MIDNIGHT + timedelta(days=number)


@pytest.fixture(autouse=True)
def emptied(database_url: str) -> Iterator[None]:
    """No partition or aggregate of another test, and none left behind."""
    _drop_partitions()
    with time_machine.travel(NOW, tick=False), override_settings(TIME_ZONE=ZONE):
        yield
    _drop_partitions()


def _drop_partitions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_aggregate")
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'observations_observation'::regclass"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {table}")


Lamps = Callable[..., list[int]]


@pytest.fixture
def lamps(register_thing: RegisterThing) -> Lamps:
    """Register lamps; gives the ids of their energy registers."""

    def register(count: int = 1, *, is_public: bool = True) -> list[int]:
        for number in range(count):
            readings = {"power": (0.0, "W"), "energy": (0.0, "kWh")}
            register_thing(f"lamp {number}", kind="Streetlight", readings=readings, is_public=is_public)
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        return list(Datastream.objects.filter(name="energy").order_by("id").values_list("id", flat=True))

    return register


async def keep(record: Record, stream: int, readings: list[tuple[float, float]], **more: object) -> None:
    """Write readings, as (day, number)."""
    await record.write(SYSTEM, [NewObservation(stream, day(at), value, **more) for at, value in readings])  # type: ignore[arg-type]


async def leave(url: str, *, days: int = 1) -> None:
    """Let everything go that is older than some days."""
    done = await retention.run(SYSTEM, url, Limits(days), zone=ZONE)
    assert sum(each.rows for each in done) > 0
