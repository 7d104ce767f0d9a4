"""Sends Observations into a table by PostgreSQL's binary COPY."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

import numpy as np
from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

from dothi.core.observations import binary
from dothi.core.observations.binary import Column
from dothi.core.observations.rules import Key, are_plain, to_micros_all
from dothi.core.observations.types import NewObservation

NumberedRow = tuple[int, Key, NewObservation]
"""A row with its id and the key that it is unique by."""

_COLUMNS: Final[tuple[tuple[LiteralString, LiteralString], ...]] = (
    ("id", "int8"),
    ("datastream_id", "int8"),
    ("phenomenon_time", "timestamptz"),
    ("fingerprint", "int8"),
    ("quality", "int2"),
    ("result", "float8"),
    ("feature_id", "int8"),
    ("result_json", "jsonb"),
    ("phenomenon_end", "timestamptz"),
    ("result_time", "timestamptz"),
    ("valid_from", "timestamptz"),
    ("valid_to", "timestamptz"),
    ("result_quality", "jsonb"),
    ("parameters", "jsonb"),
)


async def copy_rows(
    connection: AsyncConnection,
    table: LiteralString,
    rows: Sequence[NumberedRow],
    features: Mapping[int, int | None],
) -> None:
    """Send rows as one binary COPY; most have a number and nothing else, and are written all at once."""
    columns = _plain_columns(rows, features) if are_plain(row for _, _, row in rows) else None
    names = [name for name, _ in _COLUMNS] if columns is None else [column.name for column in columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        if columns is not None:
            await copy.write(binary.write(columns))
            return
        copy.set_types([kind for _, kind in _COLUMNS])
        for row_id, key, row in rows:
            await copy.write_row(_tuple_of(row_id, key, row, features[key[0]]))


def _plain_columns(rows: Sequence[NumberedRow], features: Mapping[int, int | None]) -> list[Column] | None:
    """Give plain rows as columns; None where only some of them have a feature, as a column has no gaps."""
    ids, keys, observed = zip(*rows, strict=True)
    streams, moments, marks = zip(*keys, strict=True)
    about = [features[stream] for stream in streams]
    columns = [
        Column("id", "int8", np.array(ids)),
        Column("datastream_id", "int8", np.array(streams)),
        Column("phenomenon_time", "timestamptz", to_micros_all(moments)),
        Column("fingerprint", "int8", np.array(marks)),
        Column("quality", "int2", np.array([row.quality for row in observed])),
        Column("result", "float8", np.array([row.result for row in observed])),
    ]
    if all(about):
        return [*columns, Column("feature_id", "int8", np.array(about))]
    return None if any(about) else columns


def _tuple_of(row_id: int, key: Key, row: NewObservation, feature_id: int | None) -> tuple[object, ...]:
    return (
        row_id,
        row.datastream_id,
        row.phenomenon_time,
        key[2],
        row.quality,
        row.result,
        row.feature_id or feature_id or None,
        _json(row.result_json),
        row.phenomenon_end,
        row.result_time,
        row.valid_from,
        row.valid_to,
        _json(row.result_quality),
        _json(row.parameters),
    )


def _json(text: str | None) -> Jsonb | None:
    return None if text is None else Jsonb(text, dumps=str)
