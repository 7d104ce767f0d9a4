"""Places over a million parcels: search, dossier, tiles, boxes and a question, beside bare SQL, tipg and GeoPandas."""

import argparse
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import httpx
import psycopg

from bench import _places_geopandas as geopandas
from bench import _places_seed as seeds
from bench._places_tipg import running_tipg
from bench._running import running
from bench.report import Figure, figure
from bench.series import set_up

ZOOMS: Final = range(10, 19)
MILLISECONDS: Final = 1000
_BARE_TILE: Final = """
SELECT ST_AsMVT(t, 'default', 4096, 'geom') FROM (
    SELECT id, label, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS geom
    FROM layers.parcels WHERE geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326) LIMIT 4000) t
"""
_BARE_BOX: Final = (
    "SELECT id, label, so_thua, so_to, loai, dien_tich, ST_AsGeoJSON(geom) FROM layers.parcels"
    " WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326) LIMIT 100"
)
_BARE_SEARCH: Final = (
    "(SELECT fid, folded FROM places_feature WHERE folded LIKE %(q)s || '%%' ORDER BY folded LIMIT 20) UNION ALL"
    " (SELECT fid, folded FROM places_feature WHERE folded %% %(q)s ORDER BY similarity(folded, %(q)s) DESC LIMIT 20)"
)
_BARE_POINT: Final = (
    "SELECT f.fid FROM places_feature f WHERE ST_Intersects(f.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"
)
_BARE_QUESTION: Final = (
    "SELECT sum(total) FROM (SELECT w.area_id, z.code,"
    " sum(ST_Area(ST_Intersection(ST_Intersection(p.geom, z.geom), w.shape)::geography)) AS total"
    " FROM layers.parcels p JOIN layers.zoning z ON ST_Intersects(p.geom, z.geom)"
    " JOIN places_version w ON ST_Intersects(w.shape, p.geom) AND w.level = 3 AND w.valid @> current_date"
    " AND upper_inf(w.recorded) AND NOT isempty(w.recorded) GROUP BY 1, 2) g"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=120, help="how many of each are asked")
    parser.add_argument("--without-geopandas", action="store_true", help="it takes some gigabytes, and minutes")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill the layers, publish them, then ask over HTTP as browsers do, with the bare SQL beside."""
    with running() as dothi:
        set_up(dothi.database_url)
        with psycopg.connect(dothi.database_url, autocommit=True) as connection:
            seeds.seed(connection, parcels=options.parcels)
            published_s = _publish()
            connection.execute("VACUUM ANALYZE")
            with httpx.Client(base_url=dothi.url, timeout=120) as client:
                figures = [
                    figure("publishing the seeded layers, their cells counted", [published_s], "s"),
                    *_search(client, connection, options.asked),
                    *_dossier(client, connection, options.asked),
                    *_tiles(client, connection, options.asked),
                    *_box(client, connection, options.asked),
                ]
            with running_tipg(dothi.database_url) as url, httpx.Client(base_url=url, timeout=120) as client:
                figures += _bare_tipg(client, options.asked)
            return [*figures, *_question(connection, with_geopandas=not options.without_geopandas)]


def _publish() -> float:
    from dothi.core.accounts.types import SYSTEM  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.places.layers import service as layers  # noqa: PLC0415

    begun = time.perf_counter()
    for slug in ("parcels", "zoning"):
        layers.publish_revision(SYSTEM, slug, 1, publish=lambda _event: None)
    return time.perf_counter() - begun


def _timed(asked: Iterable[Callable[[], object]]) -> list[float]:
    """Give how many milliseconds each took, the first left out: it loads what is loaded once."""
    taken = []
    for ask in asked:
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * MILLISECONDS)
    return taken[1:]


def _p95(taken: list[float]) -> float:
    return sorted(taken)[math.ceil(len(taken) * 0.95) - 1]


def _get(client: httpx.Client, path: str, **asked: str) -> Callable[[], int]:
    def ask() -> int:
        answer = client.get(path, params=asked or None)
        answer.raise_for_status()
        return len(answer.content)

    return ask


def _sql(connection: psycopg.Connection[Any], statement: str, values: Any) -> Callable[[], object]:  # noqa: ANN401
    return lambda: connection.execute(statement, values).fetchall()


def _search(client: httpx.Client, connection: psycopg.Connection[Any], asked: int) -> list[Figure]:
    texts = seeds.typed(asked, seed_number=1)
    taken = _timed(_get(client, "/search.json", q=text) for text in texts)
    bare = _timed(_sql(connection, _BARE_SEARCH, {"q": text}) for text in texts)
    return [
        figure("search over a million names, median", [sorted(taken)[len(taken) // 2]], "ms", goal="<=50"),
        figure("search over a million names, p95", [_p95(taken)], "ms", goal="<=50", limit=_p95(bare)),
    ]


def _dossier(client: httpx.Client, connection: psycopg.Connection[Any], asked: int) -> list[Figure]:
    points = seeds.places(asked, seed_number=2)
    taken = _timed(_get(client, "/places/dossier/", at=f"{lon:.5f},{lat:.5f}") for lon, lat in points)
    bare = _timed(_sql(connection, _BARE_POINT, point) for point in points)
    return [figure("dossier of a point, p95", [_p95(taken)], "ms", goal="<=120", limit=_p95(bare))]


def _tiles(client: httpx.Client, connection: psycopg.Connection[Any], asked: int) -> Iterator[Figure]:
    everything, sizes = list[float](), list[int]()
    for zoom in ZOOMS:
        tiles = list({_tile(zoom, *point) for point in seeds.places(asked // 3, seed_number=zoom)})
        read = [_get(client, f"/features/collections/parcels/tiles/WebMercatorQuad/{zoom}/{x}/{y}") for x, y in tiles]
        sizes += [ask() for ask in read[:1]]
        measured: list[float] = []
        for ask in read:
            begun = time.perf_counter()
            sizes.append(ask())
            measured.append((time.perf_counter() - begun) * MILLISECONDS)
        everything += measured
        values = [{"z": zoom, "x": x, "y": y} for x, y in tiles]
        bare = _timed(_sql(connection, _BARE_TILE, each) for each in [values[0], *values])
        yield figure(f"tile of zoom {zoom}, p95", [_p95(measured)], "ms", limit=_p95(bare))
    yield figure("tiles of zooms 10 to 18, p95", [_p95(everything)], "ms", goal="<=60")
    yield figure("largest tile, before it is packed", [max(sizes) / 1000], "kB", goal="<=500")


def _tile(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    count = 2**zoom
    radians = math.radians(lat)
    y = (1 - math.asinh(math.tan(radians)) / math.pi) / 2
    return int((lon + 180) / 360 * count), int(y * count)


def _box(client: httpx.Client, connection: psycopg.Connection[Any], asked: int) -> list[Figure]:
    boxes = _boxes(asked)
    path = f"/features/collections/{seeds.PARCELS}/items"
    taken = _timed(_get(client, path, bbox=box, limit="100") for box in boxes)
    bare = _timed(_sql(connection, _BARE_BOX, [float(each) for each in box.split(",")]) for box in boxes)
    return [figure("100 parcels by box, p95", [_p95(taken)], "ms", goal="<=40", limit=_p95(bare))]


def _bare_tipg(client: httpx.Client, asked: int) -> Iterator[Figure]:
    taken, sizes = list[float](), list[int]()
    for zoom in ZOOMS:
        tiles = list({_tile(zoom, *point) for point in seeds.places(asked // 3, seed_number=zoom)})
        paths = [f"/collections/layers.{seeds.PARCELS}/tiles/WebMercatorQuad/{zoom}/{x}/{y}" for x, y in tiles]
        sizes += [_get(client, path)() for path in paths]
        taken += _timed(_get(client, path) for path in [paths[0], *paths])
    yield figure("the same tiles from tipg bare, p95", [_p95(taken)], "ms")
    yield figure("its largest tile", [max(sizes) / 1000], "kB")
    path, boxes = f"/collections/layers.{seeds.PARCELS}/items", _boxes(asked)
    taken = _timed(_get(client, path, bbox=box, limit="100") for box in boxes)
    yield figure("100 parcels by box from tipg bare, p95", [_p95(taken)], "ms")


def _boxes(asked: int) -> list[str]:
    side = seeds.STEP * 10
    return [f"{x:.6f},{y:.6f},{x + side:.6f},{y + side:.6f}" for x, y in seeds.places(asked, seed_number=3)]


def _question(connection: psycopg.Connection[Any], *, with_geopandas: bool) -> Iterator[Figure]:
    from dothi.core.accounts.types import SYSTEM  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.places.questions import service  # noqa: PLC0415
    from dothi.core.places.questions.types import (  # noqa: PLC0415
        Group,
        Kind,
        Measure,
        Question,
        Relation,
        Source,
    )

    question = Question(
        Source(Kind.LAYER, "parcels"),
        Relation.INTERSECTS,
        Source(Kind.LAYER, "zoning"),
        is_filter=True,
        measures=(Measure.AREA,),
        group=Group.AREA_AND_OTHER_FIELD,
        group_field="code",
    )
    begun = time.perf_counter()
    answer = service.ask(SYSTEM, question)
    taken = time.perf_counter() - begun
    begun = time.perf_counter()
    [(told,)] = connection.execute(_BARE_QUESTION).fetchall()
    bare = time.perf_counter() - begun
    total = sum(row.figures["area"] or 0 for row in answer.rows)
    _see_same(total, told, within=1e-6)
    yield figure("areas of parcels by zone and ward", [taken], "s", goal="<=20", limit=bare)
    if with_geopandas and geopandas.is_installed():
        laid = geopandas.lay_over(connection)
        _see_same(total, laid.area_m2, within=1e-3)
        yield figure("the same by GeoPandas, once the layers are read", [laid.laid_s], "s")
        yield figure("reading the layers into GeoPandas", [laid.read_s], "s")


def _see_same(one: float, other: float, *, within: float) -> None:
    if abs(one - other) > within * other:
        raise RuntimeError(f"{one:,.0f} m² here are {other:,.0f} m² there")
