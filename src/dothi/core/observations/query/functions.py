"""The functions of the standard (OGC 18-088, 9.3.3.5): what each takes, what it gives, and its SQL."""

from collections.abc import Mapping
from typing import Final, LiteralString

import msgspec

from dothi.core.observations.query.tables import Kind


class Function(msgspec.Struct, frozen=True):
    """A function; `sql` has its arguments as {a0}, {a1}, … and a PERIOD's end as {a0e}, {a1e}, …."""

    takes: tuple[Kind, ...]
    gives: Kind
    sql: LiteralString


_TEXT, _NUMBER, _TIME, _PERIOD, _GEOMETRY = Kind.TEXT, Kind.NUMBER, Kind.TIME, Kind.PERIOD, Kind.GEOMETRY
_BOOLEAN: Final = Kind.BOOLEAN


def _texts(gives: Kind, sql: LiteralString, count: int = 2) -> Function:
    return Function((_TEXT,) * count, gives, sql)


def _part(name: LiteralString) -> Function:
    return Function((_TIME,), _NUMBER, "extract(" + name + " FROM {a0} AT TIME ZONE 'UTC')")


def _periods(sql: LiteralString) -> Function:
    return Function((_PERIOD, _PERIOD), _BOOLEAN, sql)


def _shapes(name: LiteralString) -> Function:
    return Function((_GEOMETRY, _GEOMETRY), _BOOLEAN, name + "({a0}, {a1})")


# Only plain search: no patterns, whose cost a request could choose.
_STRING: Final = {
    "substringof": _texts(_BOOLEAN, "(strpos({a1}, {a0}) > 0)"),
    "contains": _texts(_BOOLEAN, "(strpos({a0}, {a1}) > 0)"),
    "startswith": _texts(_BOOLEAN, "starts_with({a0}, {a1})"),
    "endswith": _texts(_BOOLEAN, "(right({a0}, nullif(length({a1}), 0)) = {a1} OR {a1} = '')"),
    "indexof": _texts(_NUMBER, "(strpos({a0}, {a1}) - 1)"),
    "length": _texts(_NUMBER, "length({a0})", 1),
    "tolower": _texts(_TEXT, "lower({a0})", 1),
    "toupper": _texts(_TEXT, "upper({a0})", 1),
    "trim": _texts(_TEXT, "btrim({a0})", 1),
    "concat": _texts(_TEXT, "({a0} || {a1})"),
}
# A start or length that is no small whole number would be an error of the cast: it is brought into range first.
_SUBSTRING: Final = {
    2: Function((_TEXT, _NUMBER), _TEXT, "substr({a0}, least(greatest({a1}, 0), 1e9)::int + 1)"),
    3: Function(
        (_TEXT, _NUMBER, _NUMBER),
        _TEXT,
        "substr({a0}, least(greatest({a1}, 0), 1e9)::int + 1, least(greatest({a2}, 0), 1e9)::int)",
    ),
}
_NUMERIC: Final = {
    "round": Function((_NUMBER,), _NUMBER, "round(({a0})::numeric)"),
    "floor": Function((_NUMBER,), _NUMBER, "floor({a0})"),
    "ceiling": Function((_NUMBER,), _NUMBER, "ceil({a0})"),
}
_DATE: Final = {
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": Function((_TIME,), _NUMBER, "floor(extract(second FROM {a0} AT TIME ZONE 'UTC'))"),
    "fractionalseconds": Function((_TIME,), _NUMBER, "mod(extract(second FROM {a0} AT TIME ZONE 'UTC'), 1)"),
    "date": Function((_TIME,), Kind.DATE, "({a0} AT TIME ZONE 'UTC')::date"),
    "time": Function((_TIME,), Kind.CLOCK, "({a0} AT TIME ZONE 'UTC')::time"),
    "totaloffsetminutes": Function((_TIME,), _NUMBER, "(CASE WHEN {a0} IS NOT NULL THEN 0 END)"),
    "mindatetime": Function((), _TIME, "'-infinity'::timestamptz"),
    "maxdatetime": Function((), _TIME, "'infinity'::timestamptz"),
}
_TEMPORAL: Final = {
    "before": _periods("({a0e} < {a1})"),
    "after": _periods("({a0} > {a1e})"),
    "meets": _periods("({a0e} = {a1} OR {a1e} = {a0})"),
    "during": _periods("({a0} >= {a1} AND {a0e} <= {a1e})"),
    "overlaps": _periods("({a0} < {a1e} AND {a1} < {a0e})"),
    "starts": _periods("({a0} = {a1})"),
    "finishes": _periods("({a0e} = {a1e})"),
}
_SPATIAL: Final = {
    "geo.distance": Function((_GEOMETRY, _GEOMETRY), _NUMBER, "ST_Distance({a0}, {a1})"),
    "geo.length": Function((_GEOMETRY,), _NUMBER, "ST_Length({a0})"),
    "geo.intersects": _shapes("ST_Intersects"),
    "st_equals": _shapes("ST_Equals"),
    "st_disjoint": _shapes("ST_Disjoint"),
    "st_touches": _shapes("ST_Touches"),
    "st_within": _shapes("ST_Within"),
    "st_overlaps": _shapes("ST_Overlaps"),
    "st_crosses": _shapes("ST_Crosses"),
    "st_intersects": _shapes("ST_Intersects"),
    "st_contains": _shapes("ST_Contains"),
    "st_relate": Function((_GEOMETRY, _GEOMETRY, _TEXT), _BOOLEAN, "ST_Relate({a0}, {a1}, {a2})"),
}

NOW: Final = "now"
"""The one function whose value is the city's clock's."""
_ALL: Final[Mapping[str, Function]] = {**_STRING, **_NUMERIC, **_DATE, **_TEMPORAL, **_SPATIAL}
NAMES: Final = frozenset({*_ALL, NOW, "substring"})


def find(name: str, count: int) -> Function | None:
    """Find a function by its name and the number of its arguments."""
    found = _SUBSTRING.get(count) if name == "substring" else _ALL.get(name)
    return found if found is not None and len(found.takes) == count else None
