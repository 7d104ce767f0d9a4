"""Layers as tipg's collections: a view each, whose columns the layer itself names, and tiles that stay small."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import asyncpg
from morecantile import Tile, TileMatrixSet
from tipg.collections import Collection, Column, ItemList, PgCollection

from dothi.core.places.layers.types import FieldType
from dothi.core.places.serving.types import Shown
from dothi.protocols.features import tiles
from dothi.protocols.features.seen import seen

SCHEMA: Final = "layers"
KEY: Final = "id"
SHAPE: Final = "geom"
THINNED: Final = (
    f"Tiles of WebMercatorQuad that would hold more than {tiles.MOST_FEATURES:,} features or {tiles.MOST_BYTES // 1000}"
    " kB show square cells instead, each with how many features lie in it (`features`): zoom in, or ask for items."
)
"""What is said of each collection, so that nobody takes a tile of cells for the features."""
WEB_MERCATOR: Final = "WebMercatorQuad"
TYPES: Final[Mapping[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
    FieldType.JSON: "jsonb",
}


class Visible(Mapping[str, Collection]):
    """tipg's catalogue: what it holds hangs on who asks."""

    def __getitem__(self, name: str) -> Collection:
        found: Collection = seen.get()[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(seen.get())

    def __len__(self) -> int:
        return len(seen.get())


class LayerCollection(PgCollection):
    """A layer's view; tiles are made from its features, or from their count where there are too many."""

    layer_id: int
    revision: int

    async def features(self, conn: asyncpg.Connection, **asked: Any) -> ItemList:
        """Give items; a layer without a time has all of its features at every time, as the standard says."""
        if self.datetime_column is None:
            asked["datetime_filter"] = None
        return await super().features(conn, **asked)

    async def get_tile(self, conn: asyncpg.Connection, *, tms: TileMatrixSet, tile: Tile, **asked: Any) -> bytes:
        """Make a tile. A question that narrows the features, or another tiling scheme, is tipg's own to answer."""
        if tms.id != WEB_MERCATOR or any(value for name, value in asked.items() if name != "dt"):
            found: bytes = await super().get_tile(conn, tms=tms, tile=tile, **asked)
            return found
        return await tiles.make(conn, tile, layer_id=self.layer_id, revision=self.revision)


def collection_of(shown: Shown) -> LayerCollection:
    """Give a published layer as a collection; its bounds in degrees, the whole world if not known."""
    layer, bounds = shown
    shape = Column(
        name=SHAPE, type="geometry", geometry_type="GEOMETRY", srid=4326, bounds=list(bounds or (-180, -90, 180, 90))
    )
    key = Column(name=KEY, type="bigint")
    named = [Column(name=name, type="text") for name in ("key", "label")]
    said = [Column(name=field.name, type=TYPES[field.type], description=field.title) for field in layer.fields]
    return LayerCollection(
        type="View",
        id=layer.slug,
        table=layer.view,
        schema=SCHEMA,
        title=layer.names.vi,
        description=f"{(layer.description or layer.names.en).rstrip('.')}. {THINNED}",
        table_columns=[key, *named, *said, shape],
        properties=[key, *named, *said],
        id_column=key,
        geometry_column=shape,
        datetime_column=next((column for column in said if column.is_datetime), None),
        layer_id=layer.id,
        revision=layer.published,
    )
