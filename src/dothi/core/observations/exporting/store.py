"""The queries of an export, each in a snapshot of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, LiteralString

import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import Connection, Copy, IsolationLevel, sql

from dothi.core.observations.exporting.schema import Stream

_MICROS: Final[LiteralString] = "(extract(epoch FROM {})*1000000)::bigint"
_MOMENTS: Final = ("phenomenon_time", "phenomenon_end", "result_time", "valid_from", "valid_to")
STORED: Final[tuple[tuple[LiteralString, pa.DataType], ...]] = (
    ("id", pa.int64()),
    ("datastream_id", pa.int64()),
    ("phenomenon_time", pa.int64()),
    ("phenomenon_end", pa.int64()),
    ("result_time", pa.int64()),
    ("result", pa.float64()),
    ("result_json", pa.string()),
    ("quality", pa.int16()),
    ("conflicting", pa.string()),
    ("feature_id", pa.int64()),
    ("valid_from", pa.int64()),
    ("valid_to", pa.int64()),
    ("result_quality", pa.string()),
    ("parameters", pa.string()),
    ("fingerprint", pa.int64()),
)
"""The columns of the table as they come: moments in microseconds since 1970."""
_BLOCK: Final = 4_000_000


class Asked:
    """Which rows of a partition are asked for: a half-open span of time, and Datastreams (none means all)."""

    def __init__(self, table: str, begin: datetime, end: datetime, streams: Sequence[int]) -> None:
        condition: LiteralString = " WHERE phenomenon_time >= {} AND phenomenon_time < {}"
        if streams:
            condition += " AND datastream_id = ANY({})"
        self.source: Final = sql.SQL("{}" + condition).format(
            sql.Identifier(table), sql.Literal(begin), sql.Literal(end), sql.Literal(list(streams))
        )


@contextmanager
def snapshot(connection: Connection[Any]) -> Iterator[None]:
    """Let all queries inside see one state of the record."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        yield


def measure(connection: Connection[Any], asked: Asked) -> tuple[int, int, list[int]]:
    """Give how many rows there are, the newest id (0 for none), and the Datastreams they are of."""
    query = sql.SQL("SELECT count(*), coalesce(max(id), 0), array_agg(DISTINCT datastream_id) FROM {}")
    row = connection.execute(query.format(asked.source)).fetchone()
    return (0, 0, []) if row is None or not row[0] else (row[0], row[1], row[2])


def describe(connection: Connection[Any], ids: Sequence[int]) -> list[Stream]:
    """Say what Datastreams are, in the order of their ids; one that was deleted has no more than its id."""
    cursor = connection.execute(
        "SELECT i.id, coalesce(d.name, ''), coalesce(t.id, 0), coalesce(t.name, ''), coalesce(p.name, ''),"
        " coalesce(p.definition, ''), d.unit, d.ucum FROM unnest(%s::bigint[]) AS i(id)"
        " LEFT JOIN observations_datastream d ON d.id = i.id LEFT JOIN observations_thing t ON t.id = d.thing_id"
        " LEFT JOIN observations_observedproperty p ON p.id = d.observed_property_id ORDER BY i.id",
        [list(ids)],
    )
    return [Stream(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]) for row in cursor]


def read(connection: Connection[Any], asked: Asked) -> Iterator[pa.RecordBatch]:
    """Give rows by Datastream and time, as PostgreSQL writes them: exact to the last digit and microsecond."""
    columns = sql.SQL(", ").join(
        [
            sql.SQL(_MICROS).format(sql.Identifier(name)) if name in _MOMENTS else sql.Identifier(name)
            for name, _ in STORED
        ]
    )
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY datastream_id, phenomenon_time, id) TO STDOUT (FORMAT CSV)")
    with connection.cursor().copy(query.format(columns, asked.source)) as copy:
        yield from pacsv.open_csv(
            pa.PythonFile(_Pipe(copy), mode="r"),
            pacsv.ReadOptions(column_names=[name for name, _ in STORED], block_size=_BLOCK),
            pacsv.ParseOptions(newlines_in_values=True),
            pacsv.ConvertOptions(
                column_types=dict(STORED), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )


class _Pipe:
    """What COPY sends, as a file to read from."""

    closed = False

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Give at least one byte and at most `size`, none at the end."""
        parts = [self._rest]
        length = len(self._rest)
        while length < size and (block := self._copy.read()):
            parts.append(bytes(block))
            length += len(block)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]

    def close(self) -> None:
        """Nothing to do: COPY ends with its block."""
