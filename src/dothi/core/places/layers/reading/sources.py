"""Opens a file of features: what it says of itself, and its features in batches, whatever its format."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from dothi.core.places.layers.reading import kml, packing, tables
from dothi.core.places.layers.reading.tables import BATCH, Batch, Source
from dothi.core.places.layers.rules import texts
from dothi.core.places.layers.types import FieldType, Wish
from dothi.kernel.errors import InvalidInput

__all__ = ["BATCH", "Batch", "Source", "open_file"]


class Kind(NamedTuple):
    """A format: what people call it, the driver that reads it, and how a file of it begins, b"" for in any way."""

    format: str
    driver: str
    magic: tuple[bytes, ...]


KINDS: Final = {
    ".gpkg": Kind("GeoPackage", "GPKG", (b"SQLite format 3\0",)),
    ".geojson": Kind("GeoJSON", "GeoJSON", (b"{",)),
    ".json": Kind("GeoJSON", "GeoJSON", (b"{",)),
    ".shp": Kind("Shapefile", "ESRI Shapefile", (b"\0\0\x27\x0a",)),
    ".fgb": Kind("FlatGeobuf", "FlatGeobuf", (b"fgb",)),
    ".kml": Kind("KML", "LIBKML", (b"<",)),
    ".pbf": Kind("OSM PBF", "OSM", (b"\0\0\0",)),
    ".osm": Kind("OSM XML", "OSM", (b"<",)),
    ".parquet": Kind("GeoParquet", "", (b"PAR1",)),
    ".geoparquet": Kind("GeoParquet", "", (b"PAR1",)),
    ".csv": Kind("CSV", "", ()),
    ".zip": Kind("Shapefile", "", (b"PK",)),
}
"""What is read, by how a file's name ends; what it begins with must fit."""
_GUESSED_FROM: Final = 4_000_000


