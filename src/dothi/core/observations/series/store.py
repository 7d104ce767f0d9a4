"""The queries of series, on Django's connection, whose rows come as arrays."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from django.db import connection

from dothi.core.observations.query import within
from dothi.core.observations.query.types import Reach
from dothi.core.observations.series import statements
from dothi.core.observations.series.types import (
    Edges,
    Floats,
    Ints,
    Messages,
    NamedThing,
    Newest,
    Pieces,
    Point,
    StreamsOfThing,
    Window,
)

_HEAD: Final = 19 + 2
"""Bytes before the first column of a binary COPY's only row (PostgreSQL's manual, COPY)."""
_ARRAY_HEAD: Final = 20
"""Bytes before the first element of an array of one dimension, as array_send writes it."""
_FROM_2000: Final = 946_684_800_000_000
"""Microseconds from 1970 to PostgreSQL's own epoch."""


MANY: Final = 100
"""From so many Datastreams on other ways to ask are the faster ones."""


class _Kind(NamedTuple):
    """A column: numpy's code of its values, and what is added to each."""

    code: str
    offset: int = 0


_ID: Final = _Kind("i8")
_PLACE: Final = _Kind("i8", -1)
"""WITH ORDINALITY counts from 1, numpy from 0."""
_TIME: Final = _Kind("i8", _FROM_2000)
_NUMBER: Final = _Kind("f8")
_FLAG: Final = _Kind("i2")


class StreamName(NamedTuple):
    """A Datastream's name and the symbol of its unit."""

    id: int
    name: str
    unit: str


def _copy(query: LiteralString, values: dict[str, Any], *kinds: _Kind) -> list[npt.NDArray[Any]]:
    """Give the columns of a query, in which nothing is null, as arrays; times are microseconds since 1970.

    All rows come as one, of arrays: taking each from the connection would cost more than finding it.
    """
    names = ", ".join(f"c{place}" for place in range(len(kinds)))
    arrays = ", ".join(f"array_send(array_agg(c{place}))" for place in range(len(kinds)))
    whole = f"COPY (SELECT {arrays} FROM ({query}) AS r({names})) TO STDOUT (FORMAT BINARY)"  # noqa: S608 (no input)
    with connection.cursor() as cursor, cursor.copy(cursor.mogrify(whole, values)) as out:
        data = b"".join(out)
    found, offset = [], _HEAD
    for kind in kinds:
        length = int.from_bytes(data[offset : offset + 4], "big", signed=True)
        element = np.dtype([("length", ">i4"), ("value", f">{kind.code}")])
        count = max(length - _ARRAY_HEAD, 0) // element.itemsize
        column = np.frombuffer(data, element, count=count, offset=offset + 4 + _ARRAY_HEAD if count else 0)["value"]
        found.append(column.astype(kind.code) + kind.offset)
        offset += 4 + max(length, 0)
    return found


def _array(ids: Sequence[int] | Ints) -> str:
    """Write ids as PostgreSQL does: much sooner done than by adapting each."""
    numbers = ids.tolist() if isinstance(ids, np.ndarray) else ids
    return "{" + ",".join(map(str, numbers)) + "}"


def _time(micros: int) -> str:
    return f"{np.datetime64(micros, 'us')}Z"


def _times(moments: Ints) -> str:
    return "{" + ",".join(f"{moment}Z" for moment in moments.astype("datetime64[us]").tolist()) + "}"


def _reach(reach: Reach | None) -> dict[str, Any]:
    if reach is None:
        unlimited = {"public_only": False, "or_public": False, "departments": None, "thing_ids": None}
        return unlimited | within.parameters(reach)
    return within.parameters(reach) | {
        "public_only": reach.public_only,
        "or_public": reach.or_public,
        "departments": None if reach.departments is None else list(reach.departments),
        "thing_ids": None if reach.thing_ids is None else list(reach.thing_ids),
    }


