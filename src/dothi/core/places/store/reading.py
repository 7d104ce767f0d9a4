"""The queries that read units, what became of them, and the base map."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import shapely
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dothi.core.places import models
from dothi.core.places.store.naming import Named, find_alike, find_ids
from dothi.core.places.store.rows import area_of, succession_of
from dothi.core.places.types import Area, AsOf, MapFeature, Succession
from dothi.kernel.search import Spelling

BASE_MAP: Final = "base-map"
"""The kind of the datasets that hold features of the base map."""
_SHAPES: Final = (
    "SELECT ST_AsBinary(shape) FROM places_version WHERE id = ANY(%s) AND shape IS NOT NULL"
    " ORDER BY array_position(%s, id)"
)
_MEASURE: Final = (
    "SELECT ST_Area(ST_GeomFromWKB(shape, 4326)::geography) / 1000000"
    " FROM unnest(%s::bytea[]) WITH ORDINALITY AS told(shape, place) ORDER BY place"
)
_REVISION: Final = "SELECT coalesce(max(id), 0) FROM places_dataset"
_LIMITS: Final = (
    "SELECT DISTINCT day FROM places_version CROSS JOIN LATERAL unnest(ARRAY[lower(valid), upper(valid)]) AS day"
    " WHERE day IS NOT NULL AND upper_inf(recorded) ORDER BY day"
)
_FEATURES: Final = (
    "SELECT f.kind, f.rank, ST_AsBinary(f.shape), f.name_vi, f.name_en, f.ref FROM places_mapfeature f"
    " JOIN places_dataset d ON d.id = f.dataset_id WHERE d.kind = %s AND d.replaced_at IS NULL ORDER BY f.id"
)

_AREA_NAMES: Final = Named(table="places_version", folded="folded", where="upper_inf(recorded)")
_COVERING: Final = (
    "SELECT id, NULL FROM places_version WHERE upper_inf(recorded) AND NOT isempty(recorded)"
    " AND ST_Intersects(shape, ST_GeomFromWKB(%(shape)s, 4326))"
)
_COVERING_SHARES: Final = (
    "SELECT v.id, ST_Area(ST_Intersection(v.shape, g.shape)::geography) / nullif(ST_Area(g.shape::geography), 0)"
    " FROM places_version v, (SELECT ST_GeomFromWKB(%(shape)s, 4326) AS shape) g"
    " WHERE upper_inf(v.recorded) AND NOT isempty(v.recorded) AND ST_Intersects(v.shape, g.shape)"
)
_BARE_NAMES: Final = _AREA_NAMES._replace(folded="places_fold(name_vi)")
"""Without its kind a misspelt name is more like what was meant."""
_STREET_NAMES: Final = Named(
    table="places_mapfeature",
    folded="places_fold(name_vi)",
    where="kind = 'road' AND dataset_id IN (SELECT id FROM places_dataset WHERE kind = %s AND replaced_at IS NULL)",
)
_STREETS: Final = (
    "SELECT name_vi, min(name_en), min(ref), ST_AsBinary(ST_PointOnSurface(ST_Collect(shape))) FROM places_mapfeature"
    " WHERE id = ANY(%s) GROUP BY name_vi"
)


def revision() -> int:
    """Give a number that is another one whenever anything of places has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REVISION)
        [(number,)] = cursor.fetchall()
    return int(number)


def list_limits() -> list[date]:
    """List the days on which units begin or end, as is known now."""
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS)
        return [day for (day,) in cursor.fetchall()]


def list_areas(as_of: AsOf, *, level: int | None = None, parent_id: int | None = None) -> list[Area]:
    """List the units of a day, by level and code."""
    rows = _in_force(as_of)
    if level is not None:
        rows = rows.filter(level=level)
    if parent_id is not None:
        rows = rows.filter(parent_id=parent_id)
    return [area_of(row) for row in rows.order_by("level", "code")]


def measure(shapes: Sequence[shapely.Geometry]) -> list[float]:
    """Measure shapes [n] in WGS 84: square kilometres on the ellipsoid."""
    with connection.cursor() as cursor:
        cursor.execute(_MEASURE, [[shapely.to_wkb(shape) for shape in shapes]])
        return [km2 for (km2,) in cursor.fetchall()]


def list_by_id(ids: Collection[int], *, as_of: AsOf | None = None) -> list[Area]:
    """List units by id: as of a day, or each as it was last, as is known now."""
    if as_of is not None:
        return [area_of(row) for row in _in_force(as_of).filter(area_id__in=ids)]
    rows = _described().filter(models.STILL_KNOWN, area_id__in=ids)
    return [area_of(row) for row in rows.order_by("area_id", "-valid").distinct("area_id")]


