"""The city that both servers hold: 6,000 Things, 5 Datastreams each, and a month of Observations, by COPY."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psycopg

from bench._sensorthings_servers import Server
from dothi.core.observations.partitions import Partitions

THINGS: Final = 6_000
NAMES: Final = ("power", "energy", "voltage", "light level", "temperature")
STREAMS: Final = THINGS * len(NAMES)
DAYS: Final = 30
DAY_MINUTES: Final = 1440
MONTH: Final = DAYS * DAY_MINUTES
_POSTGRES_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"

_DOTHI_THINGS: Final = """
INSERT INTO observations_sensor (id, name, description, encoding_type, metadata)
    VALUES (1, 'bench', 'bench', 'text/plain', '"bench"');
INSERT INTO observations_observedproperty (id, name, description, definition)
    SELECT n, name, '', 'urn:bench:' || n FROM unnest({names}) WITH ORDINALITY p(name, n);
INSERT INTO observations_thing (id, name, description, properties, department, is_public)
    SELECT n, 'Lamp ' || n, 'a lamp', {properties}, '', true FROM generate_series(1, {things}) n;
INSERT INTO observations_location (id, name, description, encoding_type, location, geom)
    SELECT n, 'Place ' || n, '', 'application/geo+json', {point}::jsonb, ST_GeomFromGeoJSON({point})
    FROM generate_series(1, {things}) n;
INSERT INTO observations_thing_location (thing_id, location_id) SELECT n, n FROM generate_series(1, {things}) n;
INSERT INTO observations_featureofinterest (id, name, description, encoding_type, feature, geom, location_id)
    SELECT id, name, description, encoding_type, location, geom, id FROM observations_location;
INSERT INTO observations_datastream (id, name, description, observation_type, unit, is_multi, sensor_id,
        observed_property_id, thing_id)
    SELECT (s.n - 1) * {things} + t.n, s.name, '',
        'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement',
        '{{"name": "watt", "symbol": "W", "definition": "ucum:W"}}', false, 1, s.n, t.n
    FROM generate_series(1, {things}) t(n), unnest({names}) WITH ORDINALITY s(name, n);
INSERT INTO observations_latest (datastream_id, stored, default_feature_id)
    SELECT id, 0, thing_id FROM observations_datastream;
ANALYZE;
"""
_FROST_THINGS: Final = """
INSERT INTO "SENSORS" ("ID", "NAME", "DESCRIPTION", "ENCODING_TYPE", "METADATA")
    VALUES (1, 'bench', 'bench', 'text/plain', 'bench');
INSERT INTO "OBS_PROPERTIES" ("ID", "NAME", "DESCRIPTION", "DEFINITION")
    SELECT n, name, '', 'urn:bench:' || n FROM unnest({names}) WITH ORDINALITY p(name, n);
INSERT INTO "THINGS" ("ID", "NAME", "DESCRIPTION", "PROPERTIES")
    SELECT n, 'Lamp ' || n, 'a lamp', {properties} FROM generate_series(1, {things}) n;
INSERT INTO "FEATURES" ("ID", "NAME", "DESCRIPTION", "ENCODING_TYPE", "FEATURE", "GEOM")
    SELECT n, 'Place ' || n, '', 'application/geo+json', {point}, ST_GeomFromGeoJSON({point})
    FROM generate_series(1, {things}) n;
INSERT INTO "LOCATIONS" ("ID", "NAME", "DESCRIPTION", "ENCODING_TYPE", "LOCATION", "GEOM", "GEN_FOI_ID")
    SELECT "ID", "NAME", "DESCRIPTION", "ENCODING_TYPE", "FEATURE", "GEOM", "ID" FROM "FEATURES";
INSERT INTO "THINGS_LOCATIONS" ("THING_ID", "LOCATION_ID") SELECT n, n FROM generate_series(1, {things}) n;
INSERT INTO "DATASTREAMS" ("ID", "NAME", "DESCRIPTION", "OBSERVATION_TYPE", "UNIT_NAME", "UNIT_SYMBOL",
        "UNIT_DEFINITION", "SENSOR_ID", "OBS_PROPERTY_ID", "THING_ID")
    SELECT (s.n - 1) * {things} + t.n, s.name, '',
        'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement', 'watt', 'W', 'ucum:W', 1, s.n, t.n
    FROM generate_series(1, {things}) t(n), unnest({names}) WITH ORDINALITY s(name, n);
