"""A question as one statement: pure text and values; what is asked comes in as values alone."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from dothi.core.places.questions.types import Condition, Group, Measure, Op, Question, Relation
from dothi.kernel.errors import InvalidInput
from dothi.kernel.text import fold_words

MOST_ROWS: Final = 5_000
LONGEST_DISTANCE_M: Final = 50_000.0
_COMPARED: Final[Mapping[Op, str]] = {
    Op.LESS: "<",
    Op.AT_MOST: "<=",
    Op.MORE: ">",
    Op.AT_LEAST: ">=",
    Op.EQUAL: "=",
    Op.DIFFERENT: "<>",
}
_FENCE: Final = "OFFSET 0"
"""Keeps the planner from writing a cut shape out wherever it is used, and cutting it there again."""
_BY_AREA: Final = frozenset({Group.AREA, Group.AREA_AND_OTHER_FIELD})
_BY_OTHER: Final = frozenset({Group.OTHER_FIELD, Group.AREA_AND_OTHER_FIELD})
_OF_OTHERS: Final = frozenset({Measure.COVERED, Measure.SHARE, Measure.OTHERS, Measure.DISTANCE})


class Statement(NamedTuple):
    """SQL and its values."""

    sql: str
    values: dict[str, Any]


def check(question: Question) -> None:
    """See that a question can be answered. Raises InvalidInput that names what is wrong."""
    if not question.measures or len(set(question.measures)) != len(question.measures):
        raise InvalidInput("a question tells something, each thing once", place="measures")
    if (question.relation is None) != (question.other is None):
        raise InvalidInput("a relation is one to other features, and others need a relation", place="relation")
    if question.relation is None and (_OF_OTHERS & set(question.measures) or question.group in _BY_OTHER):
        raise InvalidInput("what is told of others needs others", place="other")
    if not 0 <= question.distance_m <= LONGEST_DISTANCE_M:
        raise InvalidInput(f"a distance lies between 0 and {LONGEST_DISTANCE_M:.0f} m", place="distance_m")
    if question.relation is Relation.DISTANCE and question.distance_m == 0:
        raise InvalidInput("say how far", place="distance_m")
    if Measure.SUM in question.measures and not question.field:
        raise InvalidInput("say which attribute is added up", place="field")
    if question.group in {Group.FIELD, *_BY_OTHER} and not question.group_field:
        raise InvalidInput("say by which attribute it is grouped", place="group_field")
    if Measure.DISTANCE in question.measures and question.relation is not Relation.NEAREST:
        raise InvalidInput("the distance is that to the nearest", place="measures")


def condition_sql(conditions: Iterable[Condition], prefix: str) -> Statement:
    """Give conditions on the column `said` (jsonb), their values named with a prefix. Raises InvalidInput."""
    parts, values = [], dict[str, Any]()
    for number, each in enumerate(conditions):
        name = f"{prefix}{number}"
        values[f"{name}f"], values[f"{name}v"] = each.field, each.value
        parts.append(_condition(each, name, values))
    return Statement(" AND ".join(parts) or "true", values)


def _condition(each: Condition, name: str, values: dict[str, Any]) -> str:
    text, wanted = f"said ->> %({name}f)s", f"%({name}v)s"
    if each.op is Op.EMPTY:
        return f"coalesce({text}, '') = ''"
    if each.op is Op.FILLED:
        return f"coalesce({text}, '') <> ''"
    if each.op is Op.HOLDS:
        values[f"{name}v"] = f"%{fold_words(each.value)}%"
        return f"places_fold({text}) LIKE {wanted}"
    number = _number(each.value)
    if number is not None:
        values[f"{name}v"] = number
        said = f"CASE WHEN jsonb_typeof(said -> %({name}f)s) = 'number' THEN ({text})::float8 END"
        if each.op in {Op.EQUAL, Op.DIFFERENT}:
            # A code such as 074 is text that reads as a number.
            values[f"{name}t"] = each.value
            same = f"(coalesce({said} = {wanted}, false) OR coalesce({text} = %({name}t)s, false))"
            return same if each.op is Op.EQUAL else f"NOT {same}"
        return f"{said} {_COMPARED[each.op]} {wanted}"
    if each.op in {Op.EQUAL, Op.DIFFERENT}:
        values[f"{name}v"] = fold_words(each.value)
        return f"coalesce(places_fold({text}), '') {_COMPARED[each.op]} {wanted}"
    return f"{text} {_COMPARED[each.op]} {wanted}"


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e300 else None


def _clip(part: str, by: str) -> str:
    """Give the part of a shape that lies in another one; most lie in it as a whole, and need no cutting."""
    return f"CASE WHEN ST_Covers({by}, {part}) THEN {part} ELSE ST_Intersection({part}, {by}) END"


def compose(question: Question, of_sql: str) -> Statement:
    """Give the statement of a question.

    It reads `of_sql` (id, label, said, geom, m2), and where others are asked the tables `question_other` (said, geom,
    zone, reach) and, for groups by area, `question_area` (id, label, geom). Rows are label, shape (WKB or null), and a
    column for each measure.
    """
    values: dict[str, Any] = {"field": question.field, "group_field": question.group_field}
    values["distance"] = question.distance_m
    steps = [f"s AS NOT MATERIALIZED ({of_sql})", *_based(question)]
    if question.group in _BY_AREA:
        steps += [f"lots AS ({_LOTS})", f"parts AS ({_IN_AREAS})"]
    table = "parts" if question.group in _BY_AREA else "based"
    return Statement(f"WITH {', '.join(steps)} {_told(question, table)}", values)


def _based(question: Question) -> list[str]:
    """Give each feature with its others; once for each of them where these make the groups."""
    if question.relation is None:
        return [f"based AS (SELECT s.*, {_ALONE} FROM s)"]  # noqa: S608  (words of this file)
    if question.group in _BY_OTHER:
        return _with_each(question)
    return [f"based AS ({_nearest(question) if question.relation is Relation.NEAREST else _with_all(question)})"]


def _with_all(question: Question) -> str:
    """Give each feature once, with how many others it has, and what of it lies in them together."""
    needs_ground = {Measure.COVERED, Measure.SHARE} & set(question.measures)
    ground = "ST_Union(o.zone)" if needs_ground else "NULL::geometry"
    covered = f"CASE WHEN x.ground IS NOT NULL THEN {_clip('s.geom', 'x.ground')} END"
    kept = "WHERE x.others > 0" if question.is_filter else ""
    return (
        f"SELECT s.*, true AS is_whole, NULL::geometry AS part, {covered} AS covered, x.others, NULL::float8 AS away,"  # noqa: S608  (words of this file)
        f" '' AS oth FROM s LEFT JOIN LATERAL (SELECT count(*) AS others, {ground} AS ground FROM question_other o"
        f" WHERE {_LIES[question.relation]}) x ON true {kept} {_FENCE}"
    )


def _with_each(question: Question) -> list[str]:
    """Give each feature once for each of its others, with the part that lies there; a mere touch is no part.

    The others come one after the other, each with the features about it: so the database prepares the shape of each
    once, however many corners it has, and looks the features up in their own index.
    """
    box = "reach" if question.relation is Relation.DISTANCE else "zone"
    lies = _LIES_EACH.get(question.relation, _LIES_EACH[Relation.INTERSECTS])
    near = (
        "SELECT s.*, o.said ->> %(group_field)s AS oth, o.geom AS other, o.zone,"  # noqa: S608  (words of this file)
        " ST_Covers(o.zone, s.geom) AS is_whole FROM question_other o"
        f" CROSS JOIN LATERAL (SELECT * FROM s WHERE s.geom && o.{box} {_FENCE}) s {_FENCE}"
    )
    met = (
        "SELECT *, CASE WHEN NOT is_whole THEN ST_Intersection(geom, zone) END AS part FROM near"  # noqa: S608  (words of this file)
        f" WHERE {lies} {_FENCE}"
    )
    each = (
        "SELECT id, label, said, geom, m2, is_whole, part, NULL::geometry AS covered, 1 AS others,"
        " NULL::float8 AS away, coalesce(oth, '') AS oth FROM met"
        " WHERE is_whole OR ST_Dimension(part) >= least(ST_Dimension(geom), ST_Dimension(zone))"
    )
    steps = [f"near AS ({near})", f"met AS ({met})"]
    if question.is_filter:
        return [*steps, f"based AS ({each})"]
    others = (
        f"SELECT id, label, said, geom, m2, {_ALONE} FROM s"  # noqa: S608  (words of this file)
        " WHERE NOT EXISTS (SELECT FROM each_one e WHERE e.id = s.id)"
    )
    return [*steps, f"each_one AS ({each})", f"based AS (SELECT * FROM each_one UNION ALL {others})"]  # noqa: S608  (words of this file)


_ALONE: Final = (
    "true AS is_whole, NULL::geometry AS part, NULL::geometry AS covered, 0 AS others, NULL::float8 AS away, '' AS oth"
)
"""A feature that counts as a whole: `part` is null then, as nothing is cut, and its own area stands."""
_LIES: Final[Mapping[Relation | None, str]] = {
    Relation.INTERSECTS: "ST_Intersects(s.geom, o.geom)",
    Relation.WITHIN: "ST_Covers(o.geom, s.geom)",
    Relation.DISTANCE: "s.geom && o.reach AND ST_DWithin(s.geom::geography, o.geom::geography, %(distance)s)",
}
_LIES_EACH: Final[Mapping[Relation | None, str]] = {
    Relation.INTERSECTS: "(is_whole OR ST_Intersects(zone, geom))",
    Relation.WITHIN: "is_whole",
    Relation.DISTANCE: "ST_DWithin(geom::geography, other::geography, %(distance)s)",
}
# What of a feature lies in which area, looked up area by area as the others are. The areas' own shapes stay behind.
_LOTS: Final = f"""
SELECT id, area_id, area_label, is_inside, CASE WHEN NOT is_inside THEN ST_Dimension(geom) END AS wide,
    CASE WHEN NOT is_inside THEN ST_Intersection(geom, ground) END AS piece