def open_file(path: Path, wish: Wish, *, name: str, scratch: Path, most: int) -> Source:
    """Open a file, by its name's ending. Raises InvalidInput for a kind that is not read or a file that can't be."""
    suffix = Path(name).suffix.lower()
    if suffix == ".gz":
        name = name[: -len(suffix)]
        path, suffix = packing.gunzip(path, scratch, name=name, most=most), Path(name).suffix.lower()
    kind = None if suffix == ".zip" and path.parent == scratch else KINDS.get(suffix)
    if kind is None:
        raise InvalidInput(f"{name} is none of {', '.join(sorted(KINDS))}", place="file")
    _look_at(path, kind, name, most)
    if suffix == ".zip":
        path, kind = packing.unpack(path, scratch, name=name, most=most), KINDS[".shp"]
        _look_at(path, kind, name, most)
    try:
        if kind.format == "CSV":
            return tables.open_csv(path, wish)
        if kind.format == "GeoParquet":
            return tables.open_parquet(path, wish)
        return _open_ogr(path, kind, wish, name)
    except (DataSourceError, DataLayerError, pa.ArrowException, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(f"{name} can't be read: {_first_line(error)}", place="file") from error


def _look_at(path: Path, kind: Kind, name: str, most: int) -> None:
    if path.stat().st_size > most:
        raise InvalidInput(f"{name} is larger than {most // 1_000_000} MB", place="file")
    with path.open("rb") as file:
        head = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip() if kind.magic else b""
        if kind.magic and kind.magic[0][:1] == b"\0":
            file.seek(0)
            head = file.read(64)
    if kind.magic and not head.startswith(kind.magic):
        raise InvalidInput(f"{name} is no {kind.format}: it begins otherwise", place="file")


def _open_ogr(path: Path, kind: Kind, wish: Wish, name: str) -> Source:
    sublayer = _sublayer(path, wish.sublayer, name)
    encoding = _dbf_encoding(path, wish) if kind.format == "Shapefile" else wish.encoding
    # Bytes come as they are, one letter each, and are read here: GDAL knows neither TCVN3 nor when it is wrong.
    told_encoding = "ISO-8859-1" if kind.format == "Shapefile" else None
    info = pyogrio.read_info(path, layer=sublayer, encoding=told_encoding)
    total = int(info["features"])
    schema, _ = _schema(path, sublayer, told_encoding)
    not_said = kml.left_out(path, sublayer) if kind.format == "KML" else frozenset()
    wanted = [
        place
        for place, field in enumerate(schema)
        if _type(field.type) and not _is_geometry(field, info) and field.name not in not_said
    ]
    read = _reader(kind, encoding)
    return Source(
        format=kind.format,
        # What GDAL calls the only layer of a plain file is that file's name, which here is the kept copy's.
        sublayer="" if sublayer == path.stem else sublayer,
        crs=info["crs"],
        encoding=encoding,
        titles=[read(schema.field(place).name) for place in wanted],
        types=[_type(schema.field(place).type) or FieldType.TEXT for place in wanted],
        total=max(total, 0),
        batches=lambda: _ogr_batches(path, sublayer, told_encoding, wanted, read),
    )


def _reader(kind: Kind, encoding: str) -> Callable[[str], str]:
    if kind.format == "Shapefile":
        return lambda text: texts.decode(text.encode("latin-1"), encoding)
    return lambda text: texts.mend(text, encoding)


def _schema(path: Path, sublayer: str, encoding: str | None) -> tuple[pa.Schema, dict[str, Any]]:
    with pyogrio.raw.open_arrow(path, layer=sublayer, encoding=encoding, use_pyarrow=True) as (meta, reader):
        return reader.schema, meta


def _is_geometry(field: pa.Field, info: dict[str, Any]) -> bool:
    metadata = field.metadata or {}
    return metadata.get(b"ARROW:extension:name", b"").endswith(b"wkb") or field.name in {
        info.get("geometry_name") or "wkb_geometry",
        "wkb_geometry",
    }


def _ogr_batches(
    path: Path, sublayer: str, encoding: str | None, wanted: Sequence[int], read: Callable[[str], str]
) -> Iterator[Batch]:
    with pyogrio.raw.open_arrow(path, layer=sublayer, encoding=encoding, batch_size=BATCH, use_pyarrow=True) as (
        meta,
        reader,
    ):
        name = meta["geometry_name"] or "wkb_geometry"
        for batch in reader:
            wkb = _binary(batch, name)
            yield Batch([tables.values(batch.column(place), read) for place in wanted], wkb)


def _binary(batch: pa.RecordBatch, name: str) -> list[bytes | None]:
    place = batch.schema.get_field_index(name)
    if place < 0:
        return [None] * batch.num_rows
    column = batch.column(place)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    found: list[bytes | None] = column.to_pylist()
    return found


def _sublayer(path: Path, asked: str, name: str) -> str:
    listed = pyogrio.list_layers(path)
    names = [str(each) for each, kind in listed if kind is not None] or [str(each) for each, _ in listed]
    if asked and asked not in names:
        raise InvalidInput(f"{name} has no layer {asked}: it has {', '.join(names)}", place="sublayer")
    if not asked and len(names) != 1:
        raise InvalidInput(f"which layer of {name} is meant? It has {', '.join(names) or 'none'}", place="sublayer")
    return asked or names[0]


def _dbf_encoding(path: Path, wish: Wish) -> str:
    """Say in what encoding a Shapefile's texts are: as asked, as its .cpg says, else as they look."""
    if wish.encoding:
        return wish.encoding
    told = path.with_suffix(".cpg")
    if told.exists() and told.read_bytes().strip().lower().replace(b"-", b"") == b"utf8":
        return "utf-8"
    table = path.with_suffix(".dbf")
    if not table.exists():
        raise InvalidInput(f"the Shapefile lacks its part {table.suffix}", place="file")
    with table.open("rb") as file:
        body = file.read(_GUESSED_FROM)[32:]
    return texts.guess(body.split(b"  "))


def _type(told: pa.DataType) -> FieldType | None:
    return tables.type_of(told)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:300]
