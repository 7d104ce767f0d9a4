"""What a dossier is about: the ground that is asked for, and the units of all times that it lies in."""

import math
from collections.abc import Sequence
from typing import Final

import shapely

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.places.layers import service as layers
from dothi.core.places.service import permissions
from dothi.core.places.service.asking import get_area, shapes_of
from dothi.core.places.store import reading
from dothi.core.places.types import AsOf, Site, SiteKind, Within
from dothi.kernel.errors import InvalidInput, NotFound

REACH_M: Final = 150.0
"""How far around a point devices are looked for, if nothing else is said."""
FARTHEST_M: Final = 2000.0
MOST_CORNERS: Final = 500
LEAST_SHARE: Final = 0.0005
"""Share of the ground below which a neighbour only touches it."""


def site_at(lon: float, lat: float, *, reach_m: float = REACH_M, as_of: AsOf | None = None) -> Site:
    """Give the ground at a point, degrees of WGS 84, with what lies up to `reach_m` metres around it.

    Raises InvalidInput for what is no place, or a reach beyond 2 km.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) < 90):
        raise InvalidInput("a place is a longitude and a latitude in degrees", place="at")
    if not 0 < reach_m <= FARTHEST_M:
        raise InvalidInput(f"the reach lies between 0 and {FARTHEST_M:.0f} m", place="reach")
    asked = as_of or permissions.as_of(None)
    return Site(SiteKind.POINT, shapely.Point(lon, lat), asked, permissions.today(), reach_m=reach_m)


def site_within(corners: Sequence[tuple[float, float]], *, as_of: AsOf | None = None) -> Site:
    """Give the ground within a ring of corners, degrees of WGS 84.

    Raises InvalidInput for fewer than 3 or more than 500 corners, ones that are no places, or a ring that crosses
    itself.
    """
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise InvalidInput(f"a polygon has from 3 to {MOST_CORNERS} corners", place="within")
    for lon, lat in corners:
        site_at(lon, lat)
    shape = shapely.Polygon(corners)
    if not shape.is_valid or shape.area == 0:
        raise InvalidInput("the polygon crosses itself, or has no area", place="within")
    return Site(SiteKind.POLYGON, shape, as_of or permissions.as_of(None), permissions.today())


def site_of_area(actor: Actor, area_id: int, *, as_of: AsOf | None = None) -> Site:
    """Give the ground of a unit as it is on the day, or was last. Raises Forbidden, NotFound (also without a shape)."""
    asked = as_of or permissions.as_of(None)
    area = get_area(actor, area_id, asked).area
    shapes = shapes_of(actor, [area])
    if not shapes:
        raise NotFound(f"area {area_id} has no shape")
    return Site(
        SiteKind.AREA, shapes[0], asked, permissions.today(), names=(area.full_name("vi"), area.full_name("en"))
    )


def site_of_feature(actor: Actor, slug: str, fid: int, *, as_of: AsOf | None = None) -> Site:
    """Give the ground of a layer's feature as it is published. Raises Forbidden, NotFound."""
    feature = layers.get_feature(actor, slug, fid)
    name = feature.label or feature.key or f"{slug} {fid}"
    asked = as_of or permissions.as_of(None)
    reach_m = REACH_M if shapely.get_dimensions(feature.shape) == 0 else 0.0
    return Site(SiteKind.FEATURE, feature.shape, asked, permissions.today(), reach_m=reach_m, names=(name, name))


def list_within(actor: Actor, site: Site) -> list[Within]:
    """List the units of all times, as is known now, that hold the ground or a part of it, by level and time.

    Of ground with an area each comes with the share of the ground that lies in it, measured on the ellipsoid. Two
    queries. Raises Forbidden.
    """
    accounts.require(actor, permissions.VIEW)
    shares = reading.list_covering(site.shape)
    areas = reading.list_versions(
        [version for version, share in shares.items() if share is None or share > LEAST_SHARE]
    )
    return [Within(area, shares[area.version_id]) for area in areas]
