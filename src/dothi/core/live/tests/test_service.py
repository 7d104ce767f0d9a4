"""The hub follows the record: what is committed is on the map, and a lost message is mended."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.core.accounts import policy
from dothi.core.accounts.types import SYSTEM, Actor, Held
from dothi.core.live.service import Hub
from dothi.core.live.types import Changes, Feature, FeatureState, LiveLayer, Message, Reading, Snapshot, View
from dothi.core.observations.models import Thing
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation
from dothi.core.places.tests.wards import ABOVE, WARD, make_ward
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, InvalidInput, Unauthenticated
from dothi.kernel.events import Event, PlacesChanged, ThingsChanged

START = datetime(2026, 11, 22, tzinfo=UTC)
LAMPS = "lighting.lamps"
EVERYTHING = View(frozenset([LAMPS]))


def describe(readings: Mapping[str, Reading]) -> FeatureState:
    power = readings["power"].value if "power" in readings else None
    return FeatureState("on" if power else "off", power, "W")


@pytest_asyncio.fixture
async def lamp(record: Record, register_thing: RegisterThing) -> int:
    return await sync_to_async(register_thing)("lamp", kind="Streetlight", readings={"power": (5.0, "W")}, at=START)


@pytest_asyncio.fixture
async def hub(record: Record, lamp: int) -> AsyncIterator[Hub]:
    made = Hub(record, [LiveLayer(LAMPS, "Streetlight", "lighting.lamp.view", describe)])
    made.start()
    yield made
    made.close()


async def until_shown(hub: Hub, wanted: float | None, view: View = EVERYTHING) -> list[Feature]:
    """Follow a view until its one feature has a value (None: until it is empty), and give its features."""
    held: list[Feature] = []
    async with asyncio.timeout(20):
        async for _, (_, message) in hub.follow(view):
            if isinstance(message, Snapshot):
                held = message.features
            elif isinstance(message, Changes):
                gone = set(message.removed) | {feature.key for feature in message.changed}
                held = [feature for feature in held if feature.key not in gone] + message.changed
            if [feature.value for feature in held] == ([] if wanted is None else [wanted]):
                return held
    raise AssertionError("the stream ended")


async def test_what_is_stored_already_is_shown(hub: Hub, lamp: int) -> None:
    [shown] = await until_shown(hub, 5.0)
    assert (shown.id, shown.name, shown.state, shown.observed_at, shown.simulated) == (lamp, "lamp", "on", START, True)


async def write(record: Record, hub: Hub, events: list[Event], value: float, minute: int) -> None:
    """Store a value, and tell the hub as the bus would."""
    [stream] = await record.find_datastreams(range(1, 10_000))
    told = len(events)
    await record.write(SYSTEM, [NewObservation(stream, START + timedelta(minutes=minute), value)])
    async with asyncio.timeout(20):
        while len(events) == told:
            await asyncio.sleep(0.005)
    hub.hear(events[-1])


async def test_a_committed_observation_is_shown(hub: Hub, record: Record, events: list[Event]) -> None:
    await until_shown(hub, 5.0)
    for minute in (1, 2):
        await write(record, hub, events, 90.0 + minute, minute)
        [shown] = await until_shown(hub, 90.0 + minute)
        assert shown.unit == "W"


async def test_a_late_observation_does_not_turn_the_view_back(hub: Hub, record: Record, events: list[Event]) -> None:
    await write(record, hub, events, 91.0, 10)
    await until_shown(hub, 91.0)
    await write(record, hub, events, 17.0, 5)
    await write(record, hub, events, 92.0, 11)
    await until_shown(hub, 92.0)
    hub.miss()
    await until_shown(hub, 92.0)


async def test_a_missed_event_is_mended_from_the_record(hub: Hub, record: Record, events: list[Event]) -> None:
    await until_shown(hub, 5.0)
    [stream] = await record.find_datastreams(range(1, 10_000))
    await record.write(SYSTEM, [NewObservation(stream, START + timedelta(minutes=1), 33.0)])
    hub.miss()
    await until_shown(hub, 33.0)


async def test_a_new_thing_appears_and_a_deleted_one_goes(
    hub: Hub, record: Record, lamp: int, register_thing: RegisterThing
) -> None:
    other = await sync_to_async(register_thing)("new", kind="Streetlight", readings={"power": (7.0, "W")}, at=START)
    hub.hear(ThingsChanged([other]))
    await until_ids(hub, {lamp, other})
    await sync_to_async(Thing.objects.filter(id=lamp).delete)()
    hub.hear(ThingsChanged([lamp]))
    await until_ids(hub, {other})


async def until_ids(hub: Hub, wanted: set[int]) -> None:
    """Follow the view until it shows exactly these Things."""
    async with asyncio.timeout(20):
        async for _ in hub.follow(EVERYTHING):
            if {feature.id for feature in hub.snapshot(EVERYTHING).features} == wanted:
                return


async def test_a_client_resumes_where_it_was(hub: Hub, record: Record, events: list[Event]) -> None:
    await until_shown(hub, 5.0)
    stream = hub.follow(EVERYTHING)
    event_id, (kind, _) = await anext(stream)
    assert kind == "snapshot"
    await stream.aclose()  # type: ignore[attr-defined]
    await write(record, hub, events, 50.0, 1)
    async with asyncio.timeout(20):
        async for _, (kind, message) in hub.follow(EVERYTHING, last_event_id=event_id):
            assert kind != "snapshot"
            if isinstance(message, Changes):
                assert [feature.value for feature in message.changed] == [50.0]
                return


@pytest.mark.parametrize("event_id", ["", "another:3", "x", ":", "{epoch}:999999", "{epoch}:-1"])
async def test_an_unknown_position_begins_with_a_snapshot(hub: Hub, event_id: str) -> None:
    _, (kind, _) = await anext(hub.follow(EVERYTHING, last_event_id=event_id.format(epoch=hub.epoch)))
    assert kind == "snapshot"


async def test_closing_ends_every_stream_at_once(hub: Hub) -> None:
    async def drain() -> int:
        return len([message async for message in hub.follow(EVERYTHING)])

    clients = [asyncio.create_task(drain()) for _ in range(5)]
    await until_shown(hub, 5.0)
    hub.close()
    async with asyncio.timeout(5):
        assert all(count >= 1 for count in await asyncio.gather(*clients))


def test_a_view_holds_only_what_may_be_seen(record: Record) -> None:
    hub = Hub(record, [LiveLayer(LAMPS, "Streetlight", "lighting.lamp.view", describe)])
    nobody = Actor(kind="visitor", reference="visitor")
    looker = Actor(kind="user", reference="user:1", permissions=frozenset(["live.map.view"]))
    with pytest.raises(Unauthenticated):
        hub.view_of(nobody, layers=[], bbox=None)
    with pytest.raises(Forbidden):
        hub.view_of(looker, layers=[LAMPS], bbox=None)
    assert hub.view_of(looker, layers=[], bbox=None).layers == frozenset()
    with pytest.raises(InvalidInput):
        hub.view_of(SYSTEM, layers=["no.such"], bbox=None)
    assert hub.view_of(SYSTEM, layers=[], bbox=None).layers == {LAMPS}


async def test_things_say_in_which_ward_they_are_and_follow_when_wards_change(hub: Hub, lamp: int) -> None:
    [shown] = await until_shown(hub, 5.0)
    assert shown.area == ""
    await sync_to_async(make_ward)(106.67, 11.05)
    hub.hear(PlacesChanged(1))
    async with asyncio.timeout(20):
        async for _ in hub.follow(EVERYTHING):
            [shown] = hub.snapshot(EVERYTHING).features
            if shown.area == WARD:
                break
    [then] = (await hub.past(EVERYTHING, clock.now())).features
    assert then.area == WARD


async def test_who_may_see_a_ward_sees_what_stands_there(hub: Hub, lamp: int, register_thing: RegisterThing) -> None:
    make = sync_to_async(register_thing)
    here = await make("here", kind="Streetlight", is_public=False, department="lighting")
    await make("away", kind="Streetlight", is_public=False, department="lighting", place=(106.75, 11.05))
    await sync_to_async(make_ward)(106.67, 11.05)
    hub.miss()
    may = frozenset(["live.map.view", "lighting.lamp.view"])
    for held, wanted in (
        (Held(may, area=WARD), {lamp, here}),
        (Held(may, area=ABOVE), {lamp, here}),
        (Held(may, area=WARD, departments=frozenset({"lighting"})), {lamp, here}),
        (Held(may, area=WARD, departments=frozenset({"water"})), {lamp}),
        (Held(may, area="99999"), {lamp}),
    ):
        view = hub.view_of(policy.person("user:1", label="x", grants=[held]), layers=[], bbox=None)
        async with asyncio.timeout(20):
            async for _ in hub.follow(view):
                if {feature.id for feature in hub.snapshot(view).features} == wanted:
                    break


async def test_visitors_and_limited_keys_see_only_what_is_theirs(
    hub: Hub, lamp: int, register_thing: RegisterThing
) -> None:
    # Its department comes with it: a hub that looks at Things just then would show it without one until it looks again.
    told = {"kind": "Streetlight", "is_public": False, "department": "lighting"}
    hidden = await sync_to_async(register_thing)("hidden", **told)
    hub.hear(ThingsChanged([hidden]))
    await until_ids(hub, {lamp, hidden})
    may = frozenset(["live.map.view", "lighting.lamp.view"])
    actors = {
        Actor("visitor", "visitor", may): {lamp},
        Actor("user", "user:1", may): {lamp, hidden},
        Actor("key", "key:1", may, department="lighting"): {hidden},
        policy.person("user:2", label="", grants=[Held(may, frozenset({"lighting"}))]): {lamp, hidden},
        policy.person("user:3", label="", grants=[Held(may, frozenset({"water"}))]): {lamp},
        Actor("key", "key:2", may, thing_ids=frozenset([lamp])): {lamp},
    }
    for actor, seen in actors.items():
        features = hub.snapshot(hub.view_of(actor, layers=[], bbox=None)).features
        assert {feature.id for feature in features} == seen, actor
    await sync_to_async(Thing.objects.filter(id=lamp).update)(is_public=False)
    visitor = hub.view_of(Actor("visitor", "visitor", may), layers=[], bbox=None)
    hub.hear(ThingsChanged([lamp]))
    await until_shown(hub, None, visitor)


async def test_those_who_look_at_the_same_are_given_the_same_changes(
    hub: Hub, record: Record, events: list[Event]
) -> None:
    await until_shown(hub, 5.0)
    other = View(frozenset([LAMPS]), bbox=(100.0, 0.0, 110.0, 20.0))
    streams = [hub.follow(view) for view in (EVERYTHING, EVERYTHING, other)]
    for stream in streams:
        assert (await anext(stream))[1][0] == "snapshot"
    await write(record, hub, events, 50.0, 1)

    async def next_changes(stream: AsyncIterator[tuple[str, Message]]) -> Changes:
        async for _, (_, message) in stream:
            if isinstance(message, Changes):
                return message
        raise AssertionError("the stream ended")

    async with asyncio.timeout(20):
        one, same, third = await asyncio.gather(*map(next_changes, streams))
    assert one is same
    assert one is not third
    assert [feature.value for feature in one.changed] == [50.0]
