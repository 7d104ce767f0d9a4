"""Rows of the frequent form are read in a shorter way that comes to the same as the careful one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.service import Record
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings import observing
from dothi.protocols.sensorthings.tests.city import datastream

BASE = 'http://city.test/"quoted"/v1.1'
NOW = datetime(2026, 1, 2, tzinfo=UTC)
FREQUENT = ["phenomenonTime", "result"]
TIMES = [
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T07:00:00+07:00", "2026-01-01T00:00:00",
    "2026-01-01", "20260101T000000Z", "2026-W01-4T00:00:00Z", "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z", "yesterday",
    "2026-01-01t00:00:00z", "2026-01-01T24:00:00Z", "0001-01-01T00:00:00+14:00", None, 5,
]  # fmt: skip
RESULTS = [1, -1.5, 0, -0.0, 2**53 - 1, 2**53, -(2**53), 1e300, True, None, "on", [1], {"a": 1}]
rows = st.lists(st.tuples(st.sampled_from(TIMES[:3]) | st.sampled_from(TIMES), st.sampled_from(RESULTS)), max_size=3)
groups = st.fixed_dictionaries(
    {"components": st.just(FREQUENT) | st.just(FREQUENT[::-1]), "dataArray": rows},
    optional={
        "Datastream": st.fixed_dictionaries({"@iot.id": st.integers(1, 3)}),
        "MultiDatastream": st.just({"@iot.id": 2}),
        "dataArray@iot.count": st.just(1),
        "more": st.just("x"),
    },
)


class Keeper:
    """Stands in for the record: keeps what it gets, and knows no Datastream 3."""

    def __init__(self) -> None:
        self.rows: list[NewObservation] = []

    async def write(self, _actor: object, given_rows: Sequence[NewObservation]) -> list[Stored]:
        """Answer each row."""
        self.rows += given_rows
        return [
            Stored(0, Outcome.UNKNOWN_DATASTREAM) if row.datastream_id == 3 else Stored(number, Outcome.STORED)
            for number, row in enumerate(given_rows, start=1)
        ]

    async def fetch_widths(self, _datastream_ids: object) -> dict[int, int]:
        """All are single."""
        return {}

    write_each = write


async def _store(body: bytes) -> tuple[list[NewObservation], Any]:
    keeper = Keeper()
    try:
        with patch.object(clock, "now", lambda: NOW):
            answer = await observing.store_rows(cast("Record", keeper), SYSTEM, body, base=BASE)
    except InvalidInput as error:
        return keeper.rows, (str(error), error.place)
    return keeper.rows, msgspec.json.decode(answer)


@given(st.lists(groups, max_size=3))
async def test_both_ways_of_reading_come_to_the_same(given_groups: list[Any]) -> None:
    body = msgspec.json.encode(given_groups)
    shorter = observing.read_pairs(body)
    found, answers = await _store(body)
    # One component more, and the shorter way is closed.
    careful = [group | {"components": [*group["components"], "resultTime"]} for group in given_groups]
    for group in careful:
        group["dataArray"] = [[*row, None] for row in group["dataArray"]]
    wanted, wanted_answers = await _store(msgspec.json.encode(careful))
    assert observing.read_pairs(msgspec.json.encode(careful)) is None or not careful
    assert found == wanted
    assert [row.phenomenon_time.utcoffset() is not None for row in found] == [True] * len(found)
    assert answers == wanted_answers
    if shorter is not None:
        assert shorter == wanted


def test_what_nearly_all_send_is_read_in_the_shorter_way() -> None:
    rows_of_one = [["2026-01-01T00:00:00Z", 1], ["2026-01-01T00:00:00.5+07:00", -2.5]]
    body = [{"Datastream": {"@iot.id": 7}, "components": FREQUENT, "dataArray": rows_of_one}]
    found = observing.read_pairs(msgspec.json.encode(body))
    assert found is not None
    assert [(row.datastream_id, row.result, row.result_json) for row in found] == [(7, 1.0, None), (7, -2.5, None)]
    assert observing.read_pairs(msgspec.json.encode([datastream("x")])) is None
