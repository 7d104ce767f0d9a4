"""The decoders of imports: mappings, cells, and whole files as far as the bytes that go to COPY."""

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from dothi.core.observations.importing import encoding, own, portions, rules
from dothi.core.observations.importing.mapping import parse_mapping
from dothi.core.observations.importing.numbers import read_values
from dothi.core.observations.importing.reading import Portion, Reader
from dothi.core.observations.importing.times import FINE, read_times
from dothi.core.observations.importing.types import Bad, Csv, Mapping, Property, Stream, Time
from dothi.kernel.errors import InvalidInput

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
_HEAD: Final = 'source = "s"\n[thing]\n{thing}\n[sensor]\nname = "s"\n[time]\n{time}\n'
_STREAM: Final = (
    '[[datastreams]]\n{key}\nkind = "{kind}"\n[datastreams.observed_property]\nname = "p"\ndefinition = "d"\n'
)


def _mapping(thing: str, time: str, *streams: tuple[str, str], more: str = "") -> Mapping:
    text = _HEAD.format(thing=thing, time=time) + "".join(_STREAM.format(key=key, kind=kind) for key, kind in streams)
    return parse_mapping(text + more)


WIDE: Final = _mapping(
    'key = "one"',
    'column = "t"\nzone = "America/New_York"\nlasts_s = 3600',
    ('column = "a"', "number"),
    ('column = "b"', "text"),
    ('column = "c"', "truth"),
)
LONG: Final = _mapping(
    'column = "id"',
    'columns = ["d", "t"]\nformat = "%d/%m/%y %H:%M:%S.%f"\nzone = "Asia/Ho_Chi_Minh"\nambiguous = "later"',
    ('code = "x"', "number"),
    ('code = "y"', "text"),
    more='[long]\nproperty = "p"\nvalue = "v"\n[csv]\ndelimiter = ";"\ndecimal = ","\nthousands = "."\n',
)
COUNTED: Final = _mapping('column = "id"', 'column = "t"\nformat = "epoch_ms"', ('column = "a"', "number"))
MAPPINGS: Final = (WIDE, LONG, COUNTED)


def mapping(data: bytes) -> None:
    """A mapping, and every name that it makes."""
    with contextlib.suppress(InvalidInput):
        found = parse_mapping(data.decode("utf-8", "replace"))
        for text in (found.thing.name, found.thing.description):
            text.format(key="a station")
        column = pa.array(["", "2026-01-01T00:00:00Z", "1"])
        read_times(column, found.time)
        for stream in found.datastreams:
            read_values(column, stream, how=found.csv, missing=found.missing)


def cells(data: bytes) -> None:
    """Cells of times and values, one a line, by each way there is to read them."""
    column = pa.array(data.decode("utf-8", "replace").split("\n"), pa.string())
    for form in ("iso", "epoch_s", "epoch_us", "%y%m%d %H:%M:%S.%f %z", "%d.%m.%Y"):
        for zone in ("", "Europe/Berlin"):
            moments = read_times(column, Time(column="t", format=form, zone=zone))
            assert len(moments.micros) == len(moments.faults) == len(column)
            assert np.abs(moments.micros[moments.faults == FINE]).max(initial=0) < 2**62
    for kind in ("number", "text", "truth"):
        stream = Stream(observed_property=Property(name="p", definition="d"), column="a", kind=kind)
        for how in (Csv(), Csv(decimal=",", thousands=".")):
            found = read_values(column, stream, how=how, missing=("", "NA"))
            assert len(found.missing) == len(found.bad) == len(column)
            if found.numbers is not None:
                assert np.isfinite(found.numbers[~found.bad & ~found.missing]).all()


def csv(data: bytes) -> None:
    """A CSV file by one of three mappings, which the first byte chooses."""
    with _file(data[1:]) as path:
        _read(path, MAPPINGS[data[0] % 3] if data else WIDE)


