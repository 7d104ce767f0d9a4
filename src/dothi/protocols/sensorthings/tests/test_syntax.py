"""The parser and its counterpart: what one writes the other reads, and nothing but InvalidInput is ever raised."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dothi.core.observations.query.statement import compile_query
from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    Connective,
    Expand,
    Expression,
    Geometry,
    Interval,
    Literal,
    Logical,
    Not,
    Operator,
    Options,
    Order,
    Path,
)
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.sensorthings.address import parse_options, parse_query
from dothi.protocols.sensorthings.syntax import parse_expand, parse_filter, parse_order
from dothi.protocols.sensorthings.wording import link_of, with_link, write, write_expand

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | MOMENTS
    | st.dates(date(1900, 1, 1))
    | st.times()
    | st.timedeltas(timedelta(0), timedelta(days=1000))
    | st.builds(lambda one, two: Interval(min(one, two), max(one, two)), MOMENTS, MOMENTS)
    | st.just(Geometry("POINT(106.67 11.05)"))
)
NAMES = st.sampled_from(
    ["name", "result", "Thing", "Datastreams", "properties", "có dấu".replace(" ", "_"), "or", "@iot.id"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple).filter(lambda steps: steps[0] != "or").map(Path)
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    st.builds(Literal, SCALARS) | PATHS,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Comparison, st.sampled_from(Comparator), inner, inner)
        | st.builds(Arithmetic, st.sampled_from(Operator), inner, inner)
        | st.builds(Logical, st.sampled_from(Connective), st.lists(inner, min_size=2, max_size=4).map(tuple))
        | st.builds(Call, st.sampled_from(["length", "geo.distance", "now"]), st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=12,
)
EXPANDS = st.recursive(
    st.builds(Expand, st.sampled_from(["Datastreams", "Locations"]), st.just(Options())),
    lambda inner: st.builds(
        Expand,
        st.sampled_from(["Things", "Sensor"]),
        st.builds(
            lambda one, order, inside, top, count: with_link(
                Options(filter=one, order=order, expand=(inside,), top=top, count=count)
            ),
            EXPRESSIONS,
            st.lists(st.builds(Order, PATHS, st.booleans()), max_size=2).map(tuple),
            inner,
            st.none() | st.integers(0, 10),
            st.booleans(),
        ),
    ),
    max_leaves=3,
)


@given(expression=EXPRESSIONS)
@example(expression=Not(Not(Literal(True))))
@example(expression=Literal("'"))
@example(expression=Literal(-0.0))
def test_what_is_written_is_read_again(expression: Expression) -> None:
    assert parse_filter(write(expression)) == expression


@given(expand=EXPANDS)
def test_an_expansion_is_read_again(expand: Expand) -> None:
    assert parse_expand(write_expand(expand)) == (expand,)


@given(expression=EXPRESSIONS, top=st.none() | st.integers(0, 100))
def test_a_link_says_the_same(expression: Expression, top: int | None) -> None:
    options = with_link(Options(filter=expression, top=top))
    assert parse_options(link_of(options)) == (options, None)
    assert '"' not in options.link
    assert "\\" not in options.link


PIECES = st.sampled_from(
    [
        "name", "eq", "and", "or", "not", "(", ")", "'", "'a'", "1", "-1e9", "1e999", ",", "/", "Datastreams",
        "Thing/name", "result", "add", "div", "0", "null", "true", "geography'POINT(1'", "duration'P1D'",
        "2026-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "0000-01-01", "now()", "substringof('a',name)", "length", "$", ";", "\0",
        "đ", "%", "in", "9999-12-31T23:59:59-12:00", "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z",
        "25:00", "@iot.id", "before(", "year(",
    ]
)  # fmt: skip


@given(
    text=st.text(max_size=40) | st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join)
)
@example(text="not " * 1900 + "true")
@example(text="(" * 3000 + "1" + ")" * 3000)
@example(text="1" + " add 1" * 1200 + " eq 2")
@example(text="9" * 5000)
def test_any_text_is_read_or_refused(text: str) -> None:
    for option in ("$filter", "$orderby", "$select", "$expand", "$top", "$skiptoken", "$count", "$other", text):
        try:
            compile_query(parse_query("Observations", f"{option}={_quoted(text)}", base="http://city.test"))
        except (InvalidInput, NotFound, RecursionError):
            continue  # fetch turns a recursion that is too deep into InvalidInput


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@given(path=st.text(max_size=30) | st.lists(PIECES, max_size=6).map("/".join))
def test_any_path_is_read_or_refused(path: str) -> None:
    with contextlib.suppress(InvalidInput, NotFound):
        compile_query(parse_query(path, "", base="http://city.test"))


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("$filter=name%20eqq%20'a'", "$filter:6"),
        ("$filter=name eq", "$filter:8"),
        ("$filter=phenomenonTime gt 2026-02-30T00:00:00Z", "$filter"),
        ("$top=-1", "$top"),
        ("$top=1&$top=2", "$top"),
        ("$nonsense=1", "$nonsense"),
        ("$count=yes", "$count"),
        ("$resultFormat=pdf", "$resultFormat"),
        ("$skiptoken=xyz", "$skiptoken"),
        ("$expand=" + "(".join(["$expand=Thing"] * 12).replace("$expand=", "", 1) + ")" * 11, "$expand"),
        ("$expand=" + ",".join(f"N{number}" for number in range(40)), "$expand"),
        ("$expand=Datastreams($top=1),Datastreams($top=2)", "$expand"),
        ("$filter=%FF", "query"),
    ],
)
def test_a_refusal_names_the_place(query: str, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_options(query)
    assert caught.value.place == place


def test_precedence_is_that_of_odata() -> None:
    assert write(parse_filter("1 add 2 mul 3 eq 7 and not a eq 1 or b")) == write(
        parse_filter("((((1 add (2 mul 3)) eq 7) and (not (a eq 1))) or b)")
    )
    assert parse_order("name desc , result")[0] == Order(Path(("name",)), descending=True)


def test_paths_that_begin_alike_are_one_expansion() -> None:
    (found,) = parse_expand("Datastreams/Sensor,Datastreams/ObservedProperty,Datastreams($top=3)")
    assert [inner.navigation for inner in found.options.expand] == ["Sensor", "ObservedProperty"]
    assert found.options.top == 3