def list_seen(ids: Sequence[int], reach: Reach) -> list[int]:
    """Give those Datastreams whose Things lie within reach."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LIST_SEEN, {"ids": _array(ids), **_reach(reach)})
        return [row[0] for row in cursor.fetchall()]


def find_name(datastream_id: int, reach: Reach | None) -> StreamName | None:
    """Give a Datastream's name if its Thing lies within reach."""
    with connection.cursor() as cursor:
        cursor.execute(statements.FIND_NAME, {"id": datastream_id, **_reach(reach)})
        row = cursor.fetchone()
    return StreamName(*row) if row else None


def list_streams(kind: str, reach: Reach | None) -> list[StreamsOfThing]:
    """List the Things of a kind with their Datastreams."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LIST_STREAMS, {"kind": kind, **_reach(reach)})
        return [_streams_of(row) for row in cursor.fetchall()]


def find_streams(thing_id: int, reach: Reach | None) -> StreamsOfThing | None:
    """Give a Thing within reach with its Datastreams, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statements.FIND_STREAMS, {"id": thing_id, **_reach(reach)})
        row = cursor.fetchone()
    return None if row is None else _streams_of(row)


def _streams_of(row: tuple[Any, ...]) -> StreamsOfThing:
    return StreamsOfThing(row[0], row[1], json.loads(row[2] or "{}"), json.loads(row[5]), row[3], row[4])


def list_named(where: Mapping[str, str], reach: Reach | None) -> tuple[NamedThing, ...]:
    """List the Things within reach that have these properties, by id."""
    with connection.cursor() as cursor:
        cursor.execute(statements.LIST_NAMED, {"where": json.dumps(dict(where)), **_reach(reach)})
        return tuple(NamedThing(row[0], row[1], msgspec.json.decode(row[2])) for row in cursor.fetchall())


def read_newest(things: tuple[NamedThing, ...], names: Sequence[str]) -> Newest:
    """Give the newest readings of Things, of their Datastreams of some names."""
    shape = len(things), len(names)
    newest = Newest(things, np.zeros(shape, np.int64), np.full(shape, np.nan), np.zeros(shape, np.int64))
    if things and names:
        values = {"ids": _array([thing.id for thing in things]), "names": list(names)}
        row, column, ids, times, results = _copy(statements.READ_NEWEST, values, _PLACE, _PLACE, _ID, _TIME, _NUMBER)
        newest.streams[row, column] = ids
        newest.results[row, column] = results
        newest.times[row, column] = np.where(times == _FROM_2000, 0, times)
    return newest


def has_mark(datastream_id: int, mark: str, *, begin: datetime, end: datetime) -> bool:
    """Tell whether the first Observation of a span has a parameter of that name that is true."""
    with connection.cursor() as cursor:
        cursor.execute(statements.HAS_MARK, {"id": datastream_id, "mark": mark, "begin": begin, "end": end})
        [answer] = cursor.fetchone() or [False]
    return bool(answer)


_WINDOW: Final = (_ID, _TIME, _NUMBER, _FLAG)


def read_window(ids: Sequence[int] | Ints, *, begin: datetime, end: datetime) -> Window:
    """Give the Observations of Datastreams after `begin` up to `end`, but those that contradict an earlier one."""
    wanted = np.asarray(ids, np.int64)
    least, greatest = (int(wanted.min()), int(wanted.max())) if len(wanted) else (0, 0)
    if len(wanted) < MANY or greatest - least >= 2 * len(wanted):
        values = {"ids": _array(wanted), "begin": begin, "end": end}
        return _window(*_copy(statements.READ_WINDOW, values, *_WINDOW))
    # What was registered together has ids together: cheaper to take some too many than to send 36,000 of them.
    bounds = {"least": least, "greatest": greatest, "begin": begin, "end": end}
    columns = _copy(statements.READ_DENSE_WINDOW, bounds, *_WINDOW)
    if len(wanted) <= greatest - least:
        own = np.isin(columns[0], wanted)
        columns = [column[own] for column in columns]
    return _window(*columns)