ANALYZE;
"""
_PROPERTIES: Final = (
    "jsonb_build_object('kind', 'Bench', 'serial', 'BD-L-' || n, 'rated_power_w', 98,"
    " 'street', 'street-' || n % 100, 'public', true)"
)
_POINT: Final = (
    ("""('{{"type":"Point","coordinates":[' || 106.6 + n % 80 * 0.001 || ',' || 11 + n / 80 * 0.001 || ']}}')""")
    .replace("{{", "{")
    .replace("}}", "}")
)

_DOTHI_LATEST: Final = """
UPDATE observations_latest l SET
    observation_id = o.id, phenomenon_time = o.phenomenon_time, result = o.result, quality = o.quality,
    feature_id = o.feature_id, first_time = f.phenomenon_time, last_end = o.phenomenon_time, stored = s.stored
FROM observations_datastream d
CROSS JOIN LATERAL (
    SELECT * FROM observations_observation WHERE datastream_id = d.id ORDER BY phenomenon_time DESC LIMIT 1
) o
CROSS JOIN LATERAL (
    SELECT phenomenon_time FROM observations_observation WHERE datastream_id = d.id ORDER BY phenomenon_time LIMIT 1
) f
JOIN (SELECT datastream_id, count(*) AS stored FROM observations_observation GROUP BY 1) s ON s.datastream_id = d.id
WHERE l.datastream_id = d.id
"""
_FROST_LATEST: Final = """
UPDATE "DATASTREAMS" d SET "PHENOMENON_TIME_START" = o.first, "PHENOMENON_TIME_END" = o.last,
    "LAST_FOI_ID" = d."THING_ID", "OBSERVED_AREA" = f."GEOM"
FROM (
    SELECT "DATASTREAM_ID" AS id, min("PHENOMENON_TIME_START") AS first, max("PHENOMENON_TIME_START") AS last
    FROM "OBSERVATIONS" GROUP BY 1
) o, "FEATURES" f WHERE o.id = d."ID" AND f."ID" = d."THING_ID"
"""
_FROST_INDEX: Final = (
    'CREATE INDEX IF NOT EXISTS "OBS-DS_ID-PHTIME_SE-O_ID" ON "OBSERVATIONS" ("DATASTREAM_ID",'
    ' "PHENOMENON_TIME_START", "PHENOMENON_TIME_END", "ID") WHERE "DATASTREAM_ID" IS NOT NULL'
)
"""What FROST's guide to performance adds for Observations in the order of time; it does not come by itself."""


def _row_type(columns: tuple[tuple[str, str], ...]) -> np.dtype[Any]:
    """Give the layout of a row of the binary COPY: before each value its length."""
    return np.dtype(
        [("n", ">i2"), *(pair for name, form in columns for pair in ((f"{name} length", ">i4"), (name, form)))]
    )


_DOTHI_COLUMNS: Final = (
    ("id", ">i8"), ("datastream_id", ">i8"), ("phenomenon_time", ">i8"), ("fingerprint", ">i8"), ("result", ">f8"),
    ("feature_id", ">i8"),
)  # fmt: skip
_FROST_COLUMNS: Final = (
    ("ID", ">i8"), ("DATASTREAM_ID", ">i8"), ("PHENOMENON_TIME_START", ">i8"), ("RESULT_TYPE", ">i2"),
    ("RESULT_NUMBER", ">f8"), ("FEATURE_ID", ">i8"), ("RESULT_STRING", "S5"), ("PHENOMENON_TIME_END", ">i8"),
)  # fmt: skip


@dataclass(frozen=True)
class City:
    """The month of Observations: `total` of them, the last just before `end`, which is a midnight of UTC.

    Of the first `drawn` Datastreams there is one each minute; of all others as many as make up the total, spread over
    the month. They come in the order of time, as they do in a city.
    """

    end: datetime
    total: int

    @property
    def drawn(self) -> int:
        """How many Datastreams have one each minute."""
        return max(1, min(40, self.total // 400_000))

    @property
    def begin(self) -> datetime:
        """The first moment."""
        return self.end - timedelta(days=DAYS)

    def parts(self, first: int, until: int) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]]:
        """Give numbers (from 1), Datastreams and minutes of those after number `first`, to `until`, by parts."""
        others = np.linspace(0, self.total - self.drawn * MONTH, MONTH + 1).astype(np.int64)
        ends = others + np.arange(MONTH + 1) * self.drawn
        minute = int(np.searchsorted(ends, first, side="right")) - 1
        while first < until:
            stop = max(int(np.searchsorted(ends, min(until, first + 1_000_000), side="right")) - 1, minute + 1)
            minutes = np.repeat(np.arange(minute, stop), np.diff(ends[minute : stop + 1]))
            place = np.arange(ends[minute], ends[stop]) - ends[minutes]
            rest = others[minutes] + place - self.drawn
            streams = np.where(place < self.drawn, place + 1, self.drawn + 1 + rest % (STREAMS - self.drawn))
            yield np.arange(ends[minute] + 1, ends[stop] + 1), streams, minutes
            first, minute = int(ends[stop]), stop


