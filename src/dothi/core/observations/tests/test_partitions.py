"""Partitions cover every moment once and never overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import AsyncConnection

from dothi.core.observations import partitions
from dothi.core.observations.partitions import Partitions, Span
from dothi.kernel.clock import WALL, CityClock

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2070, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
near = st.integers(-450 * 24, 80 * 24).map(lambda hours: NOW + timedelta(hours=hours))


@given(
    st.lists(moments | near | near.map(lambda moment: NOW + (moment - NOW) / 50), max_size=30),
    st.lists(st.tuples(st.integers(0, 900), st.booleans()), max_size=30),
)
def test_partitions_made_over_time_never_overlap(asked: list[datetime], days: list[tuple[int, bool]]) -> None:
    made: dict[str, Span] = {}
    for place, moment in enumerate(asked):
        day, by_hours = days[place] if place < len(days) else (0, False)
        span = partitions.choose(moment, now=NOW + timedelta(days=day), existing=made, by_hours=by_hours)
        if span is not None:
            assert all(span.end <= other.begin or other.end <= span.begin for other in made.values())
            made[span.table] = span
        assert any(other.begin <= moment < other.end for other in made.values())


async def test_partitions_are_made_once_and_found_by_another_process(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        wanted = [datetime(2031, 5, 5, 1, tzinfo=UTC), datetime(2031, 5, 5, 23, tzinfo=UTC)]
        first = await Partitions().ensure(connection, wanted, now=datetime(2031, 5, 1, tzinfo=UTC))
        assert first == ["observations_observation_d20310505"]
        assert await Partitions().ensure(connection, wanted, now=NOW) == []
        await connection.execute("DROP TABLE observations_observation_d20310505")


async def test_what_became_complete_is_settled_once(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        days = [datetime(2031, 5, day, 1, tzinfo=UTC) for day in (3, 4, 5)]
        made = await Partitions().ensure(connection, days, now=datetime(2031, 5, 1, tzinfo=UTC))
        now = datetime(2031, 5, 5, 1, tzinfo=UTC)
        assert await partitions.settle(connection, since=now - timedelta(days=1), now=now) == made[1:2]
        cursor = await connection.execute(
            "SELECT relname::text FROM pg_stat_user_tables WHERE relname = ANY(%s) AND last_vacuum IS NOT NULL", [made]
        )
        assert await cursor.fetchall() == [(made[1],)]
        for table in made:
            await connection.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize("zone_hours", [7, -11])
def test_a_day_is_a_day_of_utc(zone_hours: int) -> None:
    local = datetime.fromisoformat(f"2026-01-01T03:00:00{zone_hours:+03d}:00")
    span = partitions.day_of(local)
    assert span.begin <= local < span.end
    assert span.end - span.begin == timedelta(days=1)


@given(moments)
def test_a_partition_is_known_by_its_name(moment: datetime) -> None:
    for make in (partitions.hour_of, partitions.day_of, partitions.month_of):
        span = make(moment)
        assert partitions.span_of(span.table) == span
        assert span.begin <= moment < span.end


def test_only_a_faster_clock_has_partitions_of_an_hour_and_only_from_today_on() -> None:
    assert not partitions.is_by_hours(WALL)
    assert partitions.is_by_hours(CityClock(NOW, NOW, 5.0))
    chosen = [
        partitions.choose(NOW + timedelta(hours=hours), now=NOW, existing=(), by_hours=True) for hours in (-11, 0, 30)
    ]
    names = [partitions.name_of(span.table) for span in chosen if span is not None]
    assert names == ["20261121", "2026112210", "2026112316"]
