"""Series from the real tables: what was written comes back, before and after it left for the aggregates."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.series import rules, service, store
from dothi.core.observations.series.tests.days import MIDNIGHT, NOW, VISITOR, Lamps, day, keep, leave
from dothi.core.observations.series.types import Increments, Step, Width
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import Forbidden, NotFound, Unauthenticated

read_window, read_latest = sync_to_async(service.read_window), sync_to_async(service.read_latest)
read_chart, list_streams = sync_to_async(service.read_chart), sync_to_async(service.list_streams)
read_increments, sum_increments = sync_to_async(service.read_increments), sync_to_async(service.sum_increments)


def increases(found: Increments) -> list[float | None]:
    return [None if each.increase is None else round(each.increase, 6) for each in found.buckets]


async def test_a_window_holds_what_came_after_its_begin_up_to_its_end(record: Record, lamps: Lamps) -> None:
    streams = await sync_to_async(lamps)(3)
    minute = 1 / 1440
    for stream in streams:
        await keep(record, stream, [(minute * number, stream * 100 + number) for number in range(5)])
    await record.write(SYSTEM, [NewObservation(streams[0], day(minute * 3.5), result_json='"?"', quality=4)])
    await record.write(SYSTEM, [NewObservation(streams[1], day(minute * 3), -1.0)])
    found = await read_window(SYSTEM, streams[:2], day(minute), day(minute * 4))
    begin = int(rules.micros([MIDNIGHT])[0])
    assert ((found.phenomenon_time - begin) // 30_000_000).tolist() == [4, 4, 6, 6, 7, 8, 8]
    assert found.datastream_id.tolist() == [*streams[:2] * 2, streams[0], *streams[:2]]
    numbers = [100 * streams[0] + 2, 100 * streams[1] + 2, 100 * streams[0] + 3, 100 * streams[1] + 3]
    assert found.result[:4].tolist() == numbers
    assert np.isnan(found.result[4])
    assert found.quality[4] == 4
    latest = await read_latest(SYSTEM, np.array(streams))
    assert latest.result.tolist() == [stream * 100 + 4 for stream in streams]
    assert len((await read_window(SYSTEM, streams, day(5), day(6))).result) == 0
    assert len((await read_window(SYSTEM, [], day(0), day(6))).result) == 0


async def test_a_window_of_many_holds_those_alone(
    record: Record, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MANY", 2)
    streams = await sync_to_async(lamps)(4)
    for stream in [*streams, streams[0] - 1]:
        await keep(record, stream, [(0.5, stream)])
    for asked_for in (streams, streams[:2], streams[::3]):
        found = await read_window(SYSTEM, asked_for, day(0), day(1))
        assert found.datastream_id.tolist() == asked_for
        assert found.result.tolist() == asked_for
    together = await sum_increments(SYSTEM, streams, day(0), day(2), step=Step.DAY)
    assert increases(together) == [None, None]


async def test_streams_of_a_kind_come_by_one_query_each_for_its_eyes(
    lamps: Lamps, register_thing: RegisterThing
) -> None:
    def look() -> None:
        lamps(2)
        lamps(1, is_public=False)
        register_thing("cabinet", kind="Cabinet", readings={"voltage": (230, "V")})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = service.list_streams(SYSTEM, kind="Streetlight")
        assert len(queries) == 1
        assert [set(each.streams) for each in found] == [{"power", "energy"}] * 3
        assert found[0].properties["kind"] == "Streetlight"
        assert len(service.list_streams(VISITOR, kind="Streetlight")) == 2
        limited = Actor(
            kind="key", reference="key", permissions=VISITOR.permissions, thing_ids=frozenset([found[2].id])
        )
        assert [each.id for each in service.list_streams(limited, kind="Streetlight")] == [found[2].id]

    await sync_to_async(look)()


async def test_who_may_not_see_a_thing_gets_nothing_of_it(record: Record, lamps: Lamps) -> None:
    [hidden] = await sync_to_async(lamps)(1, is_public=False)
    await keep(record, hidden, [(0.1, 1.0), (0.2, 2.0)])
    assert len((await read_window(VISITOR, [hidden], day(0), day(1))).result) == 0
    assert len((await read_latest(VISITOR, [hidden])).result) == 0
    assert (await sum_increments(VISITOR, [hidden], day(0), day(1), step=Step.DAY)).registers == 0
    for read in (
        read_chart(VISITOR, hidden, day(0), day(1)),
        read_increments(VISITOR, hidden, day(0), day(1), step=Step.DAY),
    ):
        with pytest.raises(NotFound):
            await read
    nobody = Actor(kind="visitor", reference="visitor")
    with pytest.raises(Unauthenticated):
        await read_window(nobody, [hidden], day(0), day(1))
    with pytest.raises(Forbidden):
        await read_chart(Actor(kind="key", reference="key"), hidden, day(0), day(1))
    with pytest.raises(Unauthenticated):
        await list_streams(nobody, kind="Streetlight")


async def test_a_day_is_drawn_by_its_observations_unless_there_are_too_many(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    await keep(record, stream, [(number / 96, float(number)) for number in range(96)])
    await keep(record, stream, [(0.5001, 1e9)], quality=4)
    chart = await read_chart(SYSTEM, stream, day(0), day(1))
    assert (chart.width, chart.unit, chart.name) == (Width.RAW, "kWh", "energy")
    assert [point.mean for point in chart.points] == list(range(96))
    narrow = await read_chart(SYSTEM, stream, day(0), day(1), points=30)
    assert narrow.width is Width.HOUR
    assert [point.mean for point in narrow.points] == [4 * hour + 1.5 for hour in range(24)]


@pytest.mark.parametrize(("days", "width"), [(1, Width.HOUR), (10, Width.HOUR), (200, Width.DAY), (900, Width.MONTH)])
async def test_a_chart_is_the_same_before_and_after_observations_leave(
    database_url: str, record: Record, lamps: Lamps, days: int, width: Width
) -> None:
    [stream] = await sync_to_async(lamps)()
    await keep(record, stream, [(number / 48, float(number % 37)) for number in range(48 * 8)])
    before = await read_chart(SYSTEM, stream, day(0), day(days), points=47)
    await leave(database_url, days=16)
    await keep(record, stream, [(0.01, 500.0)])
    chart = await read_chart(SYSTEM, stream, day(0), day(days))
    assert chart.width is width
    assert sum(point.count for point in chart.points) == sum(point.count for point in before.points) + 1
    assert chart.points[0].greatest == 500.0
    if days == 1:
        assert chart.points[1:] == before.points[1:]


async def test_what_lies_ahead_is_a_forecast_and_its_newest_word_holds(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    hours = [NOW + timedelta(hours=hour) for hour in (-1, 0, 1, 2)]
    rows = [NewObservation(stream, at, 1.0, result_time=NOW - timedelta(hours=3)) for at in hours]
    newer = [NewObservation(stream, at, 2.0, result_time=NOW) for at in hours[2:]]
    await record.write(SYSTEM, newer)
    await record.write(SYSTEM, rows)
    chart = await read_chart(SYSTEM, stream, NOW - timedelta(hours=12), NOW + timedelta(hours=12))
    assert [(point.begin, point.mean) for point in chart.points] == [(hours[0], 1.0), (hours[1], 1.0)]
    assert [(point.begin, point.mean) for point in chart.forecast] == [(hours[2], 2.0), (hours[3], 2.0)]
    wide = await read_chart(SYSTEM, stream, NOW - timedelta(days=9), NOW + timedelta(days=9))
    assert sum(point.count for point in wide.points) == 2
    assert [point.mean for point in wide.forecast] == [2.0, 2.0]


async def test_a_register_rises_by_day_and_hour_and_month(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    await keep(record, stream, [(number / 288, number / 288 * 2.4) for number in range(288 * 5 + 1)])
    days = await read_increments(SYSTEM, stream, day(0), day(5), step=Step.DAY)
    assert increases(days) == [2.4] * 5
    assert {(each.interpolated, each.partial, each.resets) for each in days.buckets} == {(0, 0, 0)}
    assert days.unit == "kWh"
    assert days.total == pytest.approx(12.0)
    hours = await read_increments(SYSTEM, stream, day(1), day(2), step=Step.HOUR)
    assert increases(hours) == [0.1] * 24
    months = await read_increments(SYSTEM, stream, day(0), day(5), step=Step.MONTH)
    assert increases(months) == [12.0]
    assert months.buckets[0].partial == 1


async def test_rises_are_the_same_before_and_after_observations_leave(
    database_url: str, record: Record, lamps: Lamps
) -> None:
    streams = await sync_to_async(lamps)(2)
    for stream in streams:
        await keep(record, stream, [(number / 96, number / 4.0 + stream) for number in range(96 * 8)])
    before = await sum_increments(SYSTEM, streams, day(-1), day(9), step=Step.DAY)
    assert increases(before) == [None, *[48.0] * 7, 47.5, None]
    assert before.buckets[2].known == 2
    await leave(database_url, days=16)
    after = await sum_increments(SYSTEM, streams, day(-1), day(9), step=Step.DAY)
    assert after.total == pytest.approx(before.total)
    # The least of a day is its first reading: what it rose by since the last one of the day before counts for it.
    for one, other in zip(after.buckets, before.buckets, strict=True):
        assert other.increase is None or one.increase == pytest.approx(other.increase, abs=2 * 0.25 + 1e-9)
    hours = await sum_increments(SYSTEM, streams, day(0), day(8), step=Step.HOUR)
    assert hours.total == pytest.approx(before.total)


async def test_weekly_readings_are_shared_out_and_marked(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    await keep(record, stream, [(-3.5, 10.0), (3.5, 17.0), (10.5, 31.0)])
    found = await read_increments(SYSTEM, stream, day(0), day(10), step=Step.DAY)
    assert increases(found) == [1.0, 1.0, 1.0, 1.5, *[2.0] * 6]
    assert all(each.interpolated for each in found.buckets)


async def test_a_gap_is_bridged_and_marked(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    readings = [(number / 96, number / 96 * 4) for number in range(96 * 6 + 1) if not 96 * 1.5 < number < 96 * 3.5]
    await keep(record, stream, readings)
    found = await read_increments(SYSTEM, stream, day(0), day(6), step=Step.DAY)
    assert increases(found) == [4.0] * 6
    assert [each.interpolated for each in found.buckets] == [0, 1, 1, 1, 0, 0]


async def test_many_registers_rise_as_each_does(record: Record, lamps: Lamps, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = await sync_to_async(lamps)(3)
    for number, stream in enumerate(streams):
        await keep(record, stream, [(each / 96, each * (number + 1) / 8) for each in range(96 * 3 + 1)])
    one_way = await sum_increments(SYSTEM, streams, day(0), day(3), step=Step.DAY)
    monkeypatch.setattr(store, "MANY", 2)
    other_way = await sum_increments(SYSTEM, streams, day(0), day(3), step=Step.DAY)
    assert one_way == other_way
    assert increases(other_way) == [72.0] * 3


@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_replaced_meter_adds_what_both_counted(
    database_url: str, record: Record, lamps: Lamps, is_gone: bool
) -> None:
    [stream] = await sync_to_async(lamps)()
    old = [(number / 96, 500 + number / 96 * 4) for number in range(96 * 2 + 49)]
    new = [(2.5 + (number + 1) / 96, number / 96 * 4) for number in range(96 * 2)]
    await keep(record, stream, old + new)
    if is_gone:
        await leave(database_url)
    found = await read_increments(SYSTEM, stream, day(0), day(5), step=Step.DAY)
    # Of what has left, the hour in which the meter was replaced is lost, and the step to the next one.
    tolerance = (4 / 24 if is_gone else 0) + 4 / 96 + 1e-6
    expected = [4.0, 4.0, 4.0 - 4 / 96, 4.0, 2.0 - 4 / 96]
    assert [each.increase for each in found.buckets] == [pytest.approx(each, abs=tolerance) for each in expected]
    assert found.buckets[2].resets == 1
    assert found.buckets[0].resets == 0
    months = await read_increments(SYSTEM, stream, day(0), day(5), step=Step.MONTH)
    assert months.total == pytest.approx(found.total)


async def test_days_of_a_city_that_turns_its_clock_back(record: Record, lamps: Lamps) -> None:
    [stream] = await sync_to_async(lamps)()
    midnight = datetime(2026, 10, 23, 22, tzinfo=UTC)
    rows = [NewObservation(stream, midnight + timedelta(hours=hour), float(hour)) for hour in range(24 * 3 + 2)]
    await record.write(SYSTEM, rows)
    with override_settings(TIME_ZONE="Europe/Berlin"):
        found = await read_increments(SYSTEM, stream, midnight, midnight + timedelta(hours=73), step=Step.DAY)
        chart = await read_chart(SYSTEM, stream, midnight, midnight + timedelta(days=60))
    assert increases(found) == [24.0, 25.0, 24.0]
    assert [point.count for point in chart.points] == [24, 25, 24, 1]


async def test_many_registers_take_as_many_queries_as_one(record: Record, lamps: Lamps) -> None:
    streams = await sync_to_async(lamps)(5)
    for stream in streams:
        await keep(record, stream, [(number / 96, float(number)) for number in range(96 * 2 + 1)])

    def count(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert service.sum_increments(SYSTEM, ids, day(0), day(2), step=Step.DAY).total == 192.0 * len(ids)
        return len(queries)

    assert await sync_to_async(count)(streams) == await sync_to_async(count)(streams[:1])


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Havana", "Asia/Kolkata", "UTC"])
async def test_aggregates_lie_in_the_spans_of_the_rules(database_url: str, zone: str) -> None:
    begin = datetime(2026, 1, 1, 5, tzinfo=UTC)

    def cut(unit: str, moments: list[datetime]) -> list[datetime]:
        with connection.cursor() as cursor:
            query = "SELECT date_trunc(%s, at + '1 minute'::interval, %s) FROM unnest(%s::timestamptz[]) AS m(at)"
            cursor.execute(query, [unit, zone, moments])
            return [row[0] for row in cursor.fetchall()]

    for width, days in ((Width.HOUR, 330), (Width.DAY, 900), (Width.MONTH, 900)):
        moments = rules.boundaries(begin, begin + timedelta(days=days), width, zone=zone)
        for at, found, after in zip(moments, await sync_to_async(cut)(width.value, moments), moments[1:], strict=False):
            # Where midnight comes twice, PostgreSQL takes the second for the beginning of the day.
            assert found == at or (zone == "America/Havana" and at < found < after)


async def test_many_registers_rise_between_any_moments_each_for_itself(record: Record, lamps: Lamps) -> None:
    one, two = await sync_to_async(lamps)(2)
    await keep(record, one, [(0, 10.0), (1, 11.5), (2, 11.5), (3, 15.0)])
    await keep(record, two, [(0, 1.0), (3, 4.0)])
    measure = sync_to_async(service.measure_rises)
    found = await measure(SYSTEM, [two, 999_999, one], [day(0), day(1), day(3)])
    assert np.allclose(found.increase, [[1.0, 2.0], [np.nan, np.nan], [1.5, 3.5]], equal_nan=True)
    assert found.is_interpolated.tolist() == [[True, True], [False, False], [False, False]]
    assert (await measure(SYSTEM, [], [day(0), day(1)])).increase.shape == (0, 1)


async def test_a_young_register_rises_as_if_each_moment_were_looked_around(
    record: Record, lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    young, silent, old = await sync_to_async(lamps)(3)
    await keep(record, young, [(10.3, 5.0), (11, 6.0), (12.5, 9.0)])
    await keep(record, old, [(0, 1.0), (13, 14.0)])
    days = [day(number) for number in range(14)]
    measure = sync_to_async(service.measure_rises)
    found = await measure(SYSTEM, [young, silent, old], days)
    monkeypatch.setattr("dothi.core.observations.series.store.MANY_LACKING", len(days))
    each = await measure(SYSTEM, [young, silent, old], days)
    assert np.isnan(found.increase[0, :10]).all()
    assert not np.isnan(found.increase[0, 11])
    assert np.allclose(found.increase[2], 1.0)
    for one, other in zip(found, each, strict=True):
        np.testing.assert_array_equal(one, other)


async def test_who_may_not_see_registers_gets_no_rises(record: Record, lamps: Lamps) -> None:
    [one] = await sync_to_async(lamps)(1, is_public=False)
    await keep(record, one, [(0, 10.0), (1, 11.5)])
    found = await sync_to_async(service.measure_rises)(VISITOR, [one], [day(0), day(1)])
    assert np.isnan(found.increase).all()


@pytest.mark.django_db
def test_the_newest_of_things_by_name(register_thing: RegisterThing) -> None:
    """Values, times and Datastreams stand where their Thing and name do; nothing stands where nothing is."""
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    one = register_thing("one", kind="Streetlight", readings={"power": (98.0, "W"), "level": (70.0, "%")}, at=at)
    two = register_thing("two", kind="Streetlight", readings={"level": (100.0, "%")}, at=at, is_public=False)
    register_thing("other", kind="Air", readings={"power": (1.0, "W")})
    found = service.read_newest(SYSTEM, kind="Streetlight", names=["power", "level"])
    assert [(thing.id, thing.name) for thing in found.things] == [(one, "one"), (two, "two")]
    assert np.array_equal(found.results, [[98.0, 70.0], [np.nan, 100.0]], equal_nan=True)
    moment = int(rules.micros([at])[0])
    assert found.times.tolist() == [[moment, moment], [0, moment]]
    assert (found.streams > 0).tolist() == [[True, True], [False, True]]
    assert [thing.id for thing in service.read_newest(VISITOR, kind="Streetlight").things] == [one]
    assert service.read_newest(SYSTEM, kind="Streetlight", where={"street": "nowhere"}).things == ()
    streams = service.find_streams(SYSTEM, one)
    assert streams is not None
    assert dict(streams.streams) == dict(zip(("power", "level"), found.streams[0].tolist(), strict=True))
    assert service.find_streams(VISITOR, two) is None


async def test_a_mark_is_that_of_the_first_observation(record: Record, lamps: Lamps) -> None:
    [one] = await sync_to_async(lamps)(1)
    await keep(record, one, [(0, 1.0)], parameters='{"backfill": true}')
    await keep(record, one, [(1, 2.0)])
    has_mark = sync_to_async(service.has_mark)
    assert await has_mark(SYSTEM, one, "backfill", day(-1), day(2))
    assert not await has_mark(SYSTEM, one, "backfill", day(0.5), day(2))
    assert not await has_mark(SYSTEM, one, "other", day(-1), day(2))
    with pytest.raises(NotFound):
        await has_mark(SYSTEM, 999_999, "backfill", day(-1), day(2))
