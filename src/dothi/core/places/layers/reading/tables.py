"""Files that Arrow or a plain reader reads: GeoParquet and CSV; and how columns of Arrow become values."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from dothi.core.places.layers.rules import columns, texts
from dothi.core.places.layers.types import FieldType, Wish
from dothi.kernel.errors import InvalidInput

BATCH: Final = 4096
_SAMPLE: Final = 1_000_000
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


class Batch(NamedTuple):
    """Some features: values [field][n], and shapes [n] as WKB, None for none."""

    columns: list[list[Any]]
    wkb: list[bytes | None]


class Source(NamedTuple):
    """What a file says of itself; `crs` is None where it says none, `total` 0 where it does not say how many."""

    format: str
    sublayer: str
    crs: str | None
    encoding: str
    titles: list[str]
    types: list[FieldType]
    total: int
    batches: Callable[[], Iterator[Batch]]


def type_of(told: pa.DataType) -> FieldType | None:
    """Say what values of a column of Arrow are; None for what is not kept (bytes)."""
    tests: Sequence[tuple[Callable[[pa.DataType], bool], FieldType | None]] = (
        (pa.types.is_boolean, FieldType.BOOLEAN),
        (pa.types.is_integer, FieldType.INTEGER),
        (pa.types.is_floating, FieldType.NUMBER),
        (pa.types.is_decimal, FieldType.NUMBER),
        (pa.types.is_date, FieldType.DATE),
        (pa.types.is_timestamp, FieldType.DATETIME),
        (pa.types.is_nested, FieldType.JSON),
        (pa.types.is_binary, None),
        (pa.types.is_large_binary, None),
    )
    return next((found for test, found in tests if test(told)), FieldType.TEXT)


def values(column: pa.Array, read: Callable[[str], str]) -> list[Any]:
    """Give the values of a column as JSON has them; texts are read by `read`, what is no number is None."""
    found: list[Any] = column.to_pylist()
    kind = type_of(column.type)
    if kind is FieldType.TEXT:
        return [None if each is None else read(str(each)) for each in found]
    if kind is FieldType.NUMBER:
        return [None if each is None or each != each or abs(each) == float("inf") else float(each) for each in found]
    if kind in {FieldType.DATE, FieldType.DATETIME}:
        return [each.isoformat() if isinstance(each, date | datetime) else None for each in found]
    return found


def open_parquet(path: Path, wish: Wish) -> Source:
    """Open a GeoParquet file: one without a reference system is OGC:CRS84, as its standard has it."""
    file = pq.ParquetFile(path)
    told = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    if not told:
        raise InvalidInput("the file is Parquet and says nothing of geometries: it is no GeoParquet", place="file")
    name = told["primary_column"]
    column = told["columns"][name]
    if str(column.get("encoding", "WKB")).upper() != "WKB":
        raise InvalidInput(f"geometries as {column['encoding']} are not read: WKB is", place="file")
    crs = column.get("crs", "OGC:CRS84")
    wanted = [field.name for field in file.schema_arrow if field.name != name and type_of(field.type)]

    def batches() -> Iterator[Batch]:
        for batch in file.iter_batches(batch_size=BATCH, columns=[*wanted, name]):
            found = [values(batch.column(each), lambda text: texts.mend(text, wish.encoding)) for each in wanted]
            yield Batch(found, batch.column(name).to_pylist())

    return Source(
        format="GeoParquet",
        sublayer=name,
        crs=json.dumps(crs) if isinstance(crs, dict) else crs,
        encoding=wish.encoding,
        titles=wanted,
        types=[type_of(file.schema_arrow.field(each).type) or FieldType.TEXT for each in wanted],
        total=file.metadata.num_rows,
        batches=batches,
    )


def open_csv(path: Path, wish: Wish) -> Source:
    """Open a table with a column of WKT, or two of coordinates: those that are asked for, else by their names."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    encoding = wish.encoding or texts.guess(sample.removeprefix(b"\xef\xbb\xbf").splitlines()[:-1] or [sample])
    delimiter = max(",;\t|", key=sample.split(b"\n", 1)[0].decode("latin-1").count)
    rows = _rows(path, encoding, delimiter)
    titles = next(rows, [])
    if len(titles) < 2 and not wish.wkt_field:
        raise InvalidInput("the table has no columns: its first line names them, with commas between", place="file")
    places = _places(titles, wish)
    types = _types(rows, titles, places)
    kept = [place for place in range(len(titles)) if place not in places]
    is_wkt = len(places) == 1
    crs = None
    if not is_wkt and not titles[places[0]].casefold().strip().startswith("x"):
        crs = "EPSG:4326"

    def batches() -> Iterator[Batch]:
        lines = _rows(path, encoding, delimiter)
        next(lines, None)
        while portion := list(islice(lines, BATCH)):
            full = [line + [""] * (len(titles) - len(line)) for line in portion]
            yield Batch([[_value(line[place], types[place]) for line in full] for place in kept], _shapes(full, places))

    return Source(
        format="CSV",
        sublayer="",
        crs=crs,
        encoding=encoding,
        titles=[titles[place] for place in kept],
        types=[types[place] for place in kept],
        total=0,
        batches=batches,
    )


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(200_000_000)
    if encoding in {"windows-1258", "tcvn3"}:
        lines = (texts.decode(line, encoding) for line in path.open("rb"))
    else:
        lines = (line for line in path.open(encoding="utf-8-sig", newline=""))
    try:
        yield from (row for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error as error:
        raise InvalidInput(f"the table can't be read: {error}", place="file") from error


def _places(titles: list[str], wish: Wish) -> tuple[int, ...]:
    """Say which columns hold the place: one of WKT, or x and y."""
    named = {title: title for title in titles}
    small = {title.strip().casefold(): title for title in reversed(titles)}
    by_name = {title.strip().casefold(): title for title in titles}
    x = columns.choose(named, wish.x_field, [], what="x-field") or next(
        (small[e] for e in columns.LONS if e in small), ""
    )
    y = columns.choose(named, wish.y_field, [], what="y-field") or next(
        (small[e] for e in columns.LATS if e in small), ""
    )
    wkt = columns.choose(named, wish.wkt_field, [], what="wkt-field")
    if not wkt and not (x and y):
        wkt = next((by_name[each] for each in columns.WKTS if each in by_name), "")
    if wkt:
        return (titles.index(wkt),)
    if x and y:
        return (titles.index(x), titles.index(y))
    raise InvalidInput(
        f"which columns hold the place (WKT, or x and y)? There are {', '.join(titles)}", place="x-field"
    )


def _types(rows: Iterator[list[str]], titles: list[str], places: tuple[int, ...]) -> list[FieldType]:
    """Look through all of a table: a column is of numbers where each value is one, written as numbers are."""
    integer = [True] * len(titles)
    number = [True] * len(titles)
    filled = [False] * len(titles)
    asked = [place for place in range(len(titles)) if place not in places]
    for row in rows:
        for place in asked:
            text = row[place] if place < len(row) else ""
            if not text or not number[place]:
                continue
            filled[place] = True
            integer[place] = integer[place] and _INTEGER.fullmatch(text) is not None
            number[place] = integer[place] or _NUMBER.fullmatch(text) is not None
    found = []
    for place in range(len(titles)):
        kind = FieldType.INTEGER if integer[place] else FieldType.NUMBER if number[place] else FieldType.TEXT
        found.append(kind if filled[place] else FieldType.TEXT)
    return found


def _value(text: str, kind: FieldType) -> Any:  # noqa: ANN401  (as the column is)
    if not text:
        return None
    if kind is FieldType.TEXT:
        return texts.mend(text, "")
    return int(text) if kind is FieldType.INTEGER else float(text)


def _shapes(rows: list[list[str]], places: tuple[int, ...]) -> list[bytes | None]:
    if len(places) == 1:
        shapes = shapely.from_wkt([row[places[0]] or None for row in rows], on_invalid="ignore")
        found: list[bytes | None] = shapely.to_wkb(shapes).tolist()
        return found
    return [_point(row[places[0]], row[places[1]]) for row in rows]


def _point(x: str, y: str) -> bytes | None:
    try:
        return bytes(shapely.to_wkb(shapely.Point(float(x.replace(",", ".")), float(y.replace(",", ".")))))
    except ValueError:
        return None
