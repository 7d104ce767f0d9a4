"""The queries of features: a partition for each layer, and in it each feature for the revisions it is so."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Protocol

import msgspec
import shapely
from django.db import connection
from psycopg import sql

from dothi.core.places.layers.types import Bounds, Feature

COLUMNS: Final = "key, label, folded, digest, attributes, geom"
_FEATURE: Final = "layer_id, fid, key, label, attributes, ST_AsBinary(geom), since, until"
_TAKE_BACK: Final = sql.SQL("DELETE FROM {} WHERE layer_id = %(layer)s AND fid = %(fid)s AND since = %(number)s")
_END: Final = sql.SQL("UPDATE {} SET until = %(number)s WHERE layer_id = %(layer)s AND fid = %(fid)s AND until IS NULL")
_HELD: Final = "AND (ST_Dimension(geom) < 2 OR ST_Intersects(geom, ST_GeomFromWKB(%(ground)s, 4326)))"
HOLDS: Final = "since <= %(number)s AND (until IS NULL OR until > %(number)s)"


class Copying(Protocol):
    """Takes rows in PostgreSQL's text format for COPY, in the order of `COLUMNS`."""

    def write(self, data: bytes, /) -> None: ...


class Moved(NamedTuple):
    """How many features a draft adds, removes and changes."""

    added: int
    removed: int
    changed: int


def table_of(layer_id: int) -> str:
    """Name the partition of a layer."""
    return f"places_feature_{int(layer_id)}"


def has_table(layer_id: int) -> bool:
    """Tell whether a layer has a partition: it has none before its first revision."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table_of(layer_id)])
        [(found,)] = cursor.fetchall()
    return bool(found)


def add_table(layer_id: int) -> None:
    """Give a layer its partition, empty."""
    _run(f"CREATE TABLE {table_of(layer_id)} PARTITION OF places_feature FOR VALUES IN ({int(layer_id)})")


@contextmanager
def copying_first(layer_id: int, number: int) -> Iterator[Copying]:
    """Take the rows of a layer's first revision into a table that is indexed and made its partition at the end."""
    table = table_of(layer_id)
    _run(f"CREATE TABLE {table} (LIKE places_feature INCLUDING CONSTRAINTS INCLUDING GENERATED)")
    _run(
        f"ALTER TABLE {table} ALTER layer_id SET DEFAULT {int(layer_id)}, ALTER since SET DEFAULT {int(number)},"
        " ALTER fid SET DEFAULT nextval('places_feature_fid'),"
        f" ADD CONSTRAINT {table}_own CHECK (layer_id = {int(layer_id)})"
    )
    copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(COLUMNS))
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        yield copy
    _run("SET LOCAL maintenance_work_mem = '256MB'")
    _run(f"ALTER TABLE places_feature ATTACH PARTITION {table} FOR VALUES IN ({int(layer_id)})")
    _run(f"ALTER TABLE {table} ALTER layer_id DROP DEFAULT, ALTER since DROP DEFAULT, ALTER fid DROP DEFAULT")
    _run(f"ANALYZE {table}")


@contextmanager
def copying(layer_id: int) -> Iterator[Copying]:
    """Take the rows of a later revision beside the table, to be compared with what is there by `merge`."""
    _run("DROP TABLE IF EXISTS staged_features")
    _run(
        f"CREATE TEMPORARY TABLE staged_features ON COMMIT DROP AS SELECT {COLUMNS} FROM {table_of(layer_id)}"  # noqa: S608
        " WITH NO DATA"
    )
    with connection.cursor() as cursor, cursor.copy(f"COPY staged_features ({COLUMNS}) FROM STDIN") as copy:
        yield copy
    _run("ANALYZE staged_features")


def merge(layer_id: int, number: int) -> Moved:
    """Make what was staged the content of a draft: what is equal stays, the rest ends, begins, or both."""
    table = table_of(layer_id)
    own = ", ".join(f"s.{each}" for each in COLUMNS.split(", "))
    changed = _run(
        f"INSERT INTO {table} (layer_id, fid, since, {COLUMNS}) SELECT f.layer_id, f.fid, {int(number)}, {own}"  # noqa: S608
        f" FROM staged_features s JOIN {table} f ON f.key = s.key AND f.until IS NULL WHERE f.digest <> s.digest"
    )
    added = _run(
        f"INSERT INTO {table} (layer_id, fid, since, {COLUMNS})"  # noqa: S608
        f" SELECT {int(layer_id)}, coalesce(old.fid, nextval('places_feature_fid')), {int(number)}, {own}"
        " FROM staged_features s"
        f" LEFT JOIN (SELECT key, max(fid) AS fid FROM {table} WHERE until IS NOT NULL GROUP BY key) old"
        f" ON old.key = s.key WHERE NOT EXISTS (SELECT FROM {table} f WHERE f.key = s.key AND f.until IS NULL)"
    )
    ended = _run(
        f"UPDATE {table} f SET until = {int(number)} WHERE f.until IS NULL AND f.since < {int(number)}"  # noqa: S608
        " AND NOT EXISTS (SELECT FROM staged_features s WHERE s.key = f.key AND s.digest = f.digest)"
    )
    return Moved(added, ended - changed, changed)


def restore(layer_id: int, number: int, old: int) -> Moved:
    """Make the content of an earlier revision that of a draft."""
    _run("DROP TABLE IF EXISTS staged_features")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE staged_features ON COMMIT DROP AS SELECT {COLUMNS} FROM {table_of(layer_id)}"  # noqa: S608
            f" WHERE {HOLDS}",
            {"number": old},
        )
    _run("ANALYZE staged_features")
    return merge(layer_id, number)


