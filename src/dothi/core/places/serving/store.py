"""What is read across layers: features by name, what was shown when, and counts by the cells of Web Mercator."""

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import connection
from django.utils import timezone

from dothi.core.places.store import spelling as words
from dothi.core.places.store.naming import Named, find_spelt_so
from dothi.kernel.search import Spelling

FINEST: Final = 18
COARSEST: Final = 6
_DROP: Final = "DELETE FROM places_feature_cell WHERE layer_id = %s"
# The middle of a feature's box says which cell it is counted in; latitudes beyond Web Mercator's are none here.
_FINEST: Final = f"""
INSERT INTO places_feature_cell (layer_id, revision, zoom, x, y, features)
SELECT %(layer)s, %(revision)s, {FINEST}, x, y, count(*) FROM (
    SELECT floor((lon + 180) / 360 * {2**FINEST})::int AS x,
           floor((1 - ln(tan(radians(lat)) + 1 / cos(radians(lat))) / pi()) / 2 * {2**FINEST})::int AS y
    FROM (
        SELECT (ST_XMin(geom) + ST_XMax(geom)) / 2 AS lon, (ST_YMin(geom) + ST_YMax(geom)) / 2 AS lat
        FROM places_feature
        WHERE layer_id = %(layer)s AND since <= %(revision)s AND (until IS NULL OR until > %(revision)s)
    ) middle WHERE abs(lat) < 85
) cell GROUP BY x, y
"""  # noqa: S608  (numbers of this file)
_COARSER: Final = """
INSERT INTO places_feature_cell (layer_id, revision, zoom, x, y, features)
SELECT layer_id, revision, zoom - 1, x / 2, y / 2, sum(features) FROM places_feature_cell
WHERE layer_id = %s AND revision = %s AND zoom = %s GROUP BY layer_id, revision, zoom, x / 2, y / 2
"""
_CALLED: Final = (
    "SELECT f.layer_id, f.fid, f.label, f.key, ST_X(c.point), ST_Y(c.point)"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(layer, fid)"
    " JOIN unnest(%s::bigint[], %s::int[]) AS shown(layer, revision) USING (layer)"
    " JOIN places_feature f ON f.layer_id = wanted.layer AND f.fid = wanted.fid AND f.since <= shown.revision"
    " AND (f.until IS NULL OR f.until > shown.revision)"
    " CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS point) c"
)
_SHOWN_ON: Final = (
    "SELECT DISTINCT ON (layer_id) layer_id, number FROM places_revision"
    " WHERE published_at < ((%s::date + 1)::timestamp AT TIME ZONE %s) ORDER BY layer_id, published_at DESC"
)


def count_cells(layer_id: int, revision: int) -> None:
    """Count a revision's features by cell, instead of those of other revisions of the layer."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [layer_id])
        cursor.execute(_FINEST, {"layer": layer_id, "revision": revision})
        for zoom in range(FINEST, COARSEST, -1):
            cursor.execute(_COARSER, [layer_id, revision, zoom])
    words.learn("SELECT folded FROM places_feature WHERE layer_id = %s AND since <= %s", [layer_id, revision])


def list_called(
    shown: Collection[tuple[int, int]], folded: str, spelling: Spelling, *, limit: int
) -> list[tuple[int, int, str, str, float, float]]:
    """List features of revisions, as pairs of layer and number, by label or key: layer, fid, label, key and a point."""
    keys = _keys_of(shown, folded, spelling, limit)[:limit]
    if not keys:
        return []
    layers, revisions = (list(each) for each in zip(*shown, strict=True))
    pairs = [tuple(map(int, key.split("/"))) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, [[layer for layer, _ in pairs], [fid for _, fid in pairs], layers, revisions])
        found = {(row[0], row[1]): row for row in cursor.fetchall()}
    return [found[pair] for pair in pairs if pair in found]


def _keys_of(shown: Collection[tuple[int, int]], folded: str, spelling: Spelling, most: int) -> list[str]:
    """Give the keys of features that are called so, else, where that is wanted, of those that may be meant."""
    named, known = _names_of(shown), words.look_up(folded)
    may_be = known.may_be_a_name and spelling is not Spelling.ALIKE
    keys: list[str] = find_spelt_so(named, folded, most=most) if may_be else []
    meant = iter(()) if keys or spelling is Spelling.AS_TYPED else words.corrections(known)
    return keys or next(filter(None, (find_spelt_so(named, text, most=most) for text in meant)), [])


def _names_of(shown: Collection[tuple[int, int]]) -> Named:
    """Give the names of some revisions; written out, so that the index's order holds over all of their layers."""
    held = [
        f"(layer_id = {int(layer)} AND since <= {int(number)} AND (until IS NULL OR until > {int(number)}))"
        for layer, number in shown
    ]
    layers = ", ".join(str(int(layer)) for layer, _ in shown)
    return Named(
        table="places_feature",
        folded="folded",
        key="layer_id || '/' || fid",
        where=f"({' OR '.join(held)})",
        words="to_tsvector('simple'::regconfig, folded)",
        part=f"layer_id IN ({layers})",
    )


def shown_on(day: date) -> dict[int, int]:
    """Give, by layer, the number of the revision that was shown at the end of a day."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN_ON, [day, timezone.get_current_timezone_name()])
        return dict(cursor.fetchall())
