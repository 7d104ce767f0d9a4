"""A sketch of the streets around a place, from the city's base map: it needs no tile, no script and no network."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec

METRES_PER_DEGREE: Final = 111_320.0
"""Along a meridian; along a parallel times the cosine of the latitude."""
LEAST_HALF_M: Final = 350.0
MARGIN: Final = 1.25
WIDTH, HEIGHT = 640, 400
"""The drawing's own units."""
BESIDE: Final = 110.0
"""How far from the place itself its own street's name stands."""
_LINES: Final = ("LineString", "MultiLineString")
_ORDER: Final = {"area": 0, "river": 1, "road": 2}


class Path(NamedTuple):
    """One line or area: what it is, its class, SVG path data, its name ("" for none), and where its name goes (%)."""

    kind: str
    form: str
    data: str
    name: str = ""
    offset: int = 50


class Sketch(msgspec.Struct, frozen=True):
    """What is drawn: paths from below to above, dots, and the place itself, in the drawing's units.

    `scale_m` is how many metres `scale` units are.
    """

    paths: tuple[Path, ...]
    dots: tuple[tuple[float, float], ...]
    place: tuple[float, float]
    scale: float
    scale_m: int


class _View(NamedTuple):
    lon: float
    lat: float
    unit_m: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.lon) * math.cos(math.radians(self.lat)) * METRES_PER_DEGREE / self.unit_m
        y = (self.lat - lat) * METRES_PER_DEGREE / self.unit_m
        return round(x + WIDTH / 2, 1), round(y + HEIGHT / 2, 1)


def draw(
    features: Iterable[Mapping[str, Any]],
    *,
    place: tuple[float, float],
    others: Sequence[tuple[float, float]] = (),
    language: str = "vi",
) -> Sketch:
    """Draw GeoJSON features around a place (lon, lat in degrees, WGS 84), with other places as dots, north above."""
    view = _view(place, others)
    found = [path for feature in features for path in _paths(feature, view, language)]
    found.sort(key=lambda path: (_ORDER[path.kind], path.form == "highway", path.form == "main"))
    scale_m = _round_length(WIDTH / 5 * view.unit_m)
    return Sketch(
        paths=tuple(found),
        dots=tuple(view.at(*each) for each in others),
        place=view.at(*place),
        scale=round(scale_m / view.unit_m, 1),
        scale_m=scale_m,
    )


def _view(place: tuple[float, float], others: Sequence[tuple[float, float]]) -> _View:
    lon, lat = place
    to_m = math.cos(math.radians(lat)) * METRES_PER_DEGREE
    wide = max((abs(each - lon) * to_m for each, _ in others), default=0.0) * MARGIN
    high = max((abs(each - lat) * METRES_PER_DEGREE for _, each in others), default=0.0) * MARGIN
    half = max(LEAST_HALF_M, wide, high * WIDTH / HEIGHT)
    return _View(lon, lat, 2 * half / WIDTH)


def _paths(feature: Mapping[str, Any], view: _View, language: str) -> Iterator[Path]:
    told = feature.get("properties") or {}
    geometry = feature.get("geometry") or {}
    kind = str(told.get("kind"))
    if kind not in _ORDER:
        return
    is_line = geometry.get("type") in _LINES
    for line in _lines(geometry):
        points = [view.at(float(each[0]), float(each[1])) for each in line]
        if not _is_seen(points):
            continue
        if is_line and points[0][0] > points[-1][0]:
            points.reverse()  # so that its name can be read
        data = "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("" if is_line else "Z")
        name = str(told.get(f"name:{language}") or "") if is_line else ""
        yield Path(kind, str(told.get("class", "")), data, name, _name_percent(points))


def _lines(geometry: Mapping[str, Any]) -> Sequence[Sequence[Sequence[float]]]:
    coordinates: Any = geometry.get("coordinates") or ()
    match geometry.get("type"):
        case "LineString":
            return [coordinates]
        case "MultiLineString" | "Polygon":
            return list(coordinates)
        case "MultiPolygon":
            return [ring for polygon in coordinates for ring in polygon]
        case _:
            return []


def _is_seen(points: Sequence[tuple[float, float]]) -> bool:
    across, down = [x for x, _ in points], [y for _, y in points]
    return len(points) > 1 and min(across) < WIDTH and max(across) > 0.0 and min(down) < HEIGHT and max(down) > 0.0


def _name_percent(points: Sequence[tuple[float, float]]) -> int:
    """Say where along a line, in percent of its length, its name goes: near the middle of the drawing, not under it."""
    walked, best, at = 0.0, math.inf, 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        if length == 0.0:
            continue
        share = ((WIDTH / 2 - x0) * (x1 - x0) + (HEIGHT / 2 - y0) * (y1 - y0)) / length**2
        share = min(max(share, 0.0), 1.0)
        off = math.hypot(x0 + share * (x1 - x0) - WIDTH / 2, y0 + share * (y1 - y0) - HEIGHT / 2)
        if off < best:
            best, at = off, walked + share * length
        walked += length
    if walked == 0.0:
        return 50
    aside = BESIDE if best < BESIDE / 2 else 0.0
    return round(100 * (at + aside if at + aside < walked else max(at - aside, 0.0)) / walked)


def _round_length(metres: float) -> int:
    """Give the longest of 1, 2 and 5 times a power of ten that is no longer."""
    power = 10 ** math.floor(math.log10(metres))
    return int(max(each * power for each in (1, 2, 5) if each * power <= metres))