def make_things(server: Server) -> None:
    """Make the Things with their places and Datastreams, ids from 1."""
    names = "ARRAY[" + ", ".join(f"'{name}'" for name in NAMES) + "]"
    text = (_DOTHI_THINGS if server.dothi else _FROST_THINGS).format(
        names=names, things=THINGS, properties=_PROPERTIES, point=_POINT
    )
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        for statement in text.split(";\n")[:-1]:
            connection.execute(statement)


def fill(server: Server, city: City, *, stored: int, until: int) -> int:
    """Bring the month from `stored` Observations to about `until`, to a whole minute; gives how many there are."""
    return _fill_dothi(server, city, stored, until) if server.dothi else _fill_frost(server, city, stored, until)


def _fill_dothi(server: Server, city: City, stored: int, until: int) -> int:
    days = [city.begin + timedelta(days=number) for number in range(DAYS + 2)]
    asyncio.run(_make_partitions(server.database_url, days))
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        for numbers, streams, minutes in city.parts(stored, until):
            values = _values(numbers)
            given = {"id": numbers, "datastream_id": streams, "phenomenon_time": _micros(city, minutes, numbers)}
            given |= {"fingerprint": values.view(np.int64), "result": values, "feature_id": _thing_of(streams)}
            _copy(connection, "observations_observation", _DOTHI_COLUMNS, given)
            stored = int(numbers[-1])
        connection.execute("SELECT setval('observations_observation_id', %s)", [stored // 1000 * 1000 + 1001])
        connection.execute(_DOTHI_LATEST)
        connection.execute("VACUUM (ANALYZE) observations_latest")
        tables = connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent ="
                                    " 'observations_observation'::regclass").fetchall()  # fmt: skip
        for (table,) in tables:
            connection.execute(f"VACUUM (ANALYZE) {table}")
        connection.execute("ANALYZE observations_observation")
        connection.execute("CHECKPOINT") if _may_checkpoint(connection) else None
    return stored


async def _make_partitions(url: str, days: list[datetime]) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await Partitions().ensure(connection, days, now=datetime.now(UTC))


def _may_checkpoint(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')").fetchone()
    return bool(row and row[0])


def _fill_frost(server: Server, city: City, stored: int, until: int) -> int:
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        # Its row triggers and foreign keys would make this a matter of hours; what they do is done below, at once.
        connection.execute("SET session_replication_role = replica")
        for numbers, streams, minutes in city.parts(stored, until):
            values = _values(numbers)
            times = _micros(city, minutes, numbers)
            given = {"ID": numbers, "DATASTREAM_ID": streams, "PHENOMENON_TIME_START": times}
            given |= {"PHENOMENON_TIME_END": times}  # an instant, as FROST-Server itself stores it
            given |= {"RESULT_TYPE": np.zeros(len(numbers), np.int16), "RESULT_NUMBER": values}
            given |= {"FEATURE_ID": _thing_of(streams), "RESULT_STRING": np.char.mod(b"%05.2f", values)}
            _copy(connection, '"OBSERVATIONS"', _FROST_COLUMNS, given)
            stored = int(numbers[-1])
        connection.execute("SET session_replication_role = DEFAULT")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(_FROST_INDEX)
        connection.execute(_FROST_LATEST)
        for table in ("OBSERVATIONS", "DATASTREAMS", "THINGS", "FEATURES", "LOCATIONS", "SENSORS", "OBS_PROPERTIES"):
            connection.execute(
                f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'ID'), max("ID")) FROM "{table}\""""
            )
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return stored


def _values(numbers: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Give the results: two digits before the point and two after it, spread evenly from 10 to 99.99."""
    values: npt.NDArray[np.float64] = (1000 + numbers * 7919 % 9000) / 100
    return values


def _thing_of(streams: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return (streams - 1) % THINGS + 1


def _micros(city: City, minutes: npt.NDArray[Any], numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give times as PostgreSQL stores them; a lamp's second and part of it within the minute are its own."""
    start = (city.begin - _POSTGRES_EPOCH) // timedelta(microseconds=1)
    times: npt.NDArray[Any] = start + minutes * 60_000_000 + numbers % 59 * 1_000_000
    return times


def _copy(
    connection: psycopg.Connection[Any], table: str, columns: tuple[tuple[str, str], ...], given: dict[str, Any]
) -> None:
    layout = _row_type(columns)
    rows = np.zeros(len(next(iter(given.values()))), layout)
    rows["n"] = len(columns)
    for name, form in columns:
        rows[f"{name} length"] = np.dtype(form).itemsize
        rows[name] = given[name]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as into:
        into.write(_SIGNATURE + rows.tobytes() + _END)
