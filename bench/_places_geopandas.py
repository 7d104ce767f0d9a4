"""The same question by GeoPandas, where it is installed: the layers of the same database laid over each other."""

import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import psycopg
import shapely

PLANE: Final = "EPSG:9210"
"""VN-2000 / TM-3 105-45: areas on it are within 0.02 % of those on the spheroid here."""
_PARCELS: Final = "SELECT id, ST_AsBinary(geom) FROM layers.parcels"
_ZONES: Final = "SELECT code, ST_AsBinary(geom) FROM layers.zoning"
_WARDS: Final = (
    "SELECT area_id, ST_AsBinary(shape) FROM places_version WHERE level = 3 AND valid @> current_date"
    " AND upper_inf(recorded) AND NOT isempty(recorded) AND shape IS NOT NULL"
)


class Laid(NamedTuple):
    """What it took, and the square metres of all groups together."""

    read_s: float
    laid_s: float
    area_m2: float


def is_installed() -> bool:
    """Tell whether GeoPandas can be measured."""
    return find_spec("geopandas") is not None


def lay_over(connection: psycopg.Connection[Any]) -> Laid:
    """Cut parcels by zones and by wards, and add the areas up by both."""
    begun = time.perf_counter()
    parcels, zones, wards = (
        _read(connection, *each) for each in ((_PARCELS, "id"), (_ZONES, "code"), (_WARDS, "ward"))
    )
    read = time.perf_counter()
    parts = parcels.overlay(zones, how="intersection", keep_geom_type=True)
    parts = parts.overlay(wards, how="intersection", keep_geom_type=True)
    areas = parts.to_crs(PLANE).area.groupby([parts["ward"], parts["code"]]).sum()
    return Laid(read - begun, time.perf_counter() - read, float(areas.sum()))


def _read(connection: psycopg.Connection[Any], statement: str, name: str) -> Any:  # noqa: ANN401  (of a library that need not be there)
    geopandas = import_module("geopandas")
    with connection.cursor(binary=True) as cursor:
        cursor.execute(statement)
        names, shapes = zip(*cursor, strict=True)
    return geopandas.GeoDataFrame({name: names}, geometry=shapely.from_wkb(shapes), crs="EPSG:4326")
