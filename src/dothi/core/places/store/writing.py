"""The queries that record units and what became of them; what was known before stays, with an end."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from dothi.core.places import models
from dothi.core.places.rules import naming
from dothi.core.places.store.reading import BASE_MAP
from dothi.core.places.store.rows import days_of, geometry_of, moments_of, point_of, polygons_of
from dothi.core.places.types import AreaDraft, MapFeature, Period, ShareBasis, Succession

GAZETTEER: Final = "gazetteer"
SHAPES: Final = "shapes"
_SERIALISE: Final = "LOCK TABLE places_dataset IN EXCLUSIVE MODE"
_NEWEST: Final = "SELECT max(at) FROM (SELECT max(lower(recorded)) AS at FROM places_version) AS newest"
_END: Final = (
    "UPDATE places_version SET recorded = tstzrange(lower(recorded), %s) WHERE id = ANY(%s) AND upper_inf(recorded)"
)
_CONTENT: Final = (
    "area_id, level, code, name_vi, name_en, kind_vi, kind_en, folded, parent_id, legal_basis, dataset_id, shape,"
    " centre, is_illustrative, km2, stated_km2"
)
_COPY: Final = (
    f"INSERT INTO places_version ({_CONTENT}, valid, recorded)"  # noqa: S608  (constants)
    f" SELECT {_CONTENT}, %s, tstzrange(%s, NULL) FROM places_version WHERE id = %s"
)
_RESHAPE: Final = (
    "INSERT INTO places_version (area_id, level, code, name_vi, name_en, kind_vi, kind_en, folded, parent_id,"
    " legal_basis, dataset_id, shape, centre, stated_km2, is_illustrative, valid, recorded)"
    " SELECT area_id, level, code, name_vi, name_en, kind_vi, kind_en, folded, parent_id,"
    " CASE WHEN %s <> '' THEN %s ELSE legal_basis END, %s, ST_Multi(ST_GeomFromWKB(%s, 4326)), centre, stated_km2,"
    " FALSE, valid, tstzrange(%s, NULL) FROM places_version WHERE id = %s"
)
_MEASURE: Final = (
    "UPDATE places_version SET km2 = ST_Area(shape::geography) / 1000000"
    " WHERE dataset_id = %s AND shape IS NOT NULL AND km2 IS NULL"
)
_SHARES: Final = (
    "SELECT s.id, s.predecessor_id, s.successor_id, s.on, s.share, s.basis, s.legal_basis,"
    " ST_Area(ST_Intersection(p.shape, n.shape)) / ST_Area(p.shape) FROM places_succession s"
    " JOIN places_version p ON p.area_id = s.predecessor_id AND p.valid @> (s.on - 1) AND upper_inf(p.recorded)"
    " JOIN places_version n ON n.area_id = s.successor_id AND n.valid @> s.on AND upper_inf(n.recorded)"
    " WHERE upper_inf(s.recorded) AND s.basis <> 'whole' AND NOT p.is_illustrative AND NOT n.is_illustrative"
    " AND p.shape IS NOT NULL AND n.shape IS NOT NULL ORDER BY s.id"
)
_END_SUCCESSIONS: Final = (
    "UPDATE places_succession SET recorded = tstzrange(lower(recorded), %s) WHERE id = ANY(%s) AND upper_inf(recorded)"
)


class Measured(NamedTuple):
    """A succession by its row's id, as it is recorded, with the share that the shapes of both give."""

    id: int
    succession: Succession
    share: float


class Recorded(NamedTuple):
    """A succession as it is recorded, by its row's id."""

    id: int
    share: float
    basis: ShareBasis


def serialise() -> None:
    """Wait until no other transaction records anything of places; readers are not kept waiting."""
    with connection.cursor() as cursor:
        cursor.execute(_SERIALISE)


