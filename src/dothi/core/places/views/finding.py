"""What the search finds of places: units of all times, and streets of the base map."""

from datetime import date
from urllib.parse import urlencode

import shapely
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from dothi.core.accounts.types import Actor
from dothi.core.places import service
from dothi.core.places.serving import service as serving
from dothi.core.places.serving.types import Called
from dothi.core.places.types import Area, MapFeature
from dothi.core.places.views.areas import LEVELS, day_within
from dothi.core.places.views.links import dossier_at
from dothi.kernel.search import Asked, Hit


def find_areas(actor: Actor, asked: Asked) -> list[Hit]:
    """Find units, of today and of before, by name or code."""
    day = asked.on or service.today()
    found = service.search(actor, asked.text, on=day, limit=asked.limit, spelling=asked.spelling)
    above = {area.id: area for area in service.list_by_id(actor, {each.parent_id for each in found if each.parent_id})}
    return [_area_hit(each, above.get(each.parent_id or 0), day) for each in found]


def _area_hit(area: Area, parent: Area | None, day: date) -> Hit:
    language = get_language() or ""
    is_past = not area.valid.holds(day)
    there = day_within(area) if is_past else day
    return Hit(
        name=area.full_name(language),
        other_names=(area.names.vi, area.names.en),
        code=area.code,
        address=f"{reverse('places:area', args=[area.id])}?on={there.isoformat()}",
        where=parent.full_name(language) if parent else str(LEVELS.get(area.level, "")),
        note=_time_of(area) if is_past else "",
        is_past=is_past,
        lon=area.centre[0] if area.centre else None,
        lat=area.centre[1] if area.centre else None,
    )


def _time_of(area: Area) -> str:
    if area.valid.end is not None:
        return gettext("before %(day)s") % {"day": date_format(area.valid.end, "d/m/Y")}
    return gettext("since %(day)s") % {"day": date_format(area.valid.begin or date.min, "d/m/Y")}


def find_streets(actor: Actor, asked: Asked) -> list[Hit]:
    """Find streets of the base map by name; each leads to the dossier of a point on it."""
    found = service.find_streets(actor, asked, settings.CITY.base_map)[: asked.limit * 2]
    points = [each.shape.representative_point() for each in found]
    wards = service.area_names_of([point.x for point in points], [point.y for point in points], on=asked.on)
    return [_street_hit(*each) for each in zip(found, points, wards, strict=True)]


def _street_hit(street: MapFeature, point: shapely.Point, ward: str) -> Hit:
    language = get_language() or ""
    return Hit(
        name=street.names.get(language) or street.names["vi"],
        other_names=tuple(street.names.values()),
        code=street.ref,
        address=dossier_at(point.x, point.y),
        where=ward,
        note=street.ref,
        lon=point.x,
        lat=point.y,
    )


def find_features(actor: Actor, asked: Asked) -> list[Hit]:
    """Find features of layers by name or key; each leads to its dossier."""
    found = serving.find_features(actor, asked)
    wards = service.area_names_of([each.lon for each in found], [each.lat for each in found], on=asked.on)
    return [_feature_hit(each, ward) for each, ward in zip(found, wards, strict=True)]


def _feature_hit(each: Called, ward: str) -> Hit:
    return Hit(
        name=each.label or each.key,
        # Where no column tells features apart, the key says nothing to people.
        code=each.key if each.layer.key_field else "",
        address=f"{reverse('places:dossier')}?{urlencode({'feature': f'{each.layer.slug}/{each.fid}'}, safe='/')}",
        where=ward,
        note=each.layer.names.of(get_language() or ""),
        lon=each.lon,
        lat=each.lat,
    )
