"""A million parcels with names in a layer of their own, zoning beside them, and the questions that are put to both."""

import random
from typing import Any, Final

import psycopg

PARCELS: Final = "parcels"
WEST: Final = 106.56
SOUTH: Final = 10.95
STEP: Final = 0.0002
"""Degrees from one parcel to the next: some 22 m."""
ROWS: Final = 1000
STREETS: Final = 4_000
ZONES_A_SIDE: Final = 45
# fmt: off
SYLLABLES: Final = (
    "Nguyễn", "Văn", "Trần", "Lê", "Hoàng", "Phú", "Lợi", "Dĩ", "An", "Thuận", "Thủ", "Dầu", "Một", "Bến", "Cát",
    "Tân", "Uyên", "Mỹ", "Phước", "Hòa", "Bình", "Dương", "Hùng", "Vương", "Lý", "Thường", "Kiệt", "Hai", "Bà",
    "Trưng", "Quang", "Cách", "Mạng", "Tháng", "Tám", "Bạch", "Đằng", "Võ", "Thị", "Sáu", "Khởi", "Lạc", "Long",
    "Quân", "Âu", "Cơ", "Tôn", "Đức", "Thắng",
)
# fmt: on
_LAYER: Final = (
    "INSERT INTO places_layer (slug, name_vi, name_en, role, owner, licence, visibility, description, fields,"
    " key_field, label_field, style, published, created_at, created_by)"
    " VALUES (%s, %s, %s, %s, '', '', 'public', '', %s, '', '', '{}', 0, now(), 'bench') RETURNING id"
)
_REVISION: Final = (
    "INSERT INTO places_revision (layer_id, number, kind, state, base, source, format, digest, crs, licence, note,"
    " fields, counts, remarks, made_at, made_by, reviewed_by, published_by)"
    " VALUES (%s, 1, 'import', 'reviewed', 0, 'bench', '',"
    " '', '', '', '', %s, '{}', '[]', now(), 'bench', '', '')"
)
# A parcel is turned and bent a little, so that no two are alike; one in fifty lies over the line of a zone.
_PARCELS: Final = """
INSERT INTO {table} (layer_id, fid, since, key, label, folded, digest, attributes, geom)
SELECT {layer}, n, 1, n::text, label, places_fold(label), '',
    jsonb_build_object('so_thua', n % 2000, 'so_to', n / 2000, 'loai', (ARRAY['ODT', 'LUA', 'CLN', 'SKC'])[1 + n % 4],
        'dien_tich', 300 + n % 97),
    ST_MakePolygon(ST_MakeLine(ARRAY[
        ST_SetSRID(ST_MakePoint(x, y), 4326), ST_SetSRID(ST_MakePoint(x + d, y + b), 4326),
        ST_SetSRID(ST_MakePoint(x + d - b, y + d), 4326), ST_SetSRID(ST_MakePoint(x + d / 2, y + d + b), 4326),
        ST_SetSRID(ST_MakePoint(x, y + d - b), 4326), ST_SetSRID(ST_MakePoint(x, y), 4326)]))
FROM (
    SELECT n, {west} + (n % {rows}) * {step} AS x, {south} + (n / {rows}) * {step} AS y,
        {step} * 0.92 AS d, {step} * 0.004 * (n % 7) AS b,
        'Thửa ' || n % 2000 || ' tờ ' || n / 2000 || ', ' || s.name AS label
    FROM generate_series(0, {count} - 1) n JOIN bench_street s ON s.id = (n::bigint * 7919) % {streets}
) p
"""
_ZONES: Final = """
INSERT INTO {table} (layer_id, fid, since, key, label, folded, digest, attributes, geom)
SELECT {layer}, 2000000 + i * {side} + j, 1, i || '-' || j, 'Khu ' || i || '-' || j, 'khu ' || i || ' ' || j,
    '',
    jsonb_build_object('code', (ARRAY['R1', 'R2', 'I', 'C', 'G', 'P'])[1 + (i * 7 + j) % 6]),
    ST_MakeEnvelope({west} + i * w, {south} + j * w, {west} + (i + 1) * w, {south} + (j + 1) * w, 4326)
FROM generate_series(0, {side} - 1) i, generate_series(0, {side} - 1) j,
    (SELECT {step} * {rows} / {side}::float8 AS w) z
"""


def seed(connection: psycopg.Connection[Any], *, parcels: int) -> None:
    """Put both layers in, each with one revision that only waits to be published."""
    rnd = random.Random(8)
    names = [" ".join(rnd.sample(SYLLABLES, rnd.choice([2, 3, 4]))) for _ in range(STREETS)]
    connection.execute("CREATE TABLE IF NOT EXISTS bench_street (id int PRIMARY KEY, name text)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench_street VALUES (%s, %s)", [(n, f"Đường {name}") for n, name in enumerate(names)]
        )
    shape = {"west": WEST, "south": SOUTH, "step": STEP, "rows": ROWS, "streets": STREETS, "count": parcels}
    numbers = '[{"name": "so_thua", "type": "integer"}, {"name": "so_to", "type": "integer"},'
    fields = numbers + ' {"name": "loai", "type": "text"}, {"name": "dien_tich", "type": "number"}]'
    _put(connection, PARCELS, "parcels", fields, _PARCELS, shape)
    _put(connection, "zoning", "zoning", '[{"name": "code", "type": "text"}]', _ZONES, shape | {"side": ZONES_A_SIDE})


def _put(
    connection: psycopg.Connection[Any], slug: str, role: str, fields: str, statement: str, shape: dict[str, Any]
) -> None:
    [(layer,)] = connection.execute(_LAYER, [slug, slug, slug, role, fields]).fetchall()
    connection.execute(_REVISION, [layer, fields])
    table = f"places_feature_{layer}"
    connection.execute(f"CREATE TABLE {table} (LIKE places_feature INCLUDING CONSTRAINTS INCLUDING GENERATED)")
    connection.execute(statement.format(table=table, layer=layer, **shape))
    connection.execute("SET maintenance_work_mem = '256MB'")
    connection.execute(f"ALTER TABLE places_feature ATTACH PARTITION {table} FOR VALUES IN ({layer})")
    connection.execute(f"ANALYZE {table}")


def places(count: int, *, seed_number: int) -> list[tuple[float, float]]:
    """Give points that lie among the parcels."""
    rnd = random.Random(seed_number)
    side = STEP * ROWS
    return [(WEST + rnd.random() * side, SOUTH + rnd.random() * side) for _ in range(count)]


def typed(count: int, *, seed_number: int) -> list[str]:
    """Give what people type: whole names and beginnings, without marks, a third of them misspelt."""
    rnd = random.Random(seed_number)
    made = []
    for number in range(count):
        words = ["thua", str(rnd.randrange(2000)), "to", str(rnd.randrange(500))]
        street = rnd.sample(SYLLABLES, 2)
        text = rnd.choice([" ".join(words), " ".join(street), f"duong {' '.join(street)}", street[0]])
        if number % 3 == 0 and len(text) > 5:
            at = rnd.randrange(1, len(text) - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        made.append(text)
    return made
