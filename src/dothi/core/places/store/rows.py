"""Rows of the tables and what they say, there and back."""

from datetime import date, datetime
from typing import cast

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from dothi.core.places import models
from dothi.core.places.types import Area, Period, ShareBasis, Succession
from dothi.kernel.manifest import Names

WGS84 = 4326


def area_of(row: models.Version) -> Area:
    """Read a version of a unit; the query brings `has_shape` and the dataset."""
    return Area(
        id=row.area_id,
        version_id=row.pk,
        level=row.level,
        code=row.code,
        names=Names(vi=row.name_vi, en=row.name_en),
        kind=Names(vi=row.kind_vi, en=row.kind_en),
        valid=Period(row.valid.lower, row.valid.upper),
        known_from=row.recorded.lower,
        known_to=row.recorded.upper,
        parent_id=row.parent_id,
        legal_basis=row.legal_basis,
        source=row.dataset.name,
        source_crs=row.dataset.crs,
        is_illustrative=row.is_illustrative,
        has_shape=getattr(row, "has_shape", False),
        km2=row.km2,
        stated_km2=row.stated_km2,
        centre=None if row.centre is None else (row.centre.x, row.centre.y),
    )


def succession_of(row: models.Succession) -> Succession:
    """Read a succession."""
    return Succession(
        predecessor_id=row.predecessor_id,
        successor_id=row.successor_id,
        on=row.on,
        share=row.share,
        basis=ShareBasis(row.basis),
        legal_basis=row.legal_basis,
    )


def days_of(period: Period) -> DateRange:
    """Write a period."""
    return DateRange(period.begin, period.end)


def moments_of(begin: datetime, end: datetime | None = None) -> DateTimeTZRange:
    """Write since when, and until when, something is known."""
    return DateTimeTZRange(begin, end)


def polygons_of(shape: shapely.MultiPolygon | None) -> MultiPolygon | None:
    """Write a shape."""
    return None if shape is None else cast("MultiPolygon", geometry_of(shape))


def geometry_of(shape: shapely.Geometry) -> GEOSGeometry:
    """Write any geometry."""
    return GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=WGS84)


def point_of(centre: tuple[float, float] | None) -> Point | None:
    """Write a centre."""
    return None if centre is None else Point(*centre, srid=WGS84)


def day_text(day: date | None) -> str | None:
    """Write a day for the audit log."""
    return None if day is None else day.isoformat()