def parquet_raw(data: bytes) -> None:
    """The bytes of a Parquet file."""
    with _file(b"PAR1" + data) as path:
        _read(path, WIDE)
        with contextlib.suppress(InvalidInput):
            _settle(portions.gather(iter([*_own(path)])))


def parquet(data: bytes) -> None:
    """A Parquet file with columns of any type where the mapping looks for its own."""
    source = io.BytesIO(data)
    choice = (source.read(1) or b"\0")[0] % 3
    names = (("t", "a", "b", "c"), ("id", "d", "t", "p", "v"), ("id", "t", "a"))[choice]
    columns: dict[str, pa.Array] = {}
    with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OverflowError):
        for name in names:
            columns[name] = _column(source)
        out = io.BytesIO()
        pq.write_table(pa.table(columns), out)
        with _file(out.getvalue()) as path:
            _checked(lambda: _read(path, MAPPINGS[choice]))


def _checked(read: Callable[[], None]) -> None:
    """Turn Arrow's errors into what the fuzzer sees as a fault: to make a table may fail, to read it may not."""
    try:
        read()
    except (pa.ArrowException, OverflowError) as error:
        raise AssertionError(repr(error)) from error


_TYPES: Final[tuple[tuple[pa.DataType, int], ...]] = (
    (pa.int8(), 1),
    (pa.int64(), 8),
    (pa.uint64(), 8),
    (pa.float16(), 2),
    (pa.float64(), 8),
    (pa.bool_(), 1),
    (pa.string(), -1),
    (pa.large_string(), -1),
    (pa.binary(), -2),
    (pa.timestamp("s"), 8),
    (pa.timestamp("ns", "UTC"), 8),
    (pa.timestamp("us", "Asia/Ho_Chi_Minh"), 8),
    (pa.date32(), 4),
    (pa.date64(), 8),
    (pa.time64("us"), 8),
    (pa.duration("us"), 8),
    (pa.null(), 0),
    (pa.decimal128(30, 5), 8),
    (pa.list_(pa.int64()), -3),
    (pa.struct([("x", pa.int64())]), -4),
)


def _column(source: io.BytesIO) -> pa.Array:
    """Make a column of three values from the bytes that follow."""
    kind, size = _TYPES[(source.read(1) or b"\0")[0] % len(_TYPES)]
    if size > 0 and not pa.types.is_boolean(kind) and not pa.types.is_decimal(kind):
        raw = pa.py_buffer(source.read(3 * size).ljust(3 * size, b"\0"))
        return pa.Array.from_buffers(kind, 3, [None, raw])
    words: list[Any] = [source.read(8) for _ in range(3)]
    make: dict[int, Callable[[bytes], Any]] = {
        0: lambda _word: None,
        1: lambda word: word[:1] > b"a",
        8: lambda word: int.from_bytes(word, "big", signed=True) / 100_000 if word else None,
        -1: lambda word: word.decode("utf-8", "replace"),
        -2: lambda word: word,
        -3: list,
        -4: lambda word: {"x": len(word)},
    }
    return pa.array([make[size](word) for word in words], kind)


@contextlib.contextmanager
def _file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dothi-fuzz-") as name:
        path = Path(name, "file")
        path.write_bytes(data)
        yield path


def _read(path: Path, how: Mapping) -> None:
    reports: list[Bad] = []
    with contextlib.suppress(InvalidInput):
        _settle(portions.gather(Reader(path, how, report=reports.append, now=NOW).portions()))
    for bad in reports:
        assert bad.line > 0
        msgspec.json.encode(bad)


def _own(path: Path) -> Iterator[Portion]:
    own.read_contents(path)
    yield from own.portions(path)


def _settle(coming: Iterator[Portion]) -> None:
    """Go on as the service does, as far as the bytes that COPY gets."""
    for portion in coming:
        rows = portion.rows
        prints = rules.fingerprints(rows) if rows.fingerprint is None else rows.fingerprint
        found = rules.sort(replace(rows, fingerprint=prints)).rows
        encoded = encoding.encode(found, np.arange(1, len(found) + 1, dtype=np.int64))
        assert encoded.data
