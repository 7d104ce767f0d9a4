"""OpenStreetMap extracts: the roads, rivers and names of them that a base map shows."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import osmium
import shapely

from dothi.core.places.types import MapFeature
from dothi.kernel.errors import InvalidInput

LICENCE: Final = "© OpenStreetMap contributors, ODbL 1.0"
ROADS: Final = {
    "motorway": "highway",
    "trunk": "highway",
    "motorway_link": "main",
    "trunk_link": "main",
    "primary": "main",
    "secondary": "main",
    "primary_link": "street",
    "secondary_link": "street",
    "tertiary": "street",
    "tertiary_link": "street",
    "unclassified": "street",
    "residential": "street",
    "living_street": "street",
}
"""How a road is drawn, by its `highway`; other ways (paths, service roads) are left out."""
RIVERS: Final = {"river": "main", "canal": "stream", "stream": "stream"}
PLACES: Final = {"city": "city", "town": "city", "district": "district", "borough": "district", "suburb": "ward"}
TOLERANCE: Final = 0.00002
"""Degrees, some 2 m: lines are drawn with no more points than that needs."""


class Found(NamedTuple):
    """What an extract holds for a base map, how many of its ways lack their nodes, and the digest of its bytes."""

    features: tuple[MapFeature, ...]
    broken: int
    digest: str


def read(path: Path) -> Found:
    """Read an extract (.pbf, .osm, .osm.gz). A way whose nodes the extract lacks is counted, and left out.

    Raises InvalidInput for a file that is none.
    """
    features: list[MapFeature] = []
    broken = 0
    try:
        for feature in _features(path):
            if feature is None:
                broken += 1
            else:
                features.append(feature)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (RuntimeError, OSError) as error:
        raise InvalidInput(f"{path.name} is no extract of OpenStreetMap: {error}", place="file") from error
    return Found(tuple(features), broken, digest)


def _features(path: Path) -> Iterator[MapFeature | None]:
    wanted = osmium.filter.KeyFilter("highway", "waterway", "place")
    reader = osmium.FileProcessor(str(path)).with_locations().with_filter(wanted)
    for entity in reader:
        tags = {tag.k: tag.v for tag in entity.tags}
        if isinstance(entity, osmium.osm.Way):
            kind, rank = _class_of(tags)
            if kind:
                yield _line(entity, tags, kind, rank)
        elif isinstance(entity, osmium.osm.Node) and tags.get("place") in PLACES and tags.get("name"):
            point = shapely.Point(entity.location.lon, entity.location.lat)
            yield MapFeature("place", PLACES[tags["place"]], point, _names(tags))


def _class_of(tags: Mapping[str, str]) -> tuple[str, str]:
    if tags.get("highway") in ROADS:
        return "road", ROADS[tags["highway"]]
    if tags.get("waterway") in RIVERS:
        return "river", RIVERS[tags["waterway"]]
    return "", ""


def _line(way: osmium.osm.Way, tags: Mapping[str, str], kind: str, rank: str) -> MapFeature | None:
    points = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
    if len(points) != len(way.nodes) or len(set(points)) < 2:
        return None
    line = shapely.LineString(points).simplify(TOLERANCE)
    return MapFeature(kind, rank, line, _names(tags), ref=tags.get("ref", "") if kind == "road" else "")


def _names(tags: Mapping[str, str]) -> dict[str, str]:
    """Give names by language; the one without a language is Vietnam's own."""
    name = tags.get("name:vi") or tags.get("name", "")
    return {language: text for language, text in (("vi", name), ("en", tags.get("name:en", ""))) if text}
