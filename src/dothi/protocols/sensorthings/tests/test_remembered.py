"""What was read and compiled once serves the next page, and never another question."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
import time_machine

from dothi.core.observations.query import statement
from dothi.core.observations.query.types import Reach
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings import address

BASE = "http://city.test/v1.1"
SERIES = "Datastreams(1)/Observations"
TOKENS: Sequence[Sequence[str | None]] = [
    ("2026-01-01 00:00:00+00", "1"),
    ("2026-01-02 00:00:00+00", "2"),
    (None, "3"),
    ("2026-01-03 00:00:00+00", None),
    ("", ""),
]


def compiled(path: str, query: str, *, reach: Reach | None = None) -> statement.Statement:
    """Give the statement of an address, from what is remembered where it is."""
    asked = address.parse_query(path, query, base=BASE)
    return statement.compile_query(msgspec.structs.replace(asked, reach=reach))


def token(keys: Sequence[str | None]) -> str:
    """Give a page's beginning as a next link has it."""
    return "$skiptoken=" + msgspec.json.encode(keys).hex()


@pytest.mark.parametrize("order", ["", "$orderby=resultTime desc&", "$filter=result gt 1&$orderby=phenomenonTime&"])
def test_each_page_is_asked_for_by_its_own_key(order: str) -> None:
    for keys in [*TOKENS, *TOKENS]:
        query = address.parse_query(SERIES, order + token(keys), base=BASE)
        assert query.options.after == tuple(keys)
        assert statement.compile_query(query) == statement._compile(query)


def test_stretches_of_time_are_paged_by_their_own_key() -> None:
    for keys in (("2026-01-01 00:00:00+00",), ("2026-01-02 00:00:00+00",), (None,)):
        query = address.parse_query(SERIES, "$aggregate=PT1H&" + token(keys), base=BASE)
        assert statement.compile_query(query) == statement._compile(query)


def test_a_token_of_another_list_is_refused_however_often_it_comes() -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="another list"):
            compiled(SERIES, token(["1"]))


def test_now_is_when_it_is_asked() -> None:
    moments = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (1, 2)]
    found = []
    for moment in moments:
        with time_machine.travel(moment, tick=False):
            found += list(compiled(SERIES, "$filter=phenomenonTime lt now()").parameters.values())
    assert [value for value in found if isinstance(value, datetime)] == moments


def test_what_python_holds_for_equal_is_another_question() -> None:
    for query in ("$filter=result eq 1", "$filter=result eq 1.0", "$filter=result eq true", "$filter=result eq '1'"):
        asked = address.parse_query(SERIES, query, base=BASE)
        found, fresh = statement.compile_query(asked), statement._compile(asked)
        assert (found.sql, found.parameters) == (fresh.sql, fresh.parameters)
        assert [type(value) for value in found.parameters.values()] == [type(v) for v in fresh.parameters.values()]


def test_another_reach_is_another_question() -> None:
    whole, limited = compiled("Things", "$top=5"), compiled("Things", "$top=5", reach=Reach(thing_ids=(7,)))
    assert [7] in limited.parameters.values()
    assert [7] not in whole.parameters.values()
    assert compiled("Things", "$top=5", reach=Reach(thing_ids=(8,))).parameters != limited.parameters


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("$skiptoken=00&$skiptoken=00", "$skiptoken"),
        ("%24skiptoken=5b5d", "$skiptoken"),
        ("$skiptoken=" + b'["\\u0000"]'.hex(), "$skiptoken"),
        ("$skiptoken", "$skiptoken"),
        ("$top=1&$top=1", "$top"),
        ("$filter=a&$skiptokens=1", "$skiptokens"),
    ],
)
def test_a_token_is_read_with_care(query: str, place: str) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput) as refused:
            address.parse_options(query)
        assert refused.value.place == place
