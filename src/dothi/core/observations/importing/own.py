"""Reads files that Dothi exported, which need no mapping: they go back to the Datastreams they came from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from dothi.core.observations.exporting.schema import COLUMNS, Contents, contents_of
from dothi.core.observations.importing.encoding import texts
from dothi.core.observations.importing.files import format_of, open_parquet, read_parquet
from dothi.core.observations.importing.reading import Portion
from dothi.core.observations.importing.types import ABSENT, Flags, Floats, Ints, Rows, Texts
from dothi.kernel.errors import InvalidInput


def read_contents(path: Path) -> Contents:
    """Read what a file says it holds. Raises InvalidInput if it is no export of Dothi."""
    found = contents_of(open_parquet(path).schema_arrow) if format_of(path, "") == "parquet" else None
    if found is None:
        raise InvalidInput(f"{path.name} was not exported by Dothi: give a mapping")
    return found


def check_streams(contents: Contents, stored: Mapping[int, tuple[str, str]]) -> None:
    """See that the file's Datastreams are those of this record, as (Thing, Datastream) by id. Raises InvalidInput."""
    for stream in contents.streams:
        if stored.get(stream.id) != (stream.thing, stream.name):
            message = f"Datastream {stream.id} of this record is not {stream.thing!r}, {stream.name!r}: give a mapping"
            raise InvalidInput(message, place="datastream_id")


def portions(path: Path) -> Iterator[Portion]:
    """Read an export; `series` in the rows are the Datastreams' ids."""
    names = [name for name, *_ in COLUMNS if name not in ("id", "thing", "datastream", "observed_property", "unit")]
    for chunk in read_parquet(path, columns=names):
        columns = {name: chunk.table.column(name).combine_chunks() for name in names}
        rows = Rows(
            series=_ints(columns["datastream_id"]),
            time=_moments(columns["phenomenon_time"]),
            result=_floats(columns["result"]),
            result_json=_texts(columns["result_json"]),
            end=_moments(columns["phenomenon_end"]),
            result_time=_moments(columns["result_time"]),
            feature=_ints(columns["feature_id"]),
            valid_from=_moments(columns["valid_from"]),
            valid_to=_moments(columns["valid_to"]),
            quality=_ints(columns["quality"]),
            result_quality=_texts(columns["result_quality"]),
            parameters=_texts(columns["parameters"]),
            fingerprint=_ints(columns["fingerprint"]),
            conflicting=_flags(columns["conflicting"]),
        )
        yield Portion(rows, [], chunk.done)


def _ints(column: pa.Array) -> Ints:
    found: Ints = column.cast(pa.int64()).fill_null(ABSENT).to_numpy()
    return found


def _moments(column: pa.Array) -> Ints:
    return _ints(column.cast(pa.timestamp("us", "UTC")))


def _floats(column: pa.Array) -> Floats:
    found: Floats = column.fill_null(np.nan).to_numpy()
    return found


def _flags(column: pa.Array) -> Flags:
    found: Flags = column.to_numpy(zero_copy_only=False).astype(bool)
    return found


def _texts(column: pa.Array) -> Texts:
    return texts(column.to_pylist())