def read_latest(ids: Sequence[int] | Ints) -> Window:
    """Give the newest Observation of each Datastream that has one."""
    return _window(*_copy(statements.READ_LATEST, {"ids": _array(ids)}, *_WINDOW))


def _window(streams: Ints, times: Ints, results: Floats, quality: npt.NDArray[np.int16]) -> Window:
    order = np.lexsort((streams, times))
    return Window(streams[order], times[order], results[order], quality[order])


def read_raw(datastream_id: int, *, begin: datetime, end: datetime, most: int) -> list[tuple[int, float]]:
    """Give up to `most` good numbers from `begin` to before `end`, as (microseconds since 1970, number), in order."""
    values = {"id": datastream_id, "begin": begin, "end": end, "most": most}
    return _in_order(*_copy(statements.READ_RAW, values, _TIME, _NUMBER))


def read_forecast(datastream_id: int, *, begin: datetime, end: datetime) -> list[tuple[int, float]]:
    """Give the numbers after `begin` to before `end` as `read_raw` does, of each moment the one that was made last."""
    values = {"id": datastream_id, "begin": begin, "end": end}
    return _in_order(*_copy(statements.READ_FORECAST, values, _TIME, _NUMBER))


def _in_order(times: Ints, numbers: Floats) -> list[tuple[int, float]]:
    order = np.argsort(times, kind="stable")
    return list(zip(times[order].tolist(), numbers[order].tolist(), strict=True))


def has_left(datastream_id: int, *, begin: datetime, end: datetime) -> bool:
    """Tell whether of some Observations in a span only their hours remain."""
    with connection.cursor() as cursor:
        cursor.execute(statements.HAS_LEFT, [datastream_id, begin - timedelta(hours=1), end])
        [answer] = cursor.fetchone() or [False]
    return bool(answer)


def read_buckets(datastream_id: int, moments: Sequence[datetime], *, now: datetime, hours: int) -> list[Point]:
    """Give the good numbers up to `now` between moments: those there still are, and aggregates of so many hours."""
    values: dict[str, Any] = {
        "id": datastream_id,
        "begins": list(moments[:-1]),
        "ends": list(moments[1:]),
        "begin": moments[0],
        "end": moments[-1],
        "now": now,
        "hours": hours,
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.READ_BUCKETS, values)
        return [Point(*row) for row in cursor.fetchall()]


def read_near_edges(ids: Sequence[int], moments: Ints, *, near: int, until: int) -> Edges:
    """Give the last reading before each moment that is at most `near` microseconds old; its value holds until then.

    Moments after `until` (now) are left out: what comes is not known.
    """
    edges = _no_edges((len(ids), len(moments)))
    wanted = moments[moments <= until]
    if not len(wanted) or not len(ids):
        return edges
    # By themselves many registers need one partition for each moment, which is then known before the search.
    groups = [wanted] if len(ids) < MANY else np.split(wanted, len(wanted))
    for first, group in zip(np.cumsum([0, *map(len, groups)]), groups, strict=False):
        row, place, times, numbers = _copy(
            statements.READ_NEAR_EDGES, _near(ids, group, near), _PLACE, _PLACE, _TIME, _NUMBER
        )
        column = place + first
        edges.before_time[row, column] = times
        edges.before[row, column] = numbers
        edges.after_time[row, column] = moments[column]
        edges.after[row, column] = numbers
    return edges


def _near(ids: Sequence[int], moments: Ints, near: int) -> dict[str, Any]:
    return {
        "ids": _array(ids),
        "moments": _times(moments),
        "near": timedelta(microseconds=near),
        "begin": _time(int(moments[0]) - near),
        "end": _time(int(moments[-1])),
    }


def _no_edges(shape: tuple[int, int]) -> Edges:
    return Edges(
        np.zeros(shape, np.int64),
        np.full(shape, np.nan),
        np.zeros(shape, np.int64),
        np.full(shape, np.nan),
        np.zeros(shape, np.bool_),
    )


