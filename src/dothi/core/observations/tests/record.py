"""A running record on the tests' database, and an emptied one after each test: a pytest plugin."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo

from dothi.kernel.events import EntitiesChanged, Event

TABLES = "observations_observation, observations_deadletter"


@pytest.fixture
def database_url(transactional_db: None) -> Iterator[str]:
    """The address of the tests' database, whose Observations are removed after the test."""
    from django.conf import settings  # noqa: PLC0415 (needs Django to be set up)
    from django.db import connection  # noqa: PLC0415

    yield make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES}")


@pytest.fixture
def events() -> list[Event]:
    """What the record told the city, but for which entities changed: that goes along with nearly everything."""
    return []


@pytest_asyncio.fixture
async def record(database_url: str, events: list[Event]) -> AsyncIterator[object]:
    """A started `Record`."""
    from dothi.core.observations.service import Record  # noqa: PLC0415 (needs Django to be set up)

    def keep(event: Event) -> None:
        if not isinstance(event, EntitiesChanged):
            events.append(event)

    started = Record(database_url, publish=keep, pool_size=4)
    await started.start()
    yield started
    await started.stop()
