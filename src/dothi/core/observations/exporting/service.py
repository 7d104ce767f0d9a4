"""The door of exports: the record into Parquet, a file for each partition of time, each whole or not there."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
from psycopg import Connection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import partitions
from dothi.core.observations.exporting import store
from dothi.core.observations.exporting.schema import COLUMNS, VERSION, Contents, Stream, contents_of, schema_of
from dothi.core.observations.partitions import Span
from dothi.kernel.errors import InvalidInput, Unavailable

EXPORT: Final = "observations.observation.export"
_NAMES: Final = {"thing": "thing", "datastream": "name", "observed_property": "observed_property", "unit": "symbol"}
"""The columns that say in words what a Datastream is, and the part of it they show."""


class Exported(msgspec.Struct):
    """What an export did: files it wrote and left as they were, and the rows that all of them hold."""

    written: int = 0
    left: int = 0
    rows: int = 0


def export(
    actor: Actor,
    database_url: str,
    folder: Path,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    streams: Sequence[int] = (),
    progress: Callable[[int, int], None],
) -> Exported:
    """Write the Observations of a half-open span of time, of some Datastreams or all, into a folder.

    A file that already holds what is asked for is left as it is; any other is written anew beside its place and moved
    there when it is whole. A partition without such rows has no file. `progress` hears partitions done and in all.

    Raises Forbidden, InvalidInput for a folder that can't be written to or a span that ends before it begins,
    Unavailable if the database can't be reached.
    """
    accounts.require(actor, EXPORT)
    if begin and end and end <= begin:
        raise InvalidInput("the span ends before it begins", place="to")
    done = Exported()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SET timezone = 'UTC'")
            spans = list(_cut(partitions.list_spans(connection), begin, end))
            for number, span in enumerate(spans):
                _export(connection, folder, span, tuple(sorted(set(streams))), done)
                progress(number + 1, len(spans))
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error
    except OSError as error:
        raise InvalidInput(f"{error.filename or folder} can't be written: {error.strerror or error}") from error
    return done


def _cut(spans: Sequence[Span], begin: datetime | None, end: datetime | None) -> Iterator[Span]:
    """Give the partitions that a span of time touches, each cut to what is asked for."""
    for span in spans:
        first = max(span.begin, begin) if begin else span.begin
        last = min(span.end, end) if end else span.end
        if first < last:
            yield Span(span.table, first, last)


def _export(connection: Connection[Any], folder: Path, span: Span, streams: tuple[int, ...], done: Exported) -> None:
    """Bring the file of one partition up to date."""
    asked = store.Asked(span.table, span.begin, span.end, streams)
    file = folder / f"{partitions.name_of(span.table)}.parquet"
    with store.snapshot(connection):
        rows, newest_id, ids = store.measure(connection, asked)
        contents = Contents(VERSION, span.table, span.begin, span.end, streams, rows, newest_id)
        done.rows += rows
        if not rows:
            file.unlink(missing_ok=True)
        elif _holds(file, contents):
            done.left += 1
        else:
            found = msgspec.structs.replace(contents, streams=tuple(store.describe(connection, ids)))
            _write(file, found, store.read(connection, asked))
            done.written += 1


def _holds(file: Path, wanted: Contents) -> bool:
    """Tell whether a file holds what is wanted; rows are never changed, so their number and the newest id say it."""
    try:
        found = contents_of(parquet.read_schema(file))
    except (OSError, pa.ArrowInvalid, InvalidInput):
        return False
    return found is not None and msgspec.structs.replace(found, streams=()) == wanted


def _write(file: Path, contents: Contents, batches: Iterator[pa.RecordBatch]) -> None:
    draft = file.with_name(f".{file.name}.draft")
    schema = schema_of(contents)
    words = _Words(contents.streams)
    try:
        with draft.open("wb") as out:
            with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_table(pa.table(words.complete(batch), schema=schema))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


class _Words:
    """Puts beside the numbers of rows what they mean in words."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._ids = np.array([stream.id for stream in streams], dtype=np.int64)
        self._words = {name: pa.array([getattr(stream, part) for stream in streams]) for name, part in _NAMES.items()}

    def complete(self, batch: pa.RecordBatch) -> list[pa.Array]:
        """Give all columns of the file, in their order."""
        places = pa.array(np.searchsorted(self._ids, batch.column("datastream_id").to_numpy()), pa.int32())
        columns = []
        for name, kind, *_ in COLUMNS:
            if name in self._words:
                columns.append(pa.DictionaryArray.from_arrays(places, self._words[name]))
            elif name == "conflicting":
                columns.append(pa.compute.equal(batch.column(name), "t"))
            else:
                columns.append(batch.column(name).cast(kind))
        return columns
