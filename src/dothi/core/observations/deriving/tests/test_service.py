"""What analyses write back: made once, found again, stored once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations import service as observations
from dothi.core.observations.deriving import service
from dothi.core.observations.deriving.types import DerivedStream, DerivedThing
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation, Outcome
from dothi.kernel.errors import Forbidden, NotFound
from dothi.kernel.events import Event

STREAM = DerivedStream(by="test.mean", name="mean", description="A mean.", symbol="W", unit="watt", ucum="W")
AT = datetime(2026, 11, 19, 11, tzinfo=UTC)
NOBODY = Actor(kind="key", reference="key:1")


@pytest.fixture(autouse=True)
def own_database(database_url: str, settings: Settings) -> None:
    """Let what is derived go into the tests' database."""
    settings.DATABASE_URL = database_url


async def test_a_derived_series_is_made_once_and_written_once(record: Any, register_thing: RegisterThing) -> None:
    heard: list[Event] = []

    def work() -> None:
        things = [register_thing(name, kind="Streetlight") for name in ("1", "2")]
        found = service.ensure_streams(SYSTEM, things, STREAM, publish=heard.append)
        assert service.ensure_streams(SYSTEM, things, STREAM, publish=heard.append) == found
        assert len(set(found.values())) == 2
        row = NewObservation(found[things[0]], AT, 1.5, phenomenon_end=AT + timedelta(hours=1))
        outcomes = [service.write(SYSTEM, [row], publish=heard.append)[0].outcome for _ in range(2)]
        assert outcomes == [Outcome.STORED, Outcome.DUPLICATE]
        reading = observations.get_thing(SYSTEM, things[0]).readings["mean"]
        assert (reading.value, reading.unit, reading.at) == (1.5, "W", AT)

    await sync_to_async(work)()
    assert {type(event).__name__ for event in heard} >= {"ThingsChanged", "ObservationsStored"}


async def test_a_thing_beside_another_is_as_public_and_stands_there(record: Any, register_thing: RegisterThing) -> None:
    def work() -> None:
        about = register_thing("1", kind="AirStation", is_public=False)
        wanted = DerivedThing(kind="AirForecast", of=about, name="1 · forecast")
        made = service.ensure_thing(SYSTEM, wanted)
        assert service.ensure_thing(SYSTEM, wanted) == made != about
        thing = observations.get_thing(SYSTEM, made)
        assert (thing.kind, thing.is_public, thing.lon, thing.lat) == ("AirForecast", False, 106.67, 11.05)
        with pytest.raises(NotFound):
            service.ensure_thing(SYSTEM, DerivedThing(kind="AirForecast", of=10**9, name="none"))

    await sync_to_async(work)()


async def test_whoever_may_not_write_derives_nothing(record: Any, register_thing: RegisterThing) -> None:
    def work() -> None:
        with pytest.raises(Forbidden):
            service.ensure_streams(NOBODY, [1], STREAM)
        with pytest.raises(Forbidden):
            service.ensure_thing(NOBODY, DerivedThing(kind="x", of=1, name="x"))
        with pytest.raises(Forbidden):
            service.write(NOBODY, [NewObservation(1, AT, 1.0)])
        assert service.write(NOBODY, []) == []

    await sync_to_async(work)()