FROM (
    SELECT s.id, s.geom, w.id AS area_id, w.label AS area_label, w.geom AS ground,
        ST_Covers(w.geom, s.geom) AS is_inside
    FROM question_area w CROSS JOIN LATERAL (SELECT id, geom FROM s WHERE s.geom && w.geom {_FENCE}) s {_FENCE}
) l WHERE is_inside OR ST_Intersects(ground, geom) {_FENCE}
"""  # noqa: S608  (words of this file)
# Part the features by the areas they lie in; what only touches an area has no part there.
_IN_AREAS: Final = f"""
SELECT * FROM (
    SELECT b.id, b.said, b.m2, b.is_whole AND l.is_inside AS is_whole, b.others, b.away, b.oth,
        l.area_id, l.area_label,
        CASE WHEN l.is_inside THEN b.part WHEN b.is_whole THEN l.piece
            ELSE ST_Intersection(b.part, l.piece) END AS part,
        CASE WHEN l.is_inside THEN b.covered ELSE ST_Intersection(b.covered, l.piece) END AS covered,
        CASE WHEN b.is_whole THEN l.wide ELSE ST_Dimension(b.part) END AS wide
    FROM based b JOIN lots l ON l.id = b.id
    WHERE l.is_inside OR b.is_whole OR ST_Intersects(b.part, l.piece) {_FENCE}
) p WHERE is_whole OR ST_Dimension(part) >= wide
"""  # noqa: S608  (words of this file)


def _nearest(question: Question) -> str:
    """The index knows degrees: of the nearest in these the nearest on the spheroid is taken."""
    near = "AND d.away <= %(distance)s" if question.distance_m else ""
    kept = "WHERE x.away IS NOT NULL" if question.is_filter else ""
    return (
        "SELECT s.*, true AS is_whole, NULL::geometry AS part, NULL::geometry AS covered,"  # noqa: S608  (words of this file)
        " (x.away IS NOT NULL)::int AS others, x.away, coalesce(x.label, '') AS oth"
        " FROM s LEFT JOIN LATERAL (SELECT d.away, d.label FROM ("
        " SELECT o.label, ST_Distance(o.geom::geography, s.geom::geography) AS away FROM question_other o"
        f" ORDER BY o.geom <-> s.geom LIMIT 12) d WHERE true {near} ORDER BY d.away LIMIT 1) x ON true {kept}"
    )


def _told(question: Question, table: str) -> str:
    """Add up by group, or tell each feature."""
    key, shape, joined = _KEYS[question.group]
    # Where others make the groups, what is told there of a feature lies in them.
    covered = f"CASE WHEN others > 0 THEN {_AREA} END" if question.group in _BY_OTHER else "ST_Area(covered::geography)"
    said = _SINGLE if question.group is Group.NONE else _FIGURES
    figures = ", ".join(said[measure].format(covered=covered) for measure in question.measures)
    if question.group is Group.NONE:
        return f"SELECT label, ST_AsBinary(geom), {figures} FROM {table} ORDER BY label, id LIMIT {MOST_ROWS + 1}"  # noqa: S608  (words of this file; what is asked are values)
    grouped = f"SELECT {key} AS label, {shape} AS shape, {figures} FROM {table} GROUP BY {joined}"  # noqa: S608  (words of this file; what is asked are values)
    return f"{grouped} ORDER BY 1 LIMIT {MOST_ROWS + 1}"


_KEYS: Final[Mapping[Group, tuple[str, str, str]]] = {
    Group.NONE: ("label", "geom", ""),
    Group.FIELD: ("coalesce(said ->> %(group_field)s, '')", "NULL::bytea", "1"),
    Group.OTHER_FIELD: ("oth", "NULL::bytea", "1"),
    Group.AREA: (
        "area_label",
        "(SELECT ST_AsBinary(w.geom) FROM question_area w WHERE w.id = area_id)",
        "area_label, area_id",
    ),
    Group.AREA_AND_OTHER_FIELD: ("area_label || ' · ' || oth", "NULL::bytea", "1"),
    Group.ALL: ("''", "NULL::bytea", "1"),
}
_VALUE: Final = "CASE WHEN jsonb_typeof(said -> %(field)s) = 'number' THEN (said ->> %(field)s)::float8 END"
_AREA: Final = "CASE WHEN is_whole THEN m2 ELSE ST_Area(part::geography) END"
# A feature that only in part lies in a group counts there with the part of its sum.
_PART: Final = f"CASE WHEN is_whole OR m2 = 0 THEN 1 ELSE {_AREA} / m2 END"
_FIGURES: Final[Mapping[Measure, str]] = {
    Measure.COUNT: "count(DISTINCT id)::float8",
    Measure.SUM: f"sum(({_VALUE}) * {_PART})",
    Measure.AREA: f"sum({_AREA})",
    Measure.COVERED: "coalesce(sum({covered}), 0)",
    Measure.SHARE: f"coalesce(sum({{covered}}), 0) / nullif(sum({_AREA}), 0)",
    Measure.OTHERS: "sum(others)::float8",
    Measure.DISTANCE: "avg(away)",
}
_SINGLE: Final[Mapping[Measure, str]] = {
    Measure.COUNT: "1::float8",
    Measure.SUM: _VALUE,
    Measure.AREA: _AREA,
    Measure.COVERED: "coalesce({covered}, 0)",
    Measure.SHARE: f"coalesce({{covered}}, 0) / nullif({_AREA}, 0)",
    Measure.OTHERS: "others::float8",
    Measure.DISTANCE: "away",
}
