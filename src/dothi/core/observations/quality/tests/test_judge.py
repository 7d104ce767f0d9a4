"""What the writer stores carries the flags that its Datastream's configuration gives."""

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import Datastream, LatestObservation, ObservedProperty
from dothi.core.observations.quality import flags, judge
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation

START = datetime(2026, 11, 22, tzinfo=UTC)
GROSS = {"gross_range_test": {"fail_span": [-5, 400], "suspect_span": [0, 150]}}
RATE = {"rate_of_change_test": {"threshold": 0.1, "fail_threshold": 1}}
FLAT = {"flat_line_test": {"suspect_threshold": 120, "fail_threshold": 240, "tolerance": 0.5}}

Configure = Callable[[int, Any], Awaitable[None]]


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@pytest_asyncio.fixture
async def streams(record: Record, register_thing: RegisterThing) -> list[int]:
    """Two Datastreams without an Observation."""

    def register() -> list[int]:
        thing = register_thing("station", kind="AirStation", readings={"pm25": (0, "µg/m³"), "no2": (0, "µg/m³")})
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        return list(Datastream.objects.filter(thing_id=thing).order_by("id").values_list("id", flat=True))

    return await sync_to_async(register)()


@pytest.fixture
def configure(record: Record) -> Configure:
    """Give a Datastream a configuration that counts at once."""

    async def apply(stream: int, configuration: Any) -> None:
        await Datastream.objects.filter(pk=stream).aupdate(properties={"qartod": configuration})
        record.writer._judge.forget()

    return apply


async def flags_of(record: Record, stream: int) -> list[int]:
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT quality FROM observations_observation WHERE datastream_id = %s ORDER BY phenomenon_time", [stream]
        )
        return [row[0] for row in await cursor.fetchall()]


async def test_only_what_is_configured_is_evaluated(record: Record, streams: list[int], configure: Configure) -> None:
    await configure(streams[0], GROSS)
    values = [10.0, 200.0, 1000.0]
    rows = [NewObservation(stream, at(place), value) for place, value in enumerate(values) for stream in streams]
    await record.write(SYSTEM, rows)
    assert await flags_of(record, streams[0]) == [1, 3, 4]
    assert await flags_of(record, streams[1]) == [2, 2, 2]
    latest = await LatestObservation.objects.aget(pk=streams[0])
    assert latest.quality == 4


async def test_an_observed_property_says_it_for_all_of_its_datastreams(
    record: Record, streams: list[int], configure: Configure
) -> None:
    observed = await ObservedProperty.objects.acreate(name="PM2.5", definition="", properties={"qartod": GROSS})
    await Datastream.objects.filter(pk__in=streams).aupdate(observed_property=observed)
    await configure(streams[1], {})
    await record.write(SYSTEM, [NewObservation(stream, at(0), 1000.0) for stream in streams])
    assert await flags_of(record, streams[0]) == [4]
    assert await flags_of(record, streams[1]) == [2]


async def test_the_result_stored_before_counts(record: Record, streams: list[int], configure: Configure) -> None:
    for stream in streams:
        await configure(stream, RATE)
    for minute, value in enumerate([0.0, 5.0, 25.0, 100.0]):
        await record.write(SYSTEM, [NewObservation(stream, at(minute), value) for stream in streams])
    for stream in streams:
        assert await flags_of(record, stream) == [2, 1, 3, 4]


async def test_a_late_result_is_not_judged_by_later_ones(
    record: Record, streams: list[int], configure: Configure
) -> None:
    await configure(streams[0], RATE)
    await record.write(SYSTEM, [NewObservation(streams[0], at(10), 500.0)])
    late = [NewObservation(streams[0], at(minute), value) for minute, value in ((5, 0.0), (6, 100.0), (11, 501.0))]
    await record.write(SYSTEM, late)
    assert await flags_of(record, streams[0]) == [2, 4, 2, 1]