def find_newest() -> datetime | None:
    """Give the newest moment from which something is known, None where nothing is."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        [(at,)] = cursor.fetchall()
    return at if isinstance(at, datetime) else None


def has_dataset(kind: str, digest: str) -> bool:
    """Tell whether a source was taken in already, and is not replaced."""
    return models.Dataset.objects.filter(kind=kind, digest=digest, replaced_at__isnull=True).exists()


def add_dataset(
    kind: str,
    *,
    name: str,
    digest: str,
    at: datetime,
    who: str,
    licence: str = "",
    crs: str = "",
    counts: Mapping[str, int] | None = None,
) -> int:
    """Keep where rows come from; gives its id."""
    row = models.Dataset.objects.create(
        kind=kind,
        name=name,
        digest=digest,
        licence=licence,
        crs=crs,
        recorded_at=at,
        recorded_by=who,
        counts=dict(counts or {}),
    )
    return row.pk


def replace_datasets(kind: str, digests: Collection[str] | None, *, at: datetime) -> None:
    """Note that the datasets of a kind are replaced; None is for all of them."""
    rows = models.Dataset.objects.filter(kind=kind, replaced_at__isnull=True)
    if digests is not None:
        rows = rows.filter(digest__in=list(digests))
    rows.update(replaced_at=at)


def add_areas(levels: Sequence[int]) -> list[int]:
    """Make units, by their levels; gives their ids."""
    made = models.Area.objects.bulk_create([models.Area(level=level) for level in levels])
    return [area.pk for area in made]


def end_versions(version_ids: Collection[int], *, at: datetime) -> None:
    """Note that versions are no longer what is known."""
    if version_ids:
        with connection.cursor() as cursor:
            cursor.execute(_END, [at, list(version_ids)])


def copy_versions(copies: Iterable[tuple[int, Period]], *, at: datetime) -> None:
    """Record what versions say, by id, for other periods."""
    with connection.cursor() as cursor:
        cursor.executemany(_COPY, [(days_of(period), at, version_id) for version_id, period in copies])


def add_versions(drafts: Iterable[tuple[int, AreaDraft, int | None]], *, dataset_id: int, at: datetime) -> None:
    """Record what is said of units, as (unit, draft, unit it belongs to)."""
    rows = [
        models.Version(
            area_id=area_id,
            level=draft.level,
            code=draft.code,
            name_vi=draft.names.vi,
            name_en=draft.names.en,
            kind_vi=draft.kind.vi,
            kind_en=draft.kind.en,
            folded=naming.fold(f"{draft.kind.vi} {draft.names.vi}"),
            valid=days_of(draft.valid),
            recorded=moments_of(at),
            parent_id=parent_id,
            legal_basis=draft.legal_basis,
            dataset_id=dataset_id,
            shape=polygons_of(draft.shape),
            centre=point_of(draft.centre),
            stated_km2=draft.stated_km2,
            is_illustrative=draft.is_illustrative,
        )
        for area_id, draft, parent_id in drafts
    ]
    models.Version.objects.bulk_create(rows)


def reshape(shapes: Iterable[tuple[int, bytes]], *, dataset_id: int, legal_basis: str, at: datetime) -> None:
    """Record versions anew with other shapes, as (version, WKB in WGS 84), that are no longer illustrative."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _RESHAPE,
            [(legal_basis, legal_basis, dataset_id, shape, at, version_id) for version_id, shape in shapes],
        )


def measure(dataset_id: int) -> None:
    """Compute the areas of a dataset's shapes, on the ellipsoid."""
    with connection.cursor() as cursor:
        cursor.execute(_MEASURE, [dataset_id])


def add_successions(successions: Iterable[Succession], *, dataset_id: int, at: datetime) -> None:
    """Record what became of units."""
    models.Succession.objects.bulk_create(
        models.Succession(
            predecessor_id=each.predecessor_id,
            successor_id=each.successor_id,
            on=each.on,
            share=each.share,
            basis=each.basis.value,
            legal_basis=each.legal_basis,
            recorded=moments_of(at),
            dataset_id=dataset_id,
        )
        for each in successions
    )


def list_recorded_successions() -> dict[tuple[int, int, str], Recorded]:
    """Give the successions that are known now, by predecessor, successor and day."""
    rows = models.Succession.objects.filter(models.STILL_KNOWN)
    return {
        (row.predecessor_id, row.successor_id, row.on.isoformat()): Recorded(row.pk, row.share, ShareBasis(row.basis))
        for row in rows.order_by("id")
    }


def end_successions(ids: Collection[int], *, at: datetime) -> None:
    """Note that successions are no longer what is known."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_END_SUCCESSIONS, [at, list(ids)])


def list_measured() -> list[Measured]:
    """Measure, between shapes that are no illustrations, what shares of divided units went where."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARES)
        rows = cursor.fetchall()
    return [
        Measured(row_id, Succession(before, after, on, share, ShareBasis(basis), legal_basis), measured)
        for row_id, before, after, on, share, basis, legal_basis, measured in rows
    ]


def add_features(features: Iterable[MapFeature], *, dataset_id: int) -> None:
    """Keep the features of a base map."""
    rows = (
        models.MapFeature(
            dataset_id=dataset_id,
            kind=each.kind,
            rank=each.rank,
            name_vi=each.names.get("vi", ""),
            name_en=each.names.get("en", ""),
            ref=each.ref,
            shape=geometry_of(each.shape),
        )
        for each in features
    )
    models.MapFeature.objects.bulk_create(rows, batch_size=2000)


def drop_features_but(dataset_id: int) -> None:
    """Remove the features of base maps that are no longer drawn."""
    models.MapFeature.objects.filter(dataset__kind=BASE_MAP).exclude(dataset_id=dataset_id).delete()
