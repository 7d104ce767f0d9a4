"""What reads the features that a question is about, and the questions that are kept."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
import shapely
from django.db import connection

from dothi.core.places import models
from dothi.core.places.questions.rules import Statement
from dothi.core.places.questions.types import Kept, Measure, Piece, Question, Row, Used

TIMEOUT_MS: Final = 60_000
# What lies in what is looked up by lateral joins; a guess of few rows must not make of any other join a loop within a
# loop, and a penalised loop must not look worth compiling. A million features by id fit in this memory.
_SETTINGS: Final = {
    "statement_timeout": str(TIMEOUT_MS),
    "enable_nestloop": "off",
    "jit": "off",
    "work_mem": "64MB",
}
_LAYER: Final = (
    "SELECT fid AS id, label, attributes AS said, geom, area_m2 AS m2 FROM places_feature"
    " WHERE layer_id = %({p}layer)s AND since <= %({p}revision)s AND (until IS NULL OR until > %({p}revision)s)"
)
_AREAS: Final = (
    "SELECT area_id AS id, CASE WHEN %({p}language)s = 'vi' THEN kind_vi || ' ' || name_vi"
    " ELSE name_en || ' ' || kind_en END AS label,"
    " jsonb_build_object('code', code, 'name', name_vi, 'kind', kind_vi, 'km2', km2) AS said, shape AS geom,"
    " ST_Area(shape::geography) AS m2"
    " FROM places_version WHERE level = %({p}level)s AND valid @> %({p}on)s::date AND upper_inf(recorded)"
    " AND NOT isempty(recorded) AND shape IS NOT NULL"
)
_GIVEN: Final = (
    "SELECT id, label, said, geom, ST_Area(geom::geography) AS m2"
    " FROM (SELECT id, label, said, ST_GeomFromWKB(shape, 4326) AS geom"
    " FROM unnest(%({p}ids)s::bigint[], %({p}labels)s::text[], %({p}said)s::jsonb[], %({p}shapes)s::bytea[])"
    " AS given(id, label, said, shape)) given"
)
_ZONE: Final = "ST_Buffer(geom::geography, %(distance)s, 'quad_segs=32')::geometry"
_MAKE_OTHER: Final = (
    "CREATE TEMPORARY TABLE question_other ON COMMIT DROP AS SELECT id, label, said, geom, {zone} AS zone,"
    " {reach} AS reach FROM ({sql}) told"
)
_MAKE_AREA: Final = "CREATE TEMPORARY TABLE question_area ON COMMIT DROP AS SELECT id, label, geom FROM ({sql}) told"
# A little wider than the distance, as the box is to leave out nothing that is measured afterwards.
_REACH: Final = "ST_Envelope(ST_Buffer(geom::geography, %(distance)s * 1.01 + 1)::geometry)"


def layer_features(layer_id: int, revision: int, *, prefix: str) -> Statement:
    """Give the features of a layer's revision as a statement; its values are named with a prefix."""
    values = {f"{prefix}layer": layer_id, f"{prefix}revision": revision}
    return Statement(_LAYER.format(p=prefix), values)


def area_features(level: int, on: date, *, language: str, prefix: str) -> Statement:
    """Give the units of a level and day as a statement."""
    values = {f"{prefix}level": level, f"{prefix}on": on, f"{prefix}language": language}
    return Statement(_AREAS.format(p=prefix), values)


def given_features(piece: Piece, *, prefix: str) -> Statement:
    """Give features that a package above hands over as a statement."""
    said = [json.dumps(each, ensure_ascii=False) for each in piece.attributes]
    values = {f"{prefix}ids": piece.ids, f"{prefix}labels": piece.labels, f"{prefix}said": said}
    return Statement(_GIVEN.format(p=prefix), values | {f"{prefix}shapes": piece.shapes})


def narrowed(features: Statement, where: Statement) -> Statement:
    """Give those features that meet conditions."""
    if where.sql == "true":
        return features
    return Statement(f"SELECT * FROM ({features.sql}) told WHERE {where.sql}", features.values | where.values)  # noqa: S608  (words of this file; what is asked are values)


def answer(
    asked: Statement,
    *,
    other: Statement | None,
    areas: Statement | None,
    distance_m: float,
    measures: Sequence[Measure],
) -> list[Row]:
    """Read the rows of an answer, inside the caller's transaction; others and areas wait in tables of that alone."""
    with connection.cursor() as cursor:
        for name, value in _SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.question_other, pg_temp.question_area")
        if other is not None:
            _make_other(cursor, other, distance_m)
        if areas is not None:
            cursor.execute(_MAKE_AREA.format(sql=areas.sql), areas.values)
            cursor.execute("CREATE INDEX ON question_area USING gist (geom)")
            cursor.execute("ANALYZE question_area")
        cursor.execute(asked.sql, asked.values)
        return [_row(row, measures) for row in cursor.fetchall()]


def _make_other(cursor: Any, other: Statement, distance_m: float) -> None:  # noqa: ANN401  (Django's cursors have no type)
    zone, reach = (_ZONE, _REACH) if distance_m else ("geom", "geom")
    cursor.execute(_MAKE_OTHER.format(sql=other.sql, zone=zone, reach=reach), other.values | {"distance": distance_m})
    cursor.execute("CREATE INDEX ON question_other USING gist (geom)")
    if distance_m:
        cursor.execute("CREATE INDEX ON question_other USING gist (reach)")
    cursor.execute("ANALYZE question_other")


def _row(row: tuple[Any, ...], measures: Sequence[Measure]) -> Row:
    label, shape, *figures = row
    told = {
        measure.value: None if value is None else float(value) for measure, value in zip(measures, figures, strict=True)
    }
    return Row(label, told, None if shape is None else shapely.from_wkb(bytes(shape)))


def list_kept() -> list[Kept]:
    """List the questions that are kept, by name."""
    return [_kept(row) for row in models.Question.objects.order_by("name", "id")]


def find_kept(question_id: int) -> Kept | None:
    """Give a kept question, or None."""
    row = models.Question.objects.filter(id=question_id).first()
    return None if row is None else _kept(row)


def keep(name: str, question: Question, *, who: str, at: datetime) -> int:
    """Keep a question; one of the same name becomes this one. Gives its id."""
    asked = msgspec.to_builtins(question)
    row, _ = models.Question.objects.update_or_create(
        name=name, defaults={"asked": asked, "kept_by": who, "kept_at": at, "used": [], "answered_at": None}
    )
    return int(row.pk)


def note_answer(question_id: int, used: Sequence[Used], *, at: datetime) -> None:
    """Note what the last answer of a kept question rests on."""
    models.Question.objects.filter(id=question_id).update(used=msgspec.to_builtins(used), answered_at=at)


def drop(question_id: int) -> None:
    """Keep a question no longer."""
    models.Question.objects.filter(id=question_id).delete()


def _kept(row: models.Question) -> Kept:
    return Kept(
        id=row.pk,
        name=row.name,
        question=msgspec.convert(row.asked, Question),
        kept_by=row.kept_by,
        kept_at=row.kept_at,
        used=msgspec.convert(row.used, tuple[Used, ...]),
        answered_at=row.answered_at,
    )
