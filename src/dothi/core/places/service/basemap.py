"""The base map as one GeoJSON: boundaries and names of areas, and the roads and rivers that were imported or drawn."""

import gzip
import hashlib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.rules import drawing
from dothi.core.places.service import permissions
from dothi.core.places.service.loading import moment
from dothi.core.places.store import reading, writing
from dothi.core.places.types import COMMUNE, DISTRICT, Area, AsOf, BaseMap, MapFeature, MapTally
from dothi.kernel import events
from dothi.kernel.events import PlacesChanged, Publish

TOLERANCE: Final = 0.0001
"""Degrees, some 11 m: what a boundary may be off on the base map."""
MOST_FEATURES: Final = 20_000
"""With more features than this, streets are left out of the one file that is sent."""
RANKS: Final = {DISTRICT: "district", COMMUNE: "ward"}
"""How the areas of a level are drawn; others are not."""
FROM_OUTSIDE: Final = frozenset({"road", "river"})
"""Kinds of which a base map that was imported replaces the drawn ones."""


def base_map(drawn: Path, *, on: date | None = None) -> BaseMap:
    """Give the base map with the areas of a day (today if not given); open to everyone.

    `drawn` is the city's own file: what was imported takes the place of what is drawn there. It is made once for each
    state of areas, imports and file; otherwise it takes two small queries.
    """
    day = max((limit for limit in reading.list_limits() if limit <= (on or permissions.today())), default=date.min)
    return _build(drawn, drawn.stat().st_mtime_ns, reading.revision(), day)


def map_credits() -> list[str]:
    """Name whom the base map is from, as its licence asks; empty where it is drawn by the city's own file alone."""
    found = reading.find_base_map()
    return [" · ".join(part for part in found if part)] if found else []


def keep_base_map(
    actor: Actor,
    features: Iterable[MapFeature],
    *,
    name: str,
    digest: str,
    licence: str,
    broken: int = 0,
    publish: Publish = events.publish,
) -> MapTally:
    """Take in the features of a base map instead of those there, all or nothing; the same file again changes nothing.

    Audited. Raises Forbidden.
    """
    accounts.require(actor, permissions.IMPORT)
    told = list(features)
    counts = {kind: sum(each.kind == kind for each in told) for kind in ("road", "river", "place")}
    tally = MapTally(counts["road"], counts["river"], counts["place"], broken, is_known=False)
    with transaction.atomic():
        writing.serialise()
        if writing.has_dataset(reading.BASE_MAP, digest):
            return tally._replace(is_known=True)
        at = moment()
        writing.replace_datasets(reading.BASE_MAP, None, at=at)
        source = {"name": name, "digest": digest, "licence": licence, "crs": "EPSG:4326"}
        dataset_id = writing.add_dataset(reading.BASE_MAP, **source, at=at, who=actor.reference, counts=counts)
        writing.add_features(told, dataset_id=dataset_id)
        writing.drop_features_but(dataset_id)
        after = {"source": name, **counts}
        audit.record(actor.reference, permissions.IMPORT, subject=f"dataset:{dataset_id}", after=after)
    publish(PlacesChanged(dataset_id))
    return tally


@lru_cache(maxsize=8)
def _build(drawn: Path, _changed: int, _revision: int, day: date) -> BaseMap:
    features = [*_imported(), *_areas(day)]
    kinds = {each["properties"]["kind"] for each in features}
    has_wards = any(each["properties"].get("class") == "ward" for each in features)
    own = [each for each in msgspec.json.decode(drawn.read_bytes())["features"] if _is_drawn(each, kinds, has_wards)]
    plain = msgspec.json.encode({"type": "FeatureCollection", "features": [*own, *features]})
    etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
    return BaseMap(etag=etag, packed=gzip.compress(plain, compresslevel=9, mtime=0), plain=plain)


def _is_drawn(feature: dict[str, Any], imported: set[str], has_wards: bool) -> bool:
    """Tell whether a feature of the city's file is still drawn beside what the database has."""
    kind, rank = feature["properties"].get("kind"), feature["properties"].get("class")
    if kind == "outline" or (kind in FROM_OUTSIDE and kind in imported):
        return False
    return not (has_wards and kind == "place" and rank == "ward")


def _imported() -> list[dict[str, Any]]:
    found = reading.list_features()
    if len(found) > MOST_FEATURES:
        found = [each for each in found if each.rank != "street"]
    return [_feature(each) for each in found]


def _feature(each: MapFeature) -> dict[str, Any]:
    names = {f"name:{language}": name for language, name in each.names.items()}
    return drawing.feature(
        each.shape, kind=each.kind, **{"class": each.rank}, **names, **({"ref": each.ref} if each.ref else {})
    )


def _areas(day: date) -> Iterable[dict[str, Any]]:
    for level, rank in RANKS.items():
        areas = [area for area in reading.list_areas(AsOf(day), level=level) if area.has_shape]
        shapes = drawing.simplified(reading.list_shapes([area.version_id for area in areas]), TOLERANCE)
        is_illustrative = any(area.is_illustrative for area in areas)
        for line in drawing.boundaries(shapes):
            yield drawing.feature(line, kind="boundary", **{"class": rank}, illustrative=is_illustrative)
        if level == COMMUNE:
            yield from (_name(area, shape) for area, shape in zip(areas, shapes, strict=True))


def _name(area: Area, shape: Any) -> dict[str, Any]:  # noqa: ANN401  (shapely's geometries have no one type here)
    """Write an area's name, where its shape is widest: at rest, away from its boundaries."""
    return drawing.feature(
        shape.representative_point(),
        kind="place",
        area=area.code,
        illustrative=area.is_illustrative,
        **{"class": "ward", "name:vi": area.names.vi, "name:en": area.names.en},
    )


def collection(actor: Actor, areas: list[Area]) -> dict[str, Any]:
    """Write units as GeoJSON, each with what its shape is worth; one without a shape has a null geometry.

    Raises Forbidden.
    """
    accounts.require(actor, permissions.VIEW)
    shaped = [area for area in areas if area.has_shape]
    shapes = dict(
        zip(
            (area.id for area in shaped),
            drawing.simplified(reading.list_shapes([area.version_id for area in shaped]), TOLERANCE),
            strict=True,
        )
    )
    return {"type": "FeatureCollection", "features": [_area_feature(area, shapes.get(area.id)) for area in areas]}


def _area_feature(area: Area, shape: Any) -> dict[str, Any]:  # noqa: ANN401  (as above)
    return {
        "type": "Feature",
        "id": area.id,
        "properties": {
            "code": area.code,
            "level": area.level,
            "name:vi": area.full_name("vi"),
            "name:en": area.full_name("en"),
            "valid_from": area.valid.begin,
            "valid_to": area.valid.end,
            "known_from": area.known_from,
            "km2": area.km2,
            "illustrative": area.is_illustrative,
            "source": area.source,
            "legal_basis": area.legal_basis,
        },
        "geometry": None if shape is None else drawing.geometry(shape),
    }
