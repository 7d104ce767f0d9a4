"""Writes rows in the form that PostgreSQL's COPY takes: binary where all values are of fixed size, else CSV."""

from typing import Final, LiteralString, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from dothi.core.observations.binary import WIDTHS, Column, write
from dothi.core.observations.importing.rules import column_or
from dothi.core.observations.importing.types import ABSENT, Flags, Ints, Rows, Texts
from dothi.core.observations.types import Quality

_OPTIONAL: Final[tuple[tuple[LiteralString, str, str], ...]] = (
    ("result", "result", "float8"),
    ("result_json", "result_json", "json"),
    ("phenomenon_end", "end", "timestamptz"),
    ("result_time", "result_time", "timestamptz"),
    ("feature_id", "feature", "int8"),
    ("valid_from", "valid_from", "timestamptz"),
    ("valid_to", "valid_to", "timestamptz"),
    ("result_quality", "result_quality", "json"),
    ("parameters", "parameters", "json"),
)
"""The column of the table, of the rows, and its type."""


class Encoded(NamedTuple):
    """What COPY takes: the names of the columns, whether it is binary, and the bytes."""

    columns: list[LiteralString]
    is_binary: bool
    data: bytes


def encode(rows: Rows, ids: Ints) -> Encoded:
    """Write rows with their ids; needs fingerprints."""
    columns = _columns(rows, ids)
    if all(column.kind in WIDTHS and not _absent(column).any() for column in columns):
        return Encoded([column.name for column in columns], True, write(columns))
    return Encoded([column.name for column in columns], False, _csv(columns))


def _columns(rows: Rows, ids: Ints) -> list[Column]:
    count = len(rows)
    columns = [
        Column("id", "int8", ids),
        Column("datastream_id", "int8", rows.series),
        Column("phenomenon_time", "timestamptz", rows.time),
        Column("fingerprint", "int8", column_or(rows.fingerprint, count)),
        Column("quality", "int2", column_or(rows.quality, count, Quality.NOT_EVALUATED)),
    ]
    if rows.conflicting is not None and rows.conflicting.any():
        columns.append(Column("conflicting", "bool", rows.conflicting.astype(np.int64)))
    optional = rows.columns()
    given = [Column(name, kind, optional[field]) for name, field, kind in _OPTIONAL if optional[field] is not None]
    return columns + [column for column in given if not _absent(column).all()]


def _absent(column: Column) -> Flags:
    if column.name in ("id", "datastream_id", "fingerprint", "phenomenon_time"):
        return np.zeros(len(column.values), dtype=bool)  # never absent, and a fingerprint may be any number
    if column.kind == "json":
        return np.array([value is None for value in column.values], dtype=bool)
    absent: Flags = np.isnan(column.values) if column.kind == "float8" else column.values == ABSENT
    return absent


def _csv(columns: list[Column]) -> bytes:
    table = pa.table({column.name: _array(column) for column in columns})
    out = pa.BufferOutputStream()
    pacsv.write_csv(table, out, pacsv.WriteOptions(include_header=False))
    found: bytes = out.getvalue().to_pybytes()
    return found


def _array(column: Column) -> pa.Array:
    absent = _absent(column)
    if column.kind == "json":
        return pa.array(column.values, pa.string(), from_pandas=False)
    kinds = {"timestamptz": pa.timestamp("us", "UTC"), "float8": pa.float64(), "bool": pa.bool_()}
    values = column.values.astype(bool) if column.kind == "bool" else column.values
    return pa.array(values, kinds.get(column.kind, pa.int64()), mask=absent)


def texts(values: list[str | None]) -> Texts:
    """Give texts as a column of rows."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