MANY_LACKING: Final = 3
"""With more moments without a reading near, a register may be younger than they are."""


def add_far_edges(edges: Edges, ids: Sequence[int], moments: Ints, *, reach: int, until: int) -> None:
    """Look for the readings next to moments that have none near, up to `reach` microseconds away on either side."""
    span = {"begin": _time(int(moments[0]) - reach), "end": _time(min(int(moments[-1]) + reach, until))}
    lacking = np.isnan(edges.before)
    young = np.flatnonzero(lacking.sum(axis=1) > MANY_LACKING)
    if len(young):
        lacking[young] &= ~_add_firsts(edges, ids, moments, young, span, reach=reach)
    rows, columns = np.nonzero(lacking)
    if not len(rows):
        return
    values = span | {
        "ids": _array([ids[row] for row in rows.tolist()]),
        "moments": _times(moments[columns]),
        "reach": timedelta(microseconds=reach),
    }
    place, *found = _copy(statements.READ_FAR_EDGES, values, _PLACE, _TIME, _NUMBER, _TIME, _NUMBER)
    for side, column in zip(edges, found, strict=False):
        side[rows[place], columns[place]] = column


def _add_firsts(
    edges: Edges, ids: Sequence[int], moments: Ints, rows: Ints, span: Mapping[str, object], *, reach: int
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Say of moments before a register's first reading that this comes next; gives which they are, [rows, moments].

    To look around each such moment would be to look through all partitions in reach, for nothing.
    """
    values = {"ids": _array([ids[row] for row in rows.tolist()]), **span}
    place, found_at, found = _copy(statements.READ_FIRSTS, values, _PLACE, _TIME, _NUMBER)
    first_at, first = np.full(len(rows), np.iinfo(np.int64).max), np.full(len(rows), np.nan)
    first_at[place], first[place] = found_at, found
    is_before = moments < first_at[:, None]
    at, column = np.nonzero(is_before & (first_at[:, None] <= moments + reach))
    edges.after_time[rows[at], column] = first_at[at]
    edges.after[rows[at], column] = first[at]
    return is_before


_PIECES: Final = (_PLACE, _TIME, _NUMBER, _NUMBER)


def read_sums(ids: Sequence[int], moments: Ints, *, hours: int) -> Pieces:
    """Give the aggregates of so many hours between the first and last moment, and the next ones before and after."""
    begin, end = _time(int(moments[0])), _time(int(moments[-1]))
    values = {"ids": _array(ids), "hours": hours, "begin": begin, "end": end}
    return _pieces(*_copy(statements.READ_SUMS, values, *_PIECES))


def read_pieces(spans: Sequence[tuple[int, int, int]], *, until: int) -> Pieces:
    """Give all readings and hours of aggregates in spans, as (Datastream, begin, end in microseconds since 1970).

    The row of a piece is the place of its span.
    """
    ids, begins, ends = (np.array(column, np.int64) for column in zip(*spans, strict=True))
    values = {
        "ids": _array(ids),
        "begins": _times(begins),
        "ends": _times(ends),
        "first": _time(int(begins.min()) - 1),
        "until": _time(min(until, int(ends.max()))),
    }
    return _pieces(*_copy(statements.READ_PIECES, values, *_PIECES))


def _pieces(row: Ints, begin: Ints, least: Floats, greatest: Floats) -> Pieces:
    order = np.lexsort((begin, row))
    return Pieces(row[order], begin[order], least[order], greatest[order])


def count_messages(ids: Sequence[int], *, begin: datetime, end: datetime, reach: timedelta, mark: str) -> Messages:
    """Count the Observations of Datastreams from `begin` to before `end`, and say since when each is heard."""
    found = Messages(np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64))
    values = {"ids": _array(ids), "begin": begin, "end": end, "earliest": begin - reach, "mark": mark}
    row, since, count = _copy(statements.COUNT_MESSAGES, values, _PLACE, _TIME, _ID)
    found.since[row] = np.where(since == _FROM_2000, 0, since)
    found.number[row] = count
    return found