def discard(layer_id: int, number: int) -> None:
    """Take a draft's features back: what it ended goes on, what it began is gone."""
    if has_table(layer_id):
        _run(f"DELETE FROM {table_of(layer_id)} WHERE since = {int(number)}")  # noqa: S608
        _run(f"UPDATE {table_of(layer_id)} SET until = NULL WHERE until = {int(number)}")  # noqa: S608


def count(layer_id: int, number: int) -> int:
    """Count the features of a revision."""
    [(found,)] = ask(f"SELECT count(*) FROM {table_of(layer_id)} WHERE {HOLDS}", {"number": number})  # noqa: S608
    return int(found)


def find_feature(layer_id: int, fid: int, number: int) -> Feature | None:
    """Find a feature as of a revision."""
    rows = ask(
        f"SELECT {_FEATURE} FROM {table_of(layer_id)} WHERE layer_id = {int(layer_id)} AND fid = %(fid)s AND {HOLDS}",  # noqa: S608
        {"fid": fid, "number": number},
    )
    return _feature(rows[0]) if rows else None


def list_versions(layer_id: int, fid: int) -> list[Feature]:
    """List what a feature has been, the newest first."""
    rows = ask(
        f"SELECT {_FEATURE} FROM {table_of(layer_id)} WHERE layer_id = {int(layer_id)} AND fid = %(fid)s"  # noqa: S608
        " ORDER BY since DESC",
        {"fid": fid},
    )
    return [_feature(row) for row in rows]


def list_features(layer_id: int, number: int, *, folded: str, limit: int, offset: int) -> list[Feature]:
    """List features of a revision by label; `folded` limits them to those whose label or key holds a text."""
    rows = ask(
        f"SELECT {_FEATURE} FROM {table_of(layer_id)} WHERE {HOLDS}"  # noqa: S608
        " AND (%(like)s = '' OR folded LIKE %(like)s OR key = %(text)s)"
        " ORDER BY label, key, fid LIMIT %(limit)s OFFSET %(offset)s",
        {"number": number, "like": f"%{folded}%" if folded else "", "text": folded, "limit": limit, "offset": offset},
    )
    return [_feature(row) for row in rows]


def list_touching(
    layers: Collection[tuple[int, int]],
    shape: shapely.Geometry,
    *,
    limit: int,
    ground: shapely.Geometry | None = None,
) -> list[Feature]:
    """List features of layers as of revisions (id, number) that meet a shape, at most `limit` of each layer.

    With `ground` those that have an area must meet that one.
    """
    found: list[Feature] = []
    values = {"shape": shapely.to_wkb(shape), "ground": None if ground is None else shapely.to_wkb(ground)}
    held = "" if ground is None else _HELD
    for layer_id, number in layers:
        # The order by an expression: by its index a million features would be gone through from the first on.
        rows = ask(
            f"SELECT {_FEATURE} FROM {table_of(layer_id)} WHERE {HOLDS}"  # noqa: S608
            f" AND ST_Intersects(geom, ST_GeomFromWKB(%(shape)s, 4326)) {held} ORDER BY fid + 0 LIMIT %(limit)s",
            {**values, "number": number, "limit": limit},
        )
        found += [_feature(row) for row in rows]
    return found


def find_bounds(layer_id: int, number: int) -> Bounds | None:
    """Give the bounds of all features of a revision, None where there are none."""
    [row] = ask(
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"  # noqa: S608
        f" FROM (SELECT ST_Extent(geom) AS e FROM {table_of(layer_id)} WHERE {HOLDS}) b",
        {"number": number},
    )
    west, south, east, north = row
    return None if west is None else (west, south, east, north)


def next_fid() -> int:
    """Give the number of a new feature."""
    [(fid,)] = ask("SELECT nextval('places_feature_fid')", {})
    return int(fid)


def end_feature(layer_id: int, fid: int, number: int) -> None:
    """Let a feature not be part of a draft any more; what the draft itself said of it is gone."""
    table, values = sql.Identifier(table_of(layer_id)), {"layer": layer_id, "fid": fid, "number": number}
    with connection.cursor() as cursor:
        for statement in (_TAKE_BACK, _END):
            cursor.execute(statement.format(table), values)


def put_feature(feature: Feature, *, folded: str, digest: bytes, attributes: bytes) -> None:
    """Say a feature as of a draft (`since`); what was said of it before ends there."""
    end_feature(feature.layer_id, feature.fid, feature.since)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table_of(feature.layer_id)} (layer_id, fid, since, {COLUMNS}) VALUES"  # noqa: S608
            " (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, ST_GeomFromWKB(%s, 4326))",
            [
                feature.layer_id,
                feature.fid,
                feature.since,
                feature.key,
                feature.label,
                folded,
                digest,
                attributes.decode(),
                shapely.to_wkb(feature.shape),
            ],
        )


def _feature(row: Sequence[Any]) -> Feature:
    layer_id, fid, key, label, attributes, shape, since, until = row
    return Feature(layer_id, fid, key, label, decoded(attributes) or {}, shapely.from_wkb(bytes(shape)), since, until)


def decoded(value: Any) -> dict[str, Any] | None:  # noqa: ANN401  (what a cursor gives: text or decoded)
    """Give attributes as a cursor gave them, None where there are none."""
    told: dict[str, Any] | None = msgspec.json.decode(value) if isinstance(value, str | bytes) else value
    return told


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def ask(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Give all rows of a statement of this package's."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
