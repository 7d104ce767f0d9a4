"""What leaves the record stays in its hours and days; what stays, stays; and writers never notice."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import time_machine
from asgiref.sync import sync_to_async
from django.db import connection as django_connection
from django.test import override_settings
from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import Datastream, LatestObservation, ObservedProperty
from dothi.core.observations.retention import service, store
from dothi.core.observations.retention.types import Action, Bucket, Done, Limits, Width
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation, Outcome
from dothi.kernel import clock
from dothi.kernel.clock import WALL, CityClock
from dothi.kernel.errors import Conflict, Forbidden, Unauthenticated, Unavailable

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
START = datetime(2026, 10, 1, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"
HALF_HOUR_ZONE = "Asia/Kolkata"
LIMITS = Limits(365, {"Power": 30, "Level": 30})


@pytest.fixture(autouse=True)
def emptied(database_url: str) -> Iterator[None]:
    """No partition of another test, and none left behind."""
    _drop_partitions()
    with time_machine.travel(NOW, tick=False):
        yield
    _drop_partitions()


def _drop_partitions() -> None:
    with django_connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_aggregate")
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'observations_observation'::regclass"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {table}")


@pytest_asyncio.fixture
async def streams(record: Record, register_thing: RegisterThing) -> list[int]:
    """Power and level, whose ObservedProperties have limits."""

    def register() -> list[int]:
        thing = register_thing("lamp", kind="Streetlight", readings={"power": (0, "W"), "level": (0, "%")})
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        for stream in Datastream.objects.filter(thing_id=thing):
            name = stream.name.capitalize()
            stream.observed_property = ObservedProperty.objects.create(name=name, definition=f"urn:x:{name}")
            stream.save()
        return list(Datastream.objects.filter(thing_id=thing).order_by("id").values_list("id", flat=True))

    return await sync_to_async(register)()


async def write(record: Record, stream: int, *, days: int = 4, begin: datetime = START, every_min: int = 25) -> int:
    """Write a value each 25 minutes; some of them bad, missing, conflicting or no numbers."""
    rows = []
    for number in range(days * 24 * 60 // every_min):
        at = begin + timedelta(minutes=every_min * number)
        quality = {3: 4, 5: 9}.get(number % 20, 2)
        if number % 20 == 7:
            rows.append(NewObservation(stream, at, result_json='"broken"'))
        else:
            rows.append(NewObservation(stream, at, float(number), quality=quality))
        if number % 20 == 9:
            rows.append(NewObservation(stream, at, -1.0))
    await record.write(SYSTEM, rows)
    return len(rows)


async def buckets(url: str, stream: int, width: Width, zone: str = ZONE) -> list[Bucket]:
    found = await service.list_buckets(
        SYSTEM, url, stream, width, begin=START - timedelta(days=3), end=START + timedelta(days=90), zone=zone
    )
    return list(found)


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await (await connection.execute(query)).fetchall()


async def run(url: str, limits: Limits = LIMITS, *, zone: str = ZONE) -> list[Done]:
    return await service.run(SYSTEM, url, limits, zone=zone)


PARTS = (
    "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'observations_observation'::regclass"
)
COUNT = "SELECT datastream_id, count(*) FROM observations_observation GROUP BY 1 ORDER BY 1"


@pytest.mark.parametrize("zone", [ZONE, HALF_HOUR_ZONE])
async def test_hours_and_days_are_the_same_before_and_after(
    database_url: str, record: Record, streams: list[int], zone: str
) -> None:
    rows = await write(record, streams[0])
    hours, days = [await buckets(database_url, streams[0], width, zone) for width in (Width.HOUR, Width.DAY)]
    done = await run(database_url, zone=zone)
    assert [each.table[-8:] for each in done] == ["20261001", "20261002", "20261003", "20261004"]
    assert sum(each.rows for each in done) == rows
    assert await ask(database_url, COUNT) == []
    assert await buckets(database_url, streams[0], Width.HOUR, zone) == hours
    assert await buckets(database_url, streams[0], Width.DAY, zone) == days
    assert sum(bucket.count + bucket.others for bucket in days) == rows
    assert await run(database_url, zone=zone) == []


async def test_a_bucket_counts_good_numbers_alone(database_url: str, record: Record, streams: list[int]) -> None:
    at = START + timedelta(minutes=5)
    await record.write(
        SYSTEM,
        [
            NewObservation(streams[0], at, 2.0),
            NewObservation(streams[0], at, 99.0),
            NewObservation(streams[0], at + timedelta(minutes=1), 4.0, quality=3),
            NewObservation(streams[0], at + timedelta(minutes=2), 99.0, quality=4),
            NewObservation(streams[0], at + timedelta(minutes=3), result_json="true"),
        ],
    )
    await run(database_url)
    [bucket] = await buckets(database_url, streams[0], Width.HOUR)
    assert bucket == Bucket(begin=START, count=2, others=3, total=6.0, least=2.0, greatest=4.0)
    assert bucket.mean == 3.0


async def test_what_comes_for_a_day_that_is_gone_is_kept_and_leaves_in_its_turn(
    database_url: str, record: Record, streams: list[int]
) -> None:
    await write(record, streams[0], days=1)
    before = await buckets(database_url, streams[0], Width.DAY)
    await run(database_url)
    late = NewObservation(streams[0], START + timedelta(hours=1, seconds=1), 1000.0)
    [answer] = await record.write(SYSTEM, [late])
    assert answer.outcome is Outcome.STORED
    assert await ask(database_url, COUNT) == [(streams[0], 1)]
    with_late = await buckets(database_url, streams[0], Width.DAY)
    assert sum(bucket.count for bucket in with_late) == sum(bucket.count for bucket in before) + 1
    assert max(bucket.greatest or 0 for bucket in with_late) == 1000.0
    assert [each.rows for each in await run(database_url)] == [1]
    assert await buckets(database_url, streams[0], Width.DAY) == with_late


async def test_a_partition_of_different_retention_is_rewritten_once(
    database_url: str, record: Record, streams: list[int]
) -> None:
    await write(record, streams[0], days=2)
    kept = await write(record, streams[1], days=2)
    limits = Limits(365, {"Power": 30, "Level": 100})
    hours = [await buckets(database_url, stream, Width.HOUR) for stream in streams]
    steps = await service.plan(SYSTEM, database_url, limits)
    assert [(step.action, step.leaving) for step in steps] == [(Action.REWRITE, frozenset({streams[0]}))] * 2
    assert len(await ask(database_url, COUNT)) == 2
    done = await run(database_url, limits)
    assert [each.action for each in done] == [Action.REWRITE] * 2
    assert await ask(database_url, COUNT) == [(streams[1], kept)]
    assert [await buckets(database_url, stream, Width.HOUR) for stream in streams] == hours
    assert await run(database_url, limits) == []
    # The partition that took the old one's place takes rows, knows repeats, and is found by id.
    again = await record.write(SYSTEM, [NewObservation(streams[1], START, 0.0)])
    new = await record.write(SYSTEM, [NewObservation(streams[1], START + timedelta(seconds=1), 5.0)])
    assert (again[0].outcome, new[0].outcome) == (Outcome.DUPLICATE, Outcome.STORED)
    assert await ask(database_url, f"SELECT result FROM observations_observation WHERE id = {new[0].id}") == [(5.0,)]
    assert [each.rows for each in await run(database_url, Limits(1))] != []
    assert await ask(database_url, COUNT) == []
    names = "SELECT count(*) FROM pg_class WHERE relname LIKE '%staying%' AND relkind = 'r'"
    assert await ask(database_url, names) == [(0,)]


async def test_a_datastream_may_have_days_of_its_own(database_url: str, record: Record, streams: list[int]) -> None:
    await write(record, streams[0], days=1)
    await sync_to_async(Datastream.objects.filter(id=streams[0]).update)(properties={"raw_days": 500})
    assert await run(database_url) == []


async def test_the_newest_value_and_the_span_stay_true(database_url: str, record: Record, streams: list[int]) -> None:
    rows = await write(record, streams[0], days=1)
    young = NOW - timedelta(days=2)
    await record.write(SYSTEM, [NewObservation(streams[0], young, 7.0)])
    columns = "stored, first_time, phenomenon_time, result"
    query = f"SELECT {columns} FROM observations_latest WHERE datastream_id = {streams[0]}"
    assert await ask(database_url, query) == [(rows + 1, START, young, 7.0)]
    await run(database_url)
    assert await ask(database_url, query) == [(1, young, young, 7.0)]


async def test_the_oldest_leave_when_there_is_no_room(database_url: str, record: Record, streams: list[int]) -> None:
    await write(record, streams[0], days=4, begin=NOW - timedelta(days=4))
    size = sum(step.part.size for step in await service.plan(SYSTEM, database_url, Limits(1)))
    assert await run(database_url, Limits(365, most_bytes=2 * size)) == []
    hours = await buckets(database_url, streams[0], Width.HOUR)
    done = await run(database_url, Limits(365, most_bytes=1))
    assert {each.for_room for each in done} == {True}
    assert [each.table[-8:] for each in done] == ["20261118", "20261119", "20261120"]
    assert await buckets(database_url, streams[0], Width.HOUR) == hours


async def test_a_partition_in_use_is_left_to_the_next_run(
    database_url: str, record: Record, streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TRIES", 2)
    monkeypatch.setattr(service, "WAIT_S", 0.0)
    await write(record, streams[0], days=1)
    async with await AsyncConnection.connect(database_url) as reader:
        await reader.execute("SELECT count(*) FROM observations_observation")
        [done] = await run(database_url)
        assert (done.was_busy, done.rows) == (True, 0)
        # The waiting for the reader did not stop anybody.
        [answer] = await record.write(SYSTEM, [NewObservation(streams[0], NOW, 1.0)])
        assert answer.outcome is Outcome.STORED
    assert [each.was_busy for each in await run(database_url)] == [False]


async def test_writers_go_on_while_partitions_leave(database_url: str, record: Record, streams: list[int]) -> None:
    """Many write, also for days that leave: each answer holds, in the record or in its hours."""
    await write(record, streams[0], days=3)
    before = sum(bucket.count + bucket.others for bucket in await buckets(database_url, streams[0], Width.DAY))
    stored = 0
    running = True

    async def keep_writing(offset: int) -> None:
        nonlocal stored
        number = 0
        while running or number < 30:
            at = START + timedelta(days=number % 40, seconds=offset, milliseconds=number)
            [answer] = await record.write(SYSTEM, [NewObservation(streams[0], at, 0.5)])
            stored += answer.outcome is Outcome.STORED
            number += 1

    writers = [asyncio.create_task(keep_writing(offset)) for offset in (1, 2, 3)]
    for _ in range(4):
        await run(database_url)
    running = False
    await asyncio.gather(*writers)
    after = sum(bucket.count + bucket.others for bucket in await buckets(database_url, streams[0], Width.DAY))
    assert stored >= 90
    assert after == before + stored


async def test_nothing_leaves_during_a_backup(database_url: str, record: Record, streams: list[int]) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as backup:
        await backup.execute("SELECT pg_advisory_lock_shared(%s)", [store.LIFETIME_LOCK])
        with pytest.raises(Conflict, match="backup"):
            await run(database_url)


async def test_what_is_not_allowed_or_out_of_reach(database_url: str, streams: list[int]) -> None:
    for role in ("viewer", "operator", "crew", "officer", "analyst"):
        actor = accounts.person(1, role=role, label="")
        with pytest.raises(Forbidden):
            await service.run(actor, database_url, LIMITS, zone=ZONE)
        with pytest.raises(Forbidden):
            await service.plan(actor, database_url, LIMITS)
        assert await service.list_buckets(actor, database_url, 1, Width.DAY, begin=START, end=NOW, zone=ZONE) == []
    with pytest.raises(Unauthenticated):
        await service.list_buckets(accounts.visitor(""), database_url, 1, Width.DAY, begin=START, end=NOW, zone=ZONE)
    administrator = accounts.person(1, role="administrator", label="")
    assert await service.run(administrator, database_url, LIMITS, zone=ZONE) == []
    nowhere = "postgresql://nobody@/none?host=/nowhere"
    for work in (
        service.run(SYSTEM, nowhere, LIMITS, zone=ZONE),
        service.plan(SYSTEM, nowhere, LIMITS),
        service.list_buckets(SYSTEM, nowhere, 1, Width.DAY, begin=START, end=NOW, zone=ZONE),
    ):
        with pytest.raises(Unavailable):
            await work


async def test_the_worker_does_it_by_schedule(database_url: str, record: Record, streams: list[int]) -> None:
    from dothi.core.observations import jobs  # noqa: PLC0415  needs Django to be set up

    await write(record, streams[0], days=2)
    with override_settings(DATABASE_URL=database_url, RAW_DAYS=30, RAW_BYTES=0):
        assert await jobs.make_room.func(0) == [], "without a bound there is room"
    [part, *_] = await ask(database_url, f"SELECT pg_total_relation_size(relname) FROM ({PARTS}) AS p(relname)")
    with override_settings(DATABASE_URL=database_url, RAW_DAYS=30, RAW_BYTES=part[0]):
        [done] = await jobs.make_room.func(0)
        assert (done.table[-8:], done.for_room) == ("20261001", True)
        [done] = await jobs.retain.func(0)
        assert (done.table[-8:], done.for_room) == ("20261002", False)
    assert done.rows > 0
    assert await ask(database_url, COUNT) == []


async def test_a_city_whose_clock_runs_faster_stays_small_and_shows_the_same(
    database_url: str, record: Record, streams: list[int]
) -> None:
    begin = NOW - timedelta(hours=8)
    clock.install(CityClock(NOW, NOW, 5.0))
    try:
        await write(record, streams[0], days=1, begin=begin, every_min=2)
        span: dict[str, Any] = {"begin": begin - timedelta(days=1), "end": NOW + timedelta(days=2), "zone": ZONE}
        before = [await service.list_buckets(SYSTEM, database_url, streams[0], width, **span) for width in Width]
        parts = await ask(database_url, PARTS)
        assert ("observations_observation_h2026112202",) in parts
        limits = service.limits(default_days=0, most_bytes=1)
        done = await service.make_room(SYSTEM, database_url, limits, zone=ZONE)
        assert [each.table[-11:] for each in done] == [f"h20261122{hour:02}" for hour in range(2, 8)]
        assert all(each.for_room and each.rows for each in done)
        assert len(await ask(database_url, PARTS)) == len(parts) - 6
        after = [await service.list_buckets(SYSTEM, database_url, streams[0], width, **span) for width in Width]
        assert after == before
        assert await service.make_room(SYSTEM, database_url, limits, zone=ZONE) == []
        late = await record.write(SYSTEM, [NewObservation(streams[0], begin, 7.0)])
        assert [each.outcome for each in late] == [Outcome.STORED], "its partition is made anew"
    finally:
        clock.install(WALL)


async def test_making_room_needs_its_permission_and_no_backup(database_url: str) -> None:
    with pytest.raises(Unauthenticated):
        await service.make_room(accounts.visitor("viewer"), database_url, Limits(most_bytes=1), zone=ZONE)
    async with await AsyncConnection.connect(database_url, autocommit=True) as backup:
        assert await store.take_lock(backup)
        with pytest.raises(Conflict):
            await service.make_room(SYSTEM, database_url, Limits(most_bytes=1), zone=ZONE)
