"""Deep inserts: in few statements however much they bring, together with others', and each all or nothing."""

import asyncio
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from psycopg import AsyncCursor

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.audit import service as audit
from dothi.core.audit.models import AuditEntry
from dothi.core.observations.entities.types import Creatable, NewLocation, NewObservedProperty, NewSensor, NewThing
from dothi.core.observations.models import Datastream, HistoricalLocation, LatestObservation, Thing
from dothi.core.observations.service import CREATE_THING, Record
from dothi.kernel.errors import InvalidInput
from dothi.kernel.events import Event, ThingsChanged

PLACE: dict[str, Any] = {
    "name": "mast",
    "encodingType": "application/geo+json",
    "location": {"type": "Point", "coordinates": [106.67, 11.05]},
}


def decode(kind: type[Creatable], body: dict[str, Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body), type=kind)


def stream(name: str, *, sensor: int, observed: int) -> dict[str, Any]:
    return {
        "name": name,
        "observationType": "t",
        "unitOfMeasurement": {"symbol": "W"},
        "Sensor": {"@iot.id": sensor},
        "ObservedProperty": {"@iot.id": observed},
    }


def lamp(name: str, *, sensor: int, observed: int, streams: int = 6) -> NewThing:
    capability = {
        "name": "light",
        "taskingParameters": {"type": "DataRecord", "field": []},
        "Actuator": {"name": "driver", "encodingType": "text/plain", "metadata": ""},
    }
    body = {
        "name": name,
        "properties": {"kind": "Streetlight"},
        "Locations": [PLACE],
        "Datastreams": [stream(f"s{number}", sensor=sensor, observed=observed) for number in range(streams)],
        "TaskingCapabilities": [capability],
    }
    made: NewThing = decode(NewThing, body)
    return made


async def shared(record: Record) -> dict[str, int]:
    """Make what all lamps link to."""
    sensor = decode(NewSensor, {"name": "s", "encodingType": "text/plain", "metadata": ""})
    observed = decode(NewObservedProperty, {"name": "p", "definition": "urn:p"})
    made = await record.create(SYSTEM, sensor, observed)
    return {"sensor": made[0].id, "observed": made[1].id}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The statements on the machines' connections; transactions begin and end by themselves besides."""
    found: list[object] = []
    execute = AsyncCursor.execute

    async def count(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(query)
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(AsyncCursor, "execute", count)
    return found


async def test_a_deep_insert_takes_five_statements_however_much_it_brings(
    record: Record, statements: list[object]
) -> None:
    links = await shared(record)
    for streams in (1, 6, 60):
        statements.clear()
        await record.create(SYSTEM, lamp("one", **links, streams=streams))
        # One looks up what is linked and takes ids, one makes all rows; the audit log locks, reads and adds.
        assert len(statements) == 5, statements
    assert await Datastream.objects.acount() == await LatestObservation.objects.acount() == 67


async def test_what_is_wanted_at_once_shares_statements_and_commits(
    record: Record, statements: list[object], events: list[Event]
) -> None:
    links = await shared(record)
    statements.clear()
    events.clear()
    answers = await asyncio.gather(*(record.create(SYSTEM, lamp(f"{number}", **links)) for number in range(20)))
    assert len(statements) == 5, statements
    names = {thing.id: thing.name async for thing in Thing.objects.all()}
    assert [names[made.id] for (made,) in answers] == [f"{number}" for number in range(20)]
    assert events == [ThingsChanged(thing_ids=[made.id]) for (made,) in answers]
    for thing_id in names:
        assert await Datastream.objects.filter(thing_id=thing_id).acount() == 6
    assert await AuditEntry.objects.acount() == 22
    assert await sync_to_async(audit.find_break)() is None


async def test_what_is_wrong_spoils_nothing_that_came_with_it(record: Record) -> None:
    links = await shared(record)
    limited = Actor(kind="key", reference="key:1", permissions=frozenset({CREATE_THING}), department="water")
    (theirs,) = await record.create(SYSTEM, lamp("theirs", **links))
    wrong: list[tuple[Actor, NewThing | NewLocation, type[Exception], str]] = [
        (SYSTEM, lamp("no sensor", **links | {"sensor": 99999}), InvalidInput, "Datastreams[0]/Sensor"),
        (SYSTEM, decode(NewThing, {"name": "x\0"}), InvalidInput, ""),
        (
            SYSTEM,
            decode(NewThing, {"name": "x", "Datastreams": [{"name": "d"}]}),
            InvalidInput,
            "Datastreams[0]/Sensor",
        ),
        (SYSTEM, decode(NewLocation, PLACE | {"location": {"type": "Point"}}), InvalidInput, "location"),
        (limited, decode(NewLocation, PLACE | {"Things": [{"@iot.id": theirs.id}]}), InvalidInput, "Things[0]"),
    ]
    good = [record.create(SYSTEM, lamp(f"{number}", **links)) for number in range(3)]
    bad = [record.create(actor, new) for actor, new, _, _ in wrong]
    answers = await asyncio.gather(*good[:2], *bad, good[2], return_exceptions=True)
    for answer, (_, _, kind, place) in zip(answers[2:-1], wrong, strict=True):
        assert isinstance(answer, kind), answer
        assert not place or (isinstance(answer, InvalidInput) and answer.place == place)
    assert sorted([thing.name async for thing in Thing.objects.all()]) == ["0", "1", "2", "theirs"]
    assert await AuditEntry.objects.acount() == 6


async def test_of_two_faults_the_first_is_told(record: Record) -> None:
    links = await shared(record)
    streams = [stream("a", **links | {"sensor": 99999}), {"name": "b"}]
    with pytest.raises(InvalidInput) as refused:
        await record.create(SYSTEM, decode(NewThing, {"name": "x", "Datastreams": streams}))
    assert refused.value.place == "Datastreams[0]/Sensor"
    places = [PLACE, PLACE | {"location": {"type": "Point"}}, {"@iot.id": 99999}]
    with pytest.raises(InvalidInput) as refused:
        await record.create(SYSTEM, decode(NewThing, {"name": "x", "Locations": places}))
    assert refused.value.place == "Locations[1]/location"


async def test_a_thing_that_is_moved_by_several_at_once_is_where_the_last_put_it(record: Record) -> None:
    ((bus,),) = [await record.create(SYSTEM, decode(NewThing, {"name": "bus", "Locations": [PLACE]}))]
    link = {"Things": [{"@iot.id": bus.id}]}
    moved = await asyncio.gather(
        *(record.create(SYSTEM, decode(NewLocation, PLACE | link | {"name": f"stop {number}"})) for number in range(4))
    )
    thing = await Thing.objects.aget(id=bus.id)
    assert [place.id async for place in thing.locations.all()] == [moved[-1][0].id]
    assert await HistoricalLocation.objects.filter(thing_id=bus.id).acount() == 5
