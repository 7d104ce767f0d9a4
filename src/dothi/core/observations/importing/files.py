"""Reads files in chunks: CSV as texts with their line numbers, Parquet as it is typed, both packed with gzip or not."""

import codecs
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as parquet

from dothi.core.observations.importing.types import Bad, Csv, Ints
from dothi.kernel.errors import InvalidInput

CHUNK_BYTES: Final = 8_000_000
CHUNK_ROWS: Final = 200_000
_GZIP: Final = b"\x1f\x8b"
_PARQUET: Final = b"PAR1"

Report = Callable[[Bad], None]


class Chunk(NamedTuple):
    """Rows of a file as columns, the line of each in the file, and which part of the file is read (0 to 1)."""

    table: pa.Table
    lines: Ints
    done: float


def check_readable(path: Path) -> None:
    """See that a file is there. Raises InvalidInput."""
    if not path.is_file():
        raise InvalidInput(f"{path} can't be read: there is no such file")


def format_of(path: Path, wanted: str) -> Literal["csv", "parquet"]:
    """Tell a file's format: what is wanted, else by how it begins. Raises InvalidInput if it can't be read."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}") from error
    if wanted:
        return "csv" if wanted == "csv" else "parquet"
    names = [suffix.lower() for suffix in path.suffixes]
    return "parquet" if start == _PARQUET or ".parquet" in names else "csv"


def digest_of(path: Path, *more: bytes) -> bytes:
    """Give the SHA-256 of a file's bytes and of whatever else decides how it is read."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    for part in more:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def read_csv(path: Path, how: Csv, *, columns: Sequence[str], report: Report) -> Iterator[Chunk]:
    """Read the columns of a CSV file as texts; rows with too many or few fields are reported and passed over.

    Raises InvalidInput for a column that is not there, or a file that can't be read as such.
    """
    raw = pa.OSFile(str(path), "rb")
    size = max(raw.size(), 1)
    stream = pa.CompressedInputStream(raw, "gzip") if _is_packed(path) else raw
    skipped: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        if row.text is None or row.text.strip():
            reason = f"the line has {row.actual_columns} fields, not {row.expected_columns}"
            report(Bad(row.number, "", reason, (row.text or "")[:200]))
        skipped.append(row.number)
        return "skip"

    try:
        # Also UTF-8, by a name under which Arrow does not pass it through: what is none is then an error with a place.
        is_utf8 = codecs.lookup(how.encoding).name == "utf-8"
        text = pa.transcoding_input_stream(stream, "utf-8-sig" if is_utf8 else how.encoding, "utf-8")
        reader = pacsv.open_csv(text, *_options(how, columns, skip))
        good = 0
        for batch in reader:
            lines = _lines(good, batch.num_rows, first=_first_line(how), skipped=skipped)
            good += batch.num_rows
            yield Chunk(pa.Table.from_batches([batch]), lines, min(raw.tell() / size, 1.0))
    except pa.ArrowKeyError as error:
        raise InvalidInput(f"{path.name}: {str(error).strip(chr(39))}") from error
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise InvalidInput(f"{path.name} can't be read as CSV: {error}") from error


def _options(
    how: Csv, columns: Sequence[str], skip: Callable[[pacsv.InvalidRow], str]
) -> tuple[pacsv.ReadOptions, pacsv.ParseOptions, pacsv.ConvertOptions]:
    # One thread: only then rows come with their numbers.
    reading = pacsv.ReadOptions(
        use_threads=False,
        block_size=CHUNK_BYTES,
        skip_rows=how.skip_lines,
        column_names=list(how.columns) or None,
    )
    parsing = pacsv.ParseOptions(
        delimiter=how.delimiter,
        quote_char=how.quote or False,
        newlines_in_values=how.line_breaks,
        ignore_empty_lines=False,
        invalid_row_handler=skip,
    )
    converting = pacsv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )
    return reading, parsing, converting


def _first_line(how: Csv) -> int:
    return how.skip_lines + (1 if how.columns else 2)


def _lines(before: int, count: int, *, first: int, skipped: list[int]) -> Ints:
    """Give the lines of good rows, which follow `before` others; those skipped have lines too."""
    places = np.arange(before, before + count, dtype=np.int64)
    good_before_skipped = np.array(
        [line - first - number for number, line in enumerate(sorted(skipped))], dtype=np.int64
    )
    return places + first + np.searchsorted(good_before_skipped, places, side="right")


def open_parquet(path: Path) -> parquet.ParquetFile:
    """Open a Parquet file. Raises InvalidInput if it is none."""
    try:
        if not _is_packed(path):
            return parquet.ParquetFile(path)
        with pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "gzip") as stream:
            return parquet.ParquetFile(pa.BufferReader(stream.read()))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} can't be read as Parquet: {error}") from error


def read_parquet(path: Path, *, columns: Sequence[str]) -> Iterator[Chunk]:
    """Read columns of a Parquet file. Raises InvalidInput for a column that is not there, or a file that is none."""
    file = open_parquet(path)
    for name in columns:
        _check_column(path, file.schema_arrow, name)
    before = 0
    try:
        for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=list(columns)):
            lines = np.arange(before + 1, before + batch.num_rows + 1, dtype=np.int64)
            before += batch.num_rows
            table = _plain(pa.Table.from_batches([batch]))
            table.validate(full=True)  # Arrow reads texts that are no UTF-8, and fails where they are used
            yield Chunk(table, lines, before / max(file.metadata.num_rows, 1))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} can't be read as Parquet: {error}") from error


def _check_column(path: Path, schema: pa.Schema, name: str) -> None:
    """See that a column is there once, and holds what is written in one cell. Raises InvalidInput."""
    if schema.names.count(name) != 1:
        raise InvalidInput(f"{path.name} has no column {name!r}, or more than one")
    kind = schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(fits(kind) for fits in _READABLE):
        raise InvalidInput(f"{path.name}: column {name!r} holds {kind}, which is not read")


_READABLE: Final = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_null,
)


def _plain(table: pa.Table) -> pa.Table:
    """Unpack columns that are written as dictionaries."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(field.type.value_type))
    return table
