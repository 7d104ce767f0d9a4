"""Vector tiles of a layer: its features where a tile has few enough of them, else how many there are in each cell."""

from typing import Final

import asyncpg
from morecantile import Tile

MOST_FEATURES: Final = 4_000
"""Features above which a tile shows cells: some 300 kB of parcels."""
MOST_BYTES: Final = 500_000
"""Size above which it does so too: shapes of many corners, or long names."""
CELLS_A_SIDE: Final = 6
"""Zooms by which a cell is smaller than its tile: 64 a side."""
FINEST_CELL: Final = 18
EXTENT: Final = 4096
MARGIN: Final = 64

COUNT: Final = """
SELECT coalesce(sum(features), 0) FROM places_feature_cell
WHERE layer_id = $1 AND revision = $2 AND zoom = $3 AND x >= $4 AND x < $5 AND y >= $6 AND y < $7
"""
FEATURES: Final = f"""
WITH box AS MATERIALIZED (
    SELECT ST_TileEnvelope($3, $4, $5) AS shape,
           ST_Transform(ST_TileEnvelope($3, $4, $5, margin => {MARGIN}.0 / {EXTENT}), 4326) AS around
), shown AS (
    SELECT f.fid, f.label, f.key,
           ST_AsMVTGeom(ST_Transform(f.geom, 3857), box.shape, {EXTENT}, {MARGIN}, true) AS geom
    FROM places_feature f, box
    WHERE f.layer_id = $1 AND f.since <= $2 AND (f.until IS NULL OR f.until > $2) AND f.geom && box.around
    LIMIT {MOST_FEATURES * 2}
)
SELECT ST_AsMVT(shown, 'default', {EXTENT}, 'geom', 'fid') FROM shown WHERE geom IS NOT NULL
"""  # noqa: S608  (numbers of this file)
CELLS: Final = f"""
WITH shown AS (
    SELECT features, ST_AsMVTGeom(ST_TileEnvelope($3, x, y), ST_TileEnvelope($8, $9, $10), {EXTENT}, 0, true) AS geom
    FROM places_feature_cell
    WHERE layer_id = $1 AND revision = $2 AND zoom = $3 AND x >= $4 AND x < $5 AND y >= $6 AND y < $7
)
SELECT ST_AsMVT(shown, 'default', {EXTENT}, 'geom') FROM shown
"""  # noqa: S608


async def make(connection: asyncpg.Connection, tile: Tile, *, layer_id: int, revision: int) -> bytes:
    """Make the Web Mercator tile of one revision; `features` of a cell says how many there are in it."""
    zoom = min(tile.z + CELLS_A_SIDE, FINEST_CELL)
    if tile.z >= zoom:
        return await _features(connection, tile, layer_id, revision)
    side = 2 ** (zoom - tile.z)
    cells = (tile.x * side, (tile.x + 1) * side, tile.y * side, (tile.y + 1) * side)
    count = await connection.fetchval(COUNT, layer_id, revision, zoom, *cells)
    if count <= MOST_FEATURES:
        whole = await _features(connection, tile, layer_id, revision)
        if len(whole) <= MOST_BYTES:
            return whole
    drawn = await connection.fetchval(CELLS, layer_id, revision, zoom, *cells, tile.z, tile.x, tile.y)
    return bytes(drawn)


async def _features(connection: asyncpg.Connection, tile: Tile, layer_id: int, revision: int) -> bytes:
    return bytes(await connection.fetchval(FEATURES, layer_id, revision, tile.z, tile.x, tile.y))
