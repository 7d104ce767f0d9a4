"""The process that writes one revision as GeoPackage, GeoParquet or CSV, batch by batch."""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from psycopg import sql

from dothi.core.places.layers.types import Field, FieldType
from dothi.core.places.layers.writing.orders import Order

BATCH: Final = 5000
GEOMETRY: Final = "geom"
TYPES: Final[Mapping[FieldType, pa.DataType]] = {
    FieldType.TEXT: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.string(),
    FieldType.DATETIME: pa.string(),
    FieldType.JSON: pa.string(),
}
"""Days and moments are written as ISO 8601, as they were told."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
WGS84: Final = "EPSG:4326"


def main() -> None:
    """Read the order from standard input and write the file."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    with psycopg.connect(order.database_url) as connection:
        writers: dict[str, Callable[[Order, Iterator[pa.RecordBatch]], None]] = {
            "gpkg": _geopackage,
            "parquet": _geoparquet,
            "csv": _csv,
        }
        writers[order.format](order, _batches(order, connection))


def schema_of(fields: tuple[Field, ...]) -> pa.Schema:
    """Give the columns of a file: the number, the key and the name of each feature, its attributes, its shape."""
    own = [("fid_", pa.int64()), ("key_", pa.string()), ("label_", pa.string())]
    told = [(field.name, TYPES[field.type]) for field in fields]
    metadata = {"ARROW:extension:name": "geoarrow.wkb"}
    return pa.schema([*(pa.field(*each) for each in [*own, *told]), pa.field(GEOMETRY, pa.binary(), metadata=metadata)])


def _batches(order: Order, connection: "psycopg.Connection[Any]") -> Iterator[pa.RecordBatch]:
    schema = schema_of(order.fields)
    move = _mover(order.crs)
    statement = sql.SQL(
        "SELECT fid, key, label, attributes, ST_AsBinary(geom) FROM {} WHERE since <= %(number)s"
        " AND (until IS NULL OR until > %(number)s) ORDER BY fid"
    ).format(sql.Identifier(f"places_feature_{order.layer_id}"))
    with connection.cursor(name="features") as cursor:
        cursor.itersize = BATCH
        cursor.execute(statement, {"number": order.number})
        while rows := cursor.fetchmany(BATCH):
            columns = [[row[place] for row in rows] for place in range(3)]
            columns += [[_value(row[3].get(field.name), field) for row in rows] for field in order.fields]
            wkb = np.empty(len(rows), dtype=object)
            wkb[:] = [bytes(row[4]) for row in rows]
            arrays = [pa.array(each, kind) for each, kind in zip([*columns, move(wkb)], schema.types, strict=True)]
            yield pa.record_batch(arrays, schema=schema)


def _value(value: Any, field: Field) -> Any:  # noqa: ANN401  (as JSON has it)
    if value is None or field.type in {FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN}:
        return value
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _mover(crs: str) -> Callable[[Any], list[bytes]]:
    if crs == WGS84:
        return lambda wkb: list(wkb.tolist())
    change = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True)

    def moved(wkb: Any) -> list[bytes]:  # noqa: ANN401  (an array of bytes)
        shapes = shapely.transform(shapely.from_wkb(wkb), lambda p: np.column_stack(change.transform(p[:, 0], p[:, 1])))
        return list(shapely.to_wkb(shapes).tolist())

    return moved


def _geopackage(order: Order, batches: Iterator[pa.RecordBatch]) -> None:
    reader = pa.RecordBatchReader.from_batches(schema_of(order.fields), batches)
    pyogrio.raw.write_arrow(
        reader,
        order.path,
        driver="GPKG",
        layer=order.name,
        geometry_name=GEOMETRY,
        geometry_type="Unknown",
        crs=order.crs,
    )


def _geoparquet(order: Order, batches: Iterator[pa.RecordBatch]) -> None:
    crs = pyproj.CRS.from_user_input("OGC:CRS84" if order.crs == WGS84 else order.crs).to_json_dict()
    column = {"encoding": "WKB", "geometry_types": [], "crs": crs}
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    schema = schema_of(order.fields).with_metadata({"geo": msgspec.json.encode(geo)})
    with pq.ParquetWriter(order.path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def _csv(order: Order, batches: Iterator[pa.RecordBatch]) -> None:
    schema = schema_of(order.fields)
    with Path(order.path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*schema.names[:-1], "wkt"])
        for batch in batches:
            shapes = shapely.to_wkt(shapely.from_wkb(batch.column(GEOMETRY).to_pylist()), rounding_precision=9)
            columns = [batch.column(place).to_pylist() for place in range(len(schema.names) - 1)]
            for row in zip(*columns, shapes.tolist(), strict=True):
                writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:  # noqa: ANN401  (whatever a cell holds)
    """Put an apostrophe before a text that a spreadsheet would take for a formula (OWASP, CSV Injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


if __name__ == "__main__":
    main()
