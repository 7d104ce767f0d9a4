"""The queries of how two revisions of a layer differ: how many features, which, and where they lie."""

from typing import Any, Final, NamedTuple

from dothi.core.places.layers.store.features import ask, count, decoded, table_of
from dothi.core.places.layers.types import Counts

_DIFFERENCE: Final = (
    "SELECT CASE WHEN b.fid IS NULL THEN 'added' WHEN a.fid IS NULL THEN 'removed' ELSE 'changed' END AS kind,"
    " coalesce(a.fid, b.fid) AS fid, coalesce(a.key, b.key) AS key, coalesce(a.label, b.label) AS label,"
    " b.attributes AS before, a.attributes AS after, b.geom AS geom_before, a.geom AS geom_after"
    " FROM (SELECT * FROM {table} WHERE since <= %(before)s AND (until IS NULL OR until > %(before)s)"
    " AND until <= %(after)s) b"
    " FULL JOIN (SELECT * FROM {table} WHERE since <= %(after)s AND (until IS NULL OR until > %(after)s)"
    " AND since > %(before)s) a ON a.fid = b.fid"
    " WHERE a.digest IS DISTINCT FROM b.digest"
)
_ORDER: Final = " ORDER BY array_position(ARRAY['changed', 'added', 'removed'], d.kind), d.key, d.fid"
_LISTED: Final = (
    "SELECT kind, fid, key, label, before, after,"
    " geom_before IS NOT NULL AND geom_after IS NOT NULL AND ST_AsBinary(geom_before) <> ST_AsBinary(geom_after),"
    " EXISTS (SELECT FROM {table} f WHERE f.layer_id = {layer} AND f.fid = d.fid AND f.since <= %(shown)s"
    " AND (f.until IS NULL OR f.until > %(shown)s))"
    " FROM (SELECT * FROM ({difference}) d{order} LIMIT %(limit)s OFFSET %(offset)s) d{order}"
)
_DRAWN: Final = (
    "SELECT kind, fid, key, label, CASE WHEN fits THEN ST_AsGeoJSON(geom_before, {digits}) END,"
    " CASE WHEN fits THEN ST_AsGeoJSON(geom_after, {digits}) END"
    " FROM (SELECT *, sum(coalesce(ST_NPoints(geom_before), 0) + coalesce(ST_NPoints(geom_after), 0))"
    " OVER ({order} ROWS UNBOUNDED PRECEDING) <= %(corners)s AS fits"
    " FROM (SELECT kind, fid, key, label, geom_after,"
    " CASE WHEN ST_AsBinary(geom_before) IS DISTINCT FROM ST_AsBinary(geom_after) THEN geom_before END AS geom_before"
    " FROM (SELECT * FROM ({difference}) d{order} LIMIT %(limit)s) d) d) d{order}"
)
DIGITS: Final = 7
"""Of degrees, in what is drawn: a centimetre."""


class Changed(NamedTuple):
    """A feature that two revisions have otherwise, as a row."""

    kind: str
    fid: int
    key: str
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    has_other_shape: bool
    is_shown: bool


class Drawn(NamedTuple):
    """Where such a feature lies in each of the two, as GeoJSON; before only where it is otherwise after."""

    kind: str
    fid: int
    key: str
    label: str
    before: str | None
    after: str | None


def moved(layer_id: int, before: int, after: int) -> Counts:
    """Count how one revision differs from an earlier one."""
    statement = f"SELECT kind, count(*) FROM ({_difference(layer_id)}) d GROUP BY kind"  # noqa: S608
    found = {kind: int(number) for kind, number in ask(statement, {"before": before, "after": after})}
    return Counts(
        features=count(layer_id, after),
        added=found.get("added", 0),
        removed=found.get("removed", 0),
        changed=found.get("changed", 0),
    )


def list_changes(layer_id: int, before: int, after: int, *, shown: int, limit: int, offset: int = 0) -> list[Changed]:
    """List what two revisions have otherwise: the changed ones first, then what is new, then what is gone.

    `shown` is the revision that tells whether a feature is shown.
    """
    statement = _LISTED.format(
        table=table_of(layer_id), layer=int(layer_id), difference=_difference(layer_id), order=_ORDER
    )
    values = {"before": before, "after": after, "shown": shown, "limit": limit, "offset": offset}
    return [
        Changed(kind, fid, key, label, decoded(old), decoded(new), bool(other), bool(is_shown))
        for kind, fid, key, label, old, new, other, is_shown in ask(statement, values)
    ]


def list_drawn(layer_id: int, before: int, after: int, *, limit: int, corners: int) -> list[Drawn]:
    """Give where the first `limit` changes lie, in the order of `list_changes`.

    No shapes are given from the one on with which all of them have more than `corners` corners.
    """
    statement = _DRAWN.format(difference=_difference(layer_id), order=_ORDER, digits=DIGITS)
    values = {"before": before, "after": after, "limit": limit, "corners": corners}
    return [Drawn(*row) for row in ask(statement, values)]


def _difference(layer_id: int) -> str:
    return _DIFFERENCE.format(table=table_of(layer_id))
