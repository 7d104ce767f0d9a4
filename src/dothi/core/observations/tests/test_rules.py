"""When two Observations are one, and which way each goes into the table."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations import rules
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput

START = datetime(2026, 11, 22, tzinfo=UTC)
moments = st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes))
rows = st.builds(
    NewObservation,
    datastream_id=st.integers(1, 3),
    phenomenon_time=moments,
    result=st.sampled_from([0.0, -0.0, 1.5, 1e300]),
    feature_id=st.none() | st.integers(1, 2),
)
latest = st.dictionaries(st.integers(1, 2), st.none() | moments)


@given(st.lists(rows, max_size=12), latest)
def test_every_row_of_a_known_datastream_goes_one_way_once(
    batch: list[NewObservation], known: dict[int, datetime | None]
) -> None:
    plan = rules.plan(batch, known)
    ways = [*plan.straight, *plan.staged]
    assert len(ways) == len(set(ways))
    assert [key is None for key in plan.keys] == [row.datastream_id not in known for row in batch]
    assert set(ways) == {key for key in plan.keys if key is not None}


@given(st.lists(rows, max_size=12), latest)
def test_what_goes_straight_is_newer_than_all_before_it(
    batch: list[NewObservation], known: dict[int, datetime | None]
) -> None:
    plan = rules.plan(batch, known)
    newest = dict(known)
    for (stream, moment, _), row in plan.straight.items():
        before = newest[stream]
        assert before is None or moment > before
        assert row.phenomenon_time == moment
        newest[stream] = moment
    for stream, moment, _ in plan.staged:
        bound = newest[stream]
        assert bound is not None
        assert moment <= bound


@given(rows, rows)
def test_two_observations_are_one_exactly_when_they_say_the_same(one: NewObservation, other: NewObservation) -> None:
    same = one.result == other.result and one.feature_id == other.feature_id
    assert (rules.fingerprint(one) == rules.fingerprint(other)) == same


@pytest.mark.parametrize(
    "change",
    [
        {"result": 2.0},
        {"result": None},
        {"result": None, "result_json": "1.0"},
        {"phenomenon_end": START + timedelta(hours=1)},
        {"result_time": START},
        {"feature_id": 7},
        {"valid_from": START},
    ],
)
def test_each_part_makes_another_observation(change: dict[str, object]) -> None:
    one = NewObservation(1, START, 1.0)
    assert rules.fingerprint(one) != rules.fingerprint(msgspec.structs.replace(one, **change))


def test_the_zone_of_a_time_makes_no_other_observation() -> None:
    local = datetime.fromisoformat("2026-11-22T07:00:00+07:00")
    one = NewObservation(1, START, 1.0, result_time=START)
    assert rules.fingerprint(one) == rules.fingerprint(msgspec.structs.replace(one, result_time=local))


@given(st.lists(rows, min_size=1, max_size=12))
def test_the_summary_has_the_newest_the_spans_and_the_count(batch: list[NewObservation]) -> None:
    summary = rules.summarise(enumerate(batch))
    for datastream_id, newest in summary.items():
        own = [row for row in batch if row.datastream_id == datastream_id]
        assert newest.number == len(own)
        assert newest.row.phenomenon_time == newest.last_end == max(row.phenomenon_time for row in own)
        assert newest.first_time == min(row.phenomenon_time for row in own)
        assert batch[newest.id] is newest.row


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 1), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],  # noqa: DTZ001
)
def test_a_time_that_cannot_be_meant_is_refused(moment: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.check_time(moment, now=START)
    assert caught.value.place == "phenomenonTime"
