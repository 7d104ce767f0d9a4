"""PostgreSQL's binary forms of COPY and of arrays, written for whole columns at once."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format

WIDTHS: Final = {"int8": ">i8", "int2": ">i2", "float8": ">f8", "bool": ">u1", "timestamptz": ">i8"}
"""The types of fixed size that can be written, in the form that the format has them."""
_POSTGRES_EPOCH: Final = 946_684_800_000_000
"""2000-01-01 in microseconds since 1970, from which PostgreSQL counts."""
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)


class Array(NamedTuple):
    """Values that go to the database as one array, none of them absent; moments are in microseconds since 1970."""

    kind: str
    values: NDArray[Any]


class _ArrayDumper(Dumper):
    """Writes an Array as `array_recv` of PostgreSQL reads it; the statement casts it to its type."""

    format = Format.BINARY

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)

    def dump(self, obj: Array) -> bytes:
        form = WIDTHS[obj.kind]
        data = np.empty(len(obj.values), dtype=np.dtype([("size", ">i4"), ("value", form)]))
        data["size"] = np.dtype(form).itemsize
        data["value"] = obj.values - _POSTGRES_EPOCH if obj.kind == "timestamptz" else obj.values
        element = psycopg.postgres.types[obj.kind].oid
        # Dimensions, whether there are nulls, the elements' type, then of the one dimension its length and first index.
        head = np.array([1, 0, element, len(data), 1], dtype=">i4")
        return head.tobytes() + data.tobytes()


psycopg.adapters.register_dumper(Array, _ArrayDumper)


class Column(NamedTuple):
    """A column of a table with its values; moments are in microseconds since 1970."""

    name: LiteralString
    kind: str
    values: NDArray[Any]


def write(columns: Sequence[Column]) -> bytes:
    """Write columns of one length, none of whose values is absent: for each row its fields' number, sizes and bytes."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for column in columns:
        layout += [(f"size_{column.name}", ">i4"), (column.name, WIDTHS[column.kind])]
    data = np.empty(len(columns[0].values), dtype=np.dtype(layout))
    data["fields"] = len(columns)
    for column in columns:
        data[f"size_{column.name}"] = np.dtype(WIDTHS[column.kind]).itemsize
        shift = _POSTGRES_EPOCH if column.kind == "timestamptz" else 0
        data[column.name] = column.values - shift if shift else column.values
    return _SIGNATURE + data.tobytes() + b"\xff\xff"