async def test_a_flat_line_is_seen_over_many_batches(record: Record, streams: list[int], configure: Configure) -> None:
    await configure(streams[0], FLAT)
    for minute in range(6):
        await record.write(SYSTEM, [NewObservation(streams[0], at(minute), 7.0)])
    assert await flags_of(record, streams[0]) == [1, 1, 3, 3, 4, 4]


async def test_what_is_no_number_is_missing_or_not_evaluated(
    record: Record, streams: list[int], configure: Configure
) -> None:
    await configure(streams[0], GROSS | RATE)
    rows = [
        NewObservation(streams[0], at(0), result_json="null"),
        NewObservation(streams[0], at(1), result_json='"raining"'),
        NewObservation(streams[0], at(2), 1.0, quality=4),
        NewObservation(streams[0], at(3), 1.0, result_quality='{"sender": "bad"}'),
    ]
    await record.write(SYSTEM, rows)
    assert await flags_of(record, streams[0]) == [9, 2, 4, 1]
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT result_quality FROM observations_observation WHERE result_quality IS NOT NULL"
        )
        assert await cursor.fetchall() == [({"sender": "bad"},)]


async def test_a_configuration_that_makes_no_sense_stops_nothing(
    record: Record, streams: list[int], configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    await configure(streams[0], {"gross_range_test": {"fail_span": "wide"}})
    await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1.0)])
    assert await flags_of(record, streams[0]) == [2]
    assert "passed over" in caplog.text


async def test_a_test_that_breaks_stops_nothing(
    record: Record, streams: list[int], configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> list[int]:
        raise ValueError("broken")

    await configure(streams[0], GROSS)
    monkeypatch.setattr(flags, "judge", broken)
    await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1.0)])
    assert await flags_of(record, streams[0]) == [2]


async def test_a_library_that_is_not_there_stops_nothing(
    record: Record, streams: list[int], configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, flags.__name__, None)
    await configure(streams[0], GROSS)
    await record.write(SYSTEM, [NewObservation(streams[0], at(0), 1000.0)])
    assert await flags_of(record, streams[0]) == [2]


async def test_a_change_counts_after_a_while_and_memory_is_bounded(
    record: Record, streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = record.writer._judge._known
    await record.write(SYSTEM, [NewObservation(stream, at(0), 1000.0) for stream in streams])
    assert known == set(streams)
    await Datastream.objects.filter(pk=streams[0]).aupdate(properties={"qartod": GROSS})
    monkeypatch.setattr(judge, "MOST_KNOWN", 1)
    await record.write(SYSTEM, [NewObservation(streams[0], at(1), 1000.0)])
    assert list(known) == [streams[0]]
    monkeypatch.setattr(judge, "REFRESH_S", 0.0)
    await record.write(SYSTEM, [NewObservation(streams[0], at(2), 1000.0)])
    assert await flags_of(record, streams[0]) == [2, 4, 4]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.sampled_from([0.0, 7.0, 7.2, 60.0, 500.0]), min_size=1, max_size=12),
    cuts=st.sets(st.integers(1, 11)),
)
async def test_however_results_arrive_in_batches_they_get_the_same_flags(
    record: Record, streams: list[int], configure: Configure, values: list[float], cuts: set[int]
) -> None:
    for stream in streams:
        await configure(stream, GROSS | RATE | FLAT)
    async with record.pool.connection() as connection:
        await connection.execute("TRUNCATE observations_observation")
        await connection.execute(
            "UPDATE observations_latest SET phenomenon_time = NULL, result = NULL, first_time = NULL"
        )
    one, other = ([NewObservation(stream, at(m), value) for m, value in enumerate(values)] for stream in streams)
    await record.write(SYSTEM, one)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(values)), len(values)]
    for begin, end in pairwise(bounds):
        await record.write(SYSTEM, other[begin:end])
    assert await flags_of(record, streams[1]) == await flags_of(record, streams[0])


def test_nothing_loads_the_library_before_there_is_a_configuration() -> None:
    code = (
        "import django, json, sys; django.setup(); import dothi.config.ingest, dothi.config.asgi;"
        "print(json.dumps([name for name in ('ioos_qc', 'pandas', 'scipy', 'xarray') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == []
