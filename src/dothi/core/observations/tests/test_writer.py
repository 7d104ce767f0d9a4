"""What was answered is stored exactly once, whatever came in whatever order."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta, timezone

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.models import Datastream, LatestObservation
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation, Outcome
from dothi.core.observations.writer import TOGETHER
from dothi.kernel.errors import InvalidInput, Overloaded, Unauthenticated, Unavailable
from dothi.kernel.events import Event, ObservationsStored

START = datetime(2026, 11, 22, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest_asyncio.fixture
async def streams(record: Record, register_thing: RegisterThing) -> list[int]:
    """Two Datastreams without an Observation."""

    def register() -> list[int]:
        thing = register_thing("lamp", kind="Streetlight", readings={"power": (0, "W"), "level": (0, "%")})
        found = list(Datastream.objects.filter(thing_id=thing).order_by("id").values_list("id", flat=True))
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        return found

    return await sync_to_async(register)()


async def stored_rows(record: Record) -> list[tuple[object, ...]]:
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT datastream_id, phenomenon_time, result, conflicting FROM observations_observation ORDER BY id"
        )
        return await cursor.fetchall()


async def latest_of(record: Record, stream: int) -> tuple[object, ...]:
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT phenomenon_time, result, first_time, stored FROM observations_latest WHERE datastream_id = %s",
            [stream],
        )
        row = await cursor.fetchone()
        assert row is not None
        return row


async def test_a_repeated_observation_is_the_same_one(record: Record, streams: list[int]) -> None:
    row = NewObservation(streams[0], at(0), 98.5)
    [first] = await record.write(SYSTEM, [row])
    [again] = await record.write(SYSTEM, [row])
    assert first.outcome is Outcome.STORED
    assert (again.id, again.outcome) == (first.id, Outcome.DUPLICATE)
    assert len(await stored_rows(record)) == 1


async def test_a_repetition_within_one_batch_is_the_same_one(record: Record, streams: list[int]) -> None:
    row = NewObservation(streams[0], at(0), 98.5)
    first, again = await record.write(SYSTEM, [row, row])
    assert (first.outcome, again.outcome, again.id) == (Outcome.STORED, Outcome.DUPLICATE, first.id)


async def test_another_result_for_the_same_moment_is_stored_and_marked(record: Record, streams: list[int]) -> None:
    await record.write(SYSTEM, [NewObservation(streams[0], at(0), 98.5)])
    [other] = await record.write(SYSTEM, [NewObservation(streams[0], at(0), 12.0)])
    assert other.outcome is Outcome.CONFLICTING
    assert [row[2:] for row in await stored_rows(record)] == [(98.5, False), (12.0, True)]


async def test_a_late_observation_is_stored_and_the_latest_stays(record: Record, streams: list[int]) -> None:
    await record.write(SYSTEM, [NewObservation(streams[0], at(10), 2.0)])
    [late] = await record.write(SYSTEM, [NewObservation(streams[0], at(5), 1.0)])
    assert late.outcome is Outcome.STORED
    assert await latest_of(record, streams[0]) == (at(10), 2.0, at(5), 2)


async def test_an_unknown_datastream_spoils_nothing_else(record: Record, streams: list[int]) -> None:
    answers = await record.write(SYSTEM, [NewObservation(10**9, at(0), 1.0), NewObservation(streams[0], at(0), 1.0)])
    assert [answer.outcome for answer in answers] == [Outcome.UNKNOWN_DATASTREAM, Outcome.STORED]


async def test_every_kind_of_value_is_kept(record: Record, streams: list[int]) -> None:
    row = NewObservation(
        streams[0],
        at(0),
        result_json='{"a": [1, "ă"]}',
        phenomenon_end=at(1),
        result_time=at(2),
        valid_from=at(0),
        valid_to=at(9),
        result_quality='"good"',
        parameters='{"x": 1}',
    )
    [answer] = await record.write(SYSTEM, [row])
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT result, result_json, phenomenon_end, result_time, valid_from, valid_to, result_quality, parameters"
            " FROM observations_observation WHERE id = %s",
            [answer.id],
        )
        stored = await cursor.fetchone()
    assert stored == (None, {"a": [1, "ă"]}, at(1), at(2), at(0), at(9), "good", {"x": 1})


async def test_a_value_the_database_refuses_fails_alone(record: Record, streams: list[int]) -> None:
    bad = record.write(SYSTEM, [NewObservation(streams[0], at(0), result_json='"\\u0000"')])
    good = record.write(SYSTEM, [NewObservation(streams[1], at(0), 1.0)])
    refused, answers = await asyncio.gather(bad, good, return_exceptions=True)
    assert isinstance(refused, InvalidInput)
    assert isinstance(answers, list)
    assert answers[0].outcome is Outcome.STORED


async def test_the_city_hears_of_what_is_new_and_of_nothing_else(
    record: Record, streams: list[int], events: list[Event]
) -> None:
    row = NewObservation(streams[0], at(0), 1.0)
    for _ in range(2):
        await record.write(SYSTEM, [row])
    await record.write(SYSTEM, [NewObservation(streams[0], at(1), 2.0)])
    await record.writer.stop()  # which tells what is not told yet
    told = [event for event in events if isinstance(event, ObservationsStored)]
    assert [one.result for event in told for one in event.rows] == [1.0, 2.0]
    assert [event.number for event in told] == list(range(1, len(told) + 1))


async def test_few_rows_wait_for_a_batch_that_is_under_way_but_not_for_long(
    record: Record, streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dothi.core.observations.writer.LINGER_S", 3600)
    held = NewObservation(streams[0], at(0), 1.0)
    others = [NewObservation(streams[1], at(minute), 1.0) for minute in range(TOGETHER)]
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(record.pool.connection())
        holding = await stack.enter_async_context(AsyncExitStack())
        await holding.enter_async_context(connection.transaction())
        await connection.execute("SELECT FROM observations_latest WHERE datastream_id = %s FOR UPDATE", [streams[0]])
        first = asyncio.create_task(record.write(SYSTEM, [held]))
        while not record.writer._busy:
            await asyncio.sleep(0)
        few = [asyncio.create_task(record.write(SYSTEM, [row])) for row in others[:-1]]
        while record.writer._queued < len(few):
            await asyncio.sleep(0)
        assert record.writer._busy == 1
        await record.write(SYSTEM, others[-1:])  # one more, and they need not wait
        assert all(len(answers) == 1 for answers in await asyncio.gather(*few))
        monkeypatch.setattr("dothi.core.observations.writer.LINGER_S", 0)
        await record.write(SYSTEM, [NewObservation(streams[1], at(TOGETHER), 1.0)])
        assert not first.done()
        await holding.aclose()
        await first


async def test_too_much_waiting_is_refused(record: Record, streams: list[int]) -> None:
    record.writer._capacity = 10
    rows = [NewObservation(streams[0], at(minute), 1.0) for minute in range(8)]
    first, second = await asyncio.gather(record.write(SYSTEM, rows), record.write(SYSTEM, rows), return_exceptions=True)
    assert isinstance(first, list)
    assert isinstance(second, Overloaded)


async def test_after_its_end_the_writer_says_so(record: Record, streams: list[int]) -> None:
    await record.writer.stop()
    with pytest.raises(Unavailable):
        await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1.0)])


async def test_a_time_of_another_zone_is_the_same_moment(record: Record, streams: list[int]) -> None:
    east = timezone(timedelta(hours=7))
    [first] = await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1.0)])
    [again] = await record.write(SYSTEM, [NewObservation(streams[0], at(0).astimezone(east), 1.0)])
    assert (again.id, again.outcome) == (first.id, Outcome.DUPLICATE)
    for moment in (at(0).replace(tzinfo=None), at(0).replace(year=1)):
        with pytest.raises(InvalidInput) as caught:
            await record.write(SYSTEM, [NewObservation(streams[0], moment, 1.0)])
        assert caught.value.place == "phenomenonTime"


async def test_readers_have_a_limit_and_keep_no_writer_waiting(record: Record, streams: list[int]) -> None:
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(record.pool.connection()) for _ in range(record.pool.max_size)]
        for name, value in (("statement_timeout", "30s"), ("jit", "off")):
            shown = await (await readers[0].execute(f"SHOW {name}")).fetchone()
            assert shown == (value,)
        [stored] = await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1.0)])
    assert stored.outcome is Outcome.STORED


async def test_a_visitor_may_not_write(record: Record, streams: list[int]) -> None:
    with pytest.raises(Unauthenticated):
        await record.write(Actor(kind="visitor", reference="visitor"), [NewObservation(streams[0], at(0), 1.0)])


batches = st.lists(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.sampled_from([1.0, 2.0])), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=batches, together=st.booleans())
async def test_the_table_is_the_set_of_what_was_sent(
    record: Record, streams: list[int], batches: list[list[tuple[int, int, float]]], together: bool
) -> None:
    async with record.pool.connection() as connection:
        await connection.execute("TRUNCATE observations_observation")
        await connection.execute(
            "UPDATE observations_latest SET phenomenon_time = NULL, result = NULL, first_time = NULL, stored = 0"
        )
    sent = [
        [NewObservation(streams[stream], at(minute), value) for stream, minute, value in batch] for batch in batches
    ]
    if together:
        answers = await asyncio.gather(*(record.write(SYSTEM, batch) for batch in sent))
    else:
        answers = [await record.write(SYSTEM, batch) for batch in sent]
    wanted = {(row.datastream_id, row.phenomenon_time, row.result) for batch in sent for row in batch}
    rows = await stored_rows(record)
    assert sorted(row[:3] for row in rows) == sorted(wanted)
    given_ids: dict[tuple[object, ...], set[int]] = {}
    for batch, answered in zip(sent, answers, strict=True):
        for row, answer in zip(batch, answered, strict=True):
            given_ids.setdefault((row.datastream_id, row.phenomenon_time, row.result), set()).add(answer.id)
    assert all(len(ids) == 1 for ids in given_ids.values())
    for stream in streams:
        own = [row for row in wanted if row[0] == stream]
        newest = await latest_of(record, stream)
        assert newest[3] == len(own)
        assert newest[0] == max((row[1] for row in own), default=None)
        conflicts = len(own) - len({row[1] for row in own})
        assert sum(1 for row in rows if row[0] == stream and row[3]) == conflicts


async def test_no_id_is_given_twice_however_many_write_at_once(record: Record, streams: list[int]) -> None:
    def batch(number: int) -> list[NewObservation]:
        return [NewObservation(streams[0], at(number * 1000 + place), 1.0) for place in range(1 + number * 37 % 300)]

    answers = await asyncio.gather(*(record.write(SYSTEM, batch(number)) for number in range(60)))
    given_ids = [answer.id for batch_answers in answers for answer in batch_answers]
    assert len(given_ids) == len(set(given_ids))
    assert sorted(given_ids) == [row[0] for row in await _ids(record)]


async def _ids(record: Record) -> list[tuple[int]]:
    async with record.pool.connection() as connection:
        return await (await connection.execute("SELECT id FROM observations_observation ORDER BY id")).fetchall()


async def test_a_row_that_can_not_even_be_sent_fails_alone(record: Record, streams: list[int]) -> None:
    """What the doors let through by mistake must not fail the rows of others that are in the same batch."""
    rows = [NewObservation(streams[0], at(minute), float(minute)) for minute in range(3)]
    poison = [
        NewObservation(streams[1], at(0), 1.0, feature_id=2**70),
        NewObservation(streams[1], at(1), result_json='"a\0b"'),
        NewObservation(streams[1], at(2), result_json="no JSON"),
    ]
    requests = [record.write(SYSTEM, [row]) for pair in zip(rows, poison, strict=True) for row in pair]
    answers = await asyncio.gather(*requests, return_exceptions=True)
    assert [not isinstance(answer, BaseException) for answer in answers] == [True, False] * 3
    assert not any(isinstance(answer, Unavailable) for answer in answers), "nobody must try again for ever"
    assert {row[2] for row in await stored_rows(record)} == {0.0, 1.0, 2.0}
    assert record.writer.waiting == 0


async def test_times_of_results_before_the_newest_row_are_not_forgotten(record: Record, streams: list[int]) -> None:
    await record.write(
        SYSTEM, [NewObservation(streams[0], at(0), 1.0, result_time=at(1)), NewObservation(streams[0], at(5), 2.0)]
    )
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT result, result_time_first, result_time_last FROM observations_latest WHERE datastream_id = %s",
            [streams[0]],
        )
        assert await cursor.fetchone() == (2.0, at(1), at(1))
