"""The rules over arrays say what the record's rules say of each row."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations import rules as record_rules
from dothi.core.observations.importing import rules
from dothi.core.observations.importing.encoding import texts
from dothi.core.observations.importing.types import ABSENT, Rows
from dothi.core.observations.rules import to_micros
from dothi.core.observations.types import NewObservation

START = datetime(2026, 11, 22, tzinfo=UTC)
moments = st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes))
observations = st.builds(
    NewObservation,
    datastream_id=st.integers(1, 3),
    phenomenon_time=moments,
    result=st.none() | st.sampled_from([0.0, -0.0, 1.5, 1e300]) | st.floats(allow_nan=False, allow_infinity=False),
    result_json=st.none() | st.sampled_from(['"on"', "[1,2]", "true"]),
    phenomenon_end=st.none() | moments,
    result_time=st.none() | moments,
    feature_id=st.none() | st.integers(1, 3),
    valid_from=st.none() | moments,
).filter(lambda row: row.result is None or row.result_json is None)


def to_rows(given_rows: list[NewObservation]) -> Rows:
    def at(moment: datetime | None) -> int:
        return ABSENT if moment is None else to_micros(moment)

    found = Rows(
        series=np.array([row.datastream_id for row in given_rows], dtype=np.int64),
        time=np.array([at(row.phenomenon_time) for row in given_rows], dtype=np.int64),
        result=np.array([np.nan if row.result is None else row.result for row in given_rows], dtype=np.float64),
        result_json=texts([row.result_json for row in given_rows]),
        end=np.array([at(row.phenomenon_end) for row in given_rows], dtype=np.int64),
        result_time=np.array([at(row.result_time) for row in given_rows], dtype=np.int64),
        feature=np.array([ABSENT if row.feature_id is None else row.feature_id for row in given_rows], dtype=np.int64),
        valid_from=np.array([at(row.valid_from) for row in given_rows], dtype=np.int64),
    )
    return Rows(**found.columns() | {"fingerprint": rules.fingerprints(found)})


@given(st.lists(observations, min_size=1, max_size=20))
def test_fingerprints_are_the_records(rows: list[NewObservation]) -> None:
    assert to_rows(rows).fingerprint is not None
    assert list(to_rows(rows).fingerprint) == [record_rules.fingerprint(row) for row in rows]  # type: ignore[arg-type]


@given(st.lists(observations, min_size=1, max_size=30), st.dictionaries(st.integers(1, 3), moments))
def test_sorted_rows_go_in_as_if_written_one_by_one(rows: list[NewObservation], newest: dict[int, datetime]) -> None:
    latest = {stream: newest.get(stream) for stream in (1, 2, 3)}
    found = rules.sort(to_rows(rows))
    straight = rules.is_straight(found.rows, found.first, latest)
    keys = {(row.datastream_id, row.phenomenon_time, record_rules.fingerprint(row)) for row in rows}
    assert found.rows.fingerprint is not None
    kept = list(zip(found.rows.series, map(rules.to_moment, found.rows.time), found.rows.fingerprint, strict=True))
    assert (set(kept), len(kept)) == (keys, len(keys))
    assert found.repeats == len(rows) - len(keys)
    assert list(found.rows.time) == sorted(found.rows.time)
    gone = [key[:2] for key, flag in zip(kept, straight, strict=True) if flag]
    assert len(gone) == len(set(gone))
    assert all(latest[stream] is None or moment > latest[stream] for stream, moment in gone)  # type: ignore[operator]
    # A row conflicts with one before it for the same moment, end and feature, whose result differs.
    seen: dict[tuple[int, datetime, datetime | None, int | None], set[int]] = {}
    conflicts = set()
    for row in rows:
        key = record_rules.fingerprint(row)
        alike = seen.setdefault((row.datastream_id, row.phenomenon_time, row.phenomenon_end, row.feature_id), set())
        if key not in alike and alike:
            conflicts.add((row.datastream_id, row.phenomenon_time, key))
        alike.add(key)
    assert found.rows.conflicting is not None
    assert {key for key, flag in zip(kept, found.rows.conflicting, strict=True) if flag} == conflicts


@given(st.lists(observations, min_size=1, max_size=30))
def test_summaries_are_the_records(rows: list[NewObservation]) -> None:
    found = rules.sort(to_rows(rows)).rows
    ids = np.arange(len(found), dtype=np.int64)
    one_by_one = [(int(place), rules.observation(found, place)) for place in range(len(found))]
    assert rules.summarise(found, ids) == record_rules.summarise(one_by_one)


@given(st.lists(observations, min_size=1), st.fixed_dictionaries(dict.fromkeys((1, 2, 3), st.sampled_from([0, 8, 9]))))
def test_rows_that_name_no_feature_take_their_datastreams(
    given_rows: list[NewObservation], features: dict[int, int | None]
) -> None:
    found = rules.with_features(to_rows(given_rows), features)
    column = rules.column_or(found.feature, len(found)).tolist()
    assert column == [row.feature_id or features[row.datastream_id] or ABSENT for row in given_rows]
