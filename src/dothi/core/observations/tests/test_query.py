"""The compiler agrees with plain Python on what a filter means, and paging by key visits everything once."""

import base64
import itertools
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import psycopg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from dothi.core.observations import entities, query
from dothi.core.observations.entities.types import NewThing
from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    Connective,
    Expression,
    Literal,
    Logical,
    Not,
    Operator,
    Options,
    Order,
    Path,
    Query,
    Step,
)
from dothi.core.observations.tests.evaluation import holds

BASE = "http://city.test/v1.1"
NAMES = ("a", "ab", "ba", "A", "")
MEMBERS: tuple[Any, ...] = (0, 1, 2, -3, 1.5, "a", "2", True, False, None, {"x": 1}, [1])
slow = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _stream(name: str, symbol: str) -> dict[str, Any]:
    return {
        "name": name,
        "observationType": "t",
        "unitOfMeasurement": {"symbol": symbol},
        "Sensor": {"name": "s", "encodingType": "t", "metadata": ""},
        "ObservedProperty": {"name": "p", "definition": "d"},
    }


@pytest_asyncio.fixture
async def things(database_url: str) -> AsyncIterator[tuple[AsyncConnection, list[dict[str, Any]]]]:
    """Things of every sort beside a connection that may read them."""
    found = []
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for number, member in enumerate(MEMBERS):
            streams = [_stream(NAMES[number % 5], "a"), _stream(NAMES[number % 3], "b")][: number % 3]
            body = {
                "name": NAMES[number % 5],
                "properties": {"n": member, "m": number % 4} if number % 4 else None,
                "Datastreams": streams,
            }
            made = await entities.create(connection, msgspec.json.decode(msgspec.json.encode(body), type=NewThing))
            found.append(body | {"id": made.id})
        yield connection, found


TEXTS = st.sampled_from([Path(("name",)), Path(("Datastreams", "name")), *(Literal(name) for name in NAMES)])
JSON = st.sampled_from(
    [Path(("properties", "n")), Path(("properties", "m")), Path(("Datastreams", "unitOfMeasurement", "symbol"))]
)
SIMPLE = st.sampled_from([Literal(number) for number in (0, 1, -3, 1.5, 2)]) | JSON
NUMBERS = st.recursive(
    SIMPLE,
    lambda inner: (
        st.builds(Arithmetic, st.sampled_from(Operator), inner, inner)
        | st.builds(lambda one: Call("floor", (one,)), inner)
        | st.builds(lambda one: Call("length", (one,)), TEXTS)
        | st.builds(lambda one, two: Call("indexof", (one, two)), TEXTS, TEXTS)
    ),
    max_leaves=4,
)
NULL = st.just(Literal(None))
EQUALITY = st.sampled_from([Comparator.EQ, Comparator.NE])
# Which letter comes first is the database's collation's to say: texts are compared for equality alone.
LEAVES = (
    st.builds(Comparison, st.sampled_from(Comparator), NUMBERS, NUMBERS)
    | st.builds(Comparison, EQUALITY, TEXTS | JSON, TEXTS)
    | st.builds(Comparison, EQUALITY, JSON | TEXTS, NULL)
    | st.builds(Comparison, EQUALITY, JSON, st.builds(Literal, st.booleans()))
    | st.builds(
        lambda name, one, two: Call(name, (one, two)),
        st.sampled_from(["startswith", "endswith", "substringof"]),
        TEXTS,
        TEXTS | JSON,
    )
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Logical, st.sampled_from(Connective), st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def _of_json_alone(expression: Expression) -> bool:
    """Tell whether two JSON values are compared with each other, where their kinds decide and not Python's."""
    match expression:
        case Comparison(_, Path(left), Path(right)):
            return "properties" in left[:1] + right[:1] or "unitOfMeasurement" in left + right
        case Comparison(_, left, right):
            return False
        case Logical(_, arguments):
            return any(_of_json_alone(argument) for argument in arguments)
        case Not(argument):
            return _of_json_alone(argument)
    return False


async def _ids(connection: AsyncConnection, options: Options) -> list[int]:
    answer = await query.fetch(connection, Query(steps=(Step("Things"),), base=BASE, options=options))
    assert answer is not None
    return [entity["@iot.id"] for entity in msgspec.json.decode(answer)["value"]]


@slow
@given(expression=CONDITIONS.filter(lambda expression: not _of_json_alone(expression)))
async def test_a_filter_means_what_python_says(
    things: tuple[AsyncConnection, list[dict[str, Any]]], expression: Expression
) -> None:
    connection, every = things
    expected = [thing["id"] for thing in every if holds(expression, thing)]
    assert await _ids(connection, Options(filter=expression)) == expected
    opposite = [thing["id"] for thing in every if thing["id"] not in expected]
    assert await _ids(connection, Options(filter=Not(expression))) == opposite


KEYS = st.sampled_from(
    [
        Path(("name",)),
        Path(("id",)),
        Path(("properties", "n")),
        Path(("properties", "m")),
        Call("length", (Path(("name",)),)),
    ]
)


@slow
@given(order=st.lists(st.builds(Order, KEYS, st.booleans()), max_size=3).map(tuple), top=st.integers(1, 5))
async def test_pages_visit_everything_once_and_in_order(
    things: tuple[AsyncConnection, list[dict[str, Any]]], order: tuple[Order, ...], top: int
) -> None:
    connection, every = things
    whole = await _ids(connection, Options(order=order))
    assert sorted(whole) == [thing["id"] for thing in every]
    seen: list[int] = []
    after = None
    for _ in itertools.repeat(None, len(every) + 1):
        asked = Query(steps=(Step("Things"),), base=BASE, options=Options(order=order, top=top, after=after))
        answer = msgspec.json.decode(await query.fetch(connection, asked) or b"")
        seen += [entity["@iot.id"] for entity in answer["value"]]
        link = answer.get("@iot.nextLink")
        if link is None:
            break
        after = _token(link)
    assert seen == whole


def _token(link: str) -> tuple[str | None, ...]:
    text = link.rpartition("$skiptoken=")[2]
    return tuple(msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


@pytest.mark.parametrize("text", ["x'; DROP TABLE observations_thing; --", "%s", "%(p0)s", "{}", "\\", '"', "\u2028"])
async def test_texts_are_never_sql(things: tuple[AsyncConnection, list[dict[str, Any]]], text: str) -> None:
    connection, every = things
    name = Comparison(Comparator.EQ, Path(("name",)), Literal(text))
    member = Comparison(Comparator.EQ, Path(("properties", text)), Literal(text))
    assert await _ids(connection, Options(filter=Logical(Connective.OR, (name, member)))) == []
    assert len(await _ids(connection, Options())) == len(every)