def list_history(area_id: int) -> list[Area]:
    """List all versions of a unit, the newest knowledge first."""
    rows = _described().filter(area_id=area_id).exclude(recorded__isempty=True)
    return [area_of(row) for row in rows.order_by("-recorded", "-valid")]


def list_named(folded: str, spelling: Spelling = Spelling.EITHER) -> list[Area]:
    """List units of whatever time, as is known now, whose name without marks fits a text, or nearly does."""
    ids = find_ids(_AREA_NAMES, folded, spelling=spelling)
    if not ids and spelling is not Spelling.AS_TYPED:
        ids = find_alike(_BARE_NAMES, folded)
    return [area_of(row) for row in _described().filter(id__in=ids)] if ids else []


def list_coded(codes: Collection[str]) -> list[Area]:
    """List units of whatever time, as is known now, by code."""
    return [area_of(row) for row in _described().filter(models.STILL_KNOWN, code__in=codes).order_by("id")]


def list_shapes(version_ids: Collection[int]) -> list[shapely.Geometry]:
    """Give the shapes of versions, in the order of their ids as asked; one without a shape is left out."""
    ids = list(version_ids)
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES, [ids, ids])
        return [shapely.from_wkb(bytes(shape)) for (shape,) in cursor.fetchall()]


def list_successions(ids: Collection[int]) -> list[Succession]:
    """List the successions, as is known now, that units are part of, from either side."""
    rows = models.Succession.objects.filter(models.STILL_KNOWN)
    found = rows.filter(Q(predecessor_id__in=ids) | Q(successor_id__in=ids)).order_by("-share", "id")
    return [succession_of(row) for row in found]


def list_features() -> list[MapFeature]:
    """List the features of the base map that was imported last."""
    with connection.cursor() as cursor:
        cursor.execute(_FEATURES, [BASE_MAP])
        rows = cursor.fetchall()
    return [
        MapFeature(
            kind=kind,
            rank=rank,
            shape=shapely.from_wkb(bytes(shape)),
            names={key: value for key, value in (("vi", vi), ("en", en)) if value},
            ref=ref,
        )
        for kind, rank, shape, vi, en, ref in rows
    ]


def list_covering(shape: shapely.Geometry) -> dict[int, float | None]:
    """Give the versions, of all days and as is known now, that a shape lies in, with the share of its area there."""
    has_area = shape.geom_type in {"Polygon", "MultiPolygon"}
    with connection.cursor() as cursor:
        cursor.execute(_COVERING_SHARES if has_area else _COVERING, {"shape": shapely.to_wkb(shape)})
        return dict(cursor.fetchall())


def list_versions(version_ids: Collection[int]) -> list[Area]:
    """List versions by their ids, by level, the newest first."""
    rows = (
        _described().filter(id__in=version_ids).order_by("level", F("valid__startswith").desc(nulls_last=True), "code")
    )
    return [area_of(row) for row in rows]


def list_streets(folded: str, spelling: Spelling = Spelling.EITHER) -> list[MapFeature]:
    """List the streets of the imported base map whose name without marks fits a text, each name once, with a point."""
    ids = find_ids(_STREET_NAMES, folded, [BASE_MAP], spelling=spelling)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STREETS, [ids])
        rows = cursor.fetchall()
    return [
        MapFeature("road", "", shapely.from_wkb(bytes(point)), names={"vi": vi, **({"en": en} if en else {})}, ref=ref)
        for vi, en, ref, point in rows
    ]


def find_base_map() -> tuple[str, str] | None:
    """Give name and licence of the base map that was imported last, None where none was."""
    row = models.Dataset.objects.filter(kind=BASE_MAP, replaced_at__isnull=True).order_by("-id").first()
    return None if row is None else (row.name, row.licence)


def _described() -> "QuerySet[models.Version]":
    rows = models.Version.objects.select_related("dataset").defer("shape")
    return rows.annotate(has_shape=Exists(models.Version.objects.filter(pk=OuterRef("pk"), shape__isnull=False)))


def _in_force(as_of: AsOf) -> "QuerySet[models.Version]":
    known = models.STILL_KNOWN if as_of.known_at is None else Q(recorded__contains=as_of.known_at)
    return _described().filter(known, valid__contains=as_of.day)
