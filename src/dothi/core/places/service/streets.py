"""The streets of the base map, by name: those that were imported, else those that the city's own file draws."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import shapely
from shapely.geometry import shape

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.places.service import permissions
from dothi.core.places.store import reading
from dothi.core.places.types import MapFeature
from dothi.kernel.search import SIMILAR, Asked, Spelling, likeness
from dothi.kernel.text import fold_words

ROAD: Final = "road"


def find_streets(actor: Actor, asked: Asked, drawn: Path) -> list[MapFeature]:
    """Find streets whose name fits, each name once with a point on it; misspelt ones if none is called so.

    `drawn` is the city's own file, which counts as long as no base map was imported. Raises Forbidden.
    """
    accounts.require(actor, permissions.VIEW)
    if not asked.folded:
        return []
    if reading.find_base_map() is not None:
        return reading.list_streets(asked.folded, asked.spelling)
    drawn_ones = _drawn(drawn, drawn.stat().st_mtime_ns)
    called_so = asked.spelling is not Spelling.ALIKE
    found = [street for folded, street in drawn_ones if called_so and asked.folded in folded]
    if found or asked.spelling is Spelling.AS_TYPED:
        return found
    return [street for folded, street in drawn_ones if likeness(asked.folded, folded) >= SIMILAR]


@lru_cache(maxsize=2)
def _drawn(path: Path, _changed: int) -> list[tuple[str, MapFeature]]:
    """Read the named streets of a file, once for each state of it."""
    streets: dict[str, MapFeature] = {}
    for each in msgspec.json.decode(path.read_bytes())["features"]:
        said = each["properties"]
        if said.get("kind") == ROAD and said.get("name:vi"):
            names = {language: said[f"name:{language}"] for language in ("vi", "en") if said.get(f"name:{language}")}
            point = _point_on(shape(each["geometry"]))
            streets.setdefault(said["name:vi"], MapFeature(ROAD, "", point, names, said.get("ref", "")))
    return [(fold_words(name), street) for name, street in streets.items()]


def _point_on(line: shapely.Geometry) -> shapely.Point:
    return shapely.point_on_surface(line) if line.geom_type != "LineString" else line.interpolate(0.5, normalized=True)
