"""Files go into the record once and whole; what can't be used is said line by line."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.importing import files, service, store
from dothi.core.observations.importing.mapping import parse_mapping
from dothi.core.observations.importing.types import Bad, Tally
from dothi.core.observations.partitions import Partitions
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, Unavailable

AIR = Path("../shared/data/air/healthyair_hcmc_to_2022-02.csv")
AIR_MAPPING = Path("docs/guides/mappings/healthyair.toml")

WIDE = """
source = "test"
missing = ["", "NA"]
[csv]
delimiter = ";"
decimal = ","
[time]
column = "ngày"
format = "%d-%m-%Y %H:%M"
zone = "Europe/Berlin"
[thing]
column = "trạm"
name = "Trạm {key}"
kind = "AirStation"
[sensor]
name = "Máy đo"
[[things]]
key = "A"
name = "Chợ"
lon = 106.65
lat = 10.98
[[datastreams]]
column = "PM2.5"
unit = { name = "microgram per cubic metre", symbol = "µg/m³" }
observed_property = { name = "PM2.5", definition = "urn:test:pm25" }
[[datastreams]]
column = "NO2"
observed_property = { name = "NO2", definition = "urn:test:no2" }
"""
WIDE_FILE = """trạm;ngày;PM2.5;NO2
A;01-06-2021 10:00;1,5;7
A;01-06-2021 11:00;2,5;NA
B;01-06-2021 10:00;3,5;

A;31-10-2021 02:30;1;1
A;28-03-2021 02:30;1;1
A;01-06-2021 12:00;x;8
A;01-06-2021
;01-06-2021 10:00;1;1
A;01-06-0099 10:00;1;1
A;01-06-2021 13:00;9;9
"""
LONG = """
source = "test"
[time]
columns = ["day", "hour"]
format = "%Y-%m-%d %H"
zone = "UTC"
lasts_s = 3600
[thing]
key = "pump"
[sensor]
name = "meter"
[long]
property = "what"
value = "value"
[[datastreams]]
code = "flow"
observed_property = { name = "Flow", definition = "urn:test:flow" }
[[datastreams]]
code = "valve"
kind = "text"
observed_property = { name = "Valve", definition = "urn:test:valve" }
"""
LONG_FILE = """day,hour,what,value
2021-01-01,0,flow,1.5
2021-01-01,0,valve,open
2021-01-01,1,flow,2.5
2021-01-01,1,noise,3
2021-01-01,0,flow,1.5
2021-01-01,0,flow,9.5
"""


@dataclass
class Run:
    """What an import said."""

    tally: Tally = field(default_factory=Tally)
    bad: list[Bad] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)


@pytest.fixture(autouse=True)
def emptied(database_url: str) -> Iterator[None]:
    yield
    with django_connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_import")


async def run(url: str, path: Path, mapping: str | None, *, dry_run: bool = False, actor: Actor = SYSTEM) -> Run:
    found = Run()
    found.tally = await service.import_file(
        actor,
        url,
        path,
        mapping=None if mapping is None else parse_mapping(mapping),
        report=found.bad.append,
        progress=found.progress.append,
        dry_run=dry_run,
    )
    return found


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SET timezone = 'UTC'")
        return await (await connection.execute(query)).fetchall()


def write(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.skipif(not AIR.exists(), reason="the real record ../shared/data/air is not there")
async def test_the_real_record_goes_in_once(database_url: str) -> None:
    mapping = AIR_MAPPING.read_text("utf-8")
    first = await run(database_url, AIR, mapping)
    again = await run(database_url, AIR, mapping)
    assert first.bad == again.bad == []
    assert (first.tally.read, first.tally.added, first.tally.conflicting) == (287_822, 287_822, 0)
    assert (first.tally.things, first.tally.datastreams) == (6, 48)
    assert (again.tally.added, again.tally.present) == (0, 287_822)
    assert (again.tally.things, again.tally.datastreams) == (0, 0)
    [row] = await ask(
        database_url,
        "SELECT count(*), count(DISTINCT (datastream_id, phenomenon_time)),"
        " to_char(min(phenomenon_time), 'YYYY-MM-DD HH24'), to_char(max(phenomenon_time), 'YYYY-MM-DD HH24')"
        " FROM observations_observation",
    )
    assert row == (287_822, 287_822, "2021-02-23 14", "2022-02-28 16")
    assert await ask(database_url, "SELECT sum(stored) FROM observations_latest") == [(287_822,)]


@pytest.mark.parametrize("name", ["file.csv", "file.csv.gz"])
async def test_a_wide_file_with_everything_that_goes_wrong(database_url: str, tmp_path: Path, name: str) -> None:
    found = await run(database_url, write(tmp_path, WIDE_FILE, name), WIDE)
    assert sorted((bad.line, bad.column, bad.value) for bad in found.bad) == [
        (6, "ngày", "31-10-2021 02:30"),
        (7, "ngày", "28-03-2021 02:30"),
        (8, "PM2.5", "x"),
        (9, "", "A;01-06-2021"),
        (10, "trạm", ""),
        (11, "ngày", "01-06-0099 10:00"),
    ]
    assert (found.tally.read, found.tally.added, found.tally.bad) == (7, 7, 6)
    rows = await ask(
        database_url,
        "SELECT t.name, d.name, to_char(o.phenomenon_time, 'DD HH24:MI'), o.result FROM observations_observation o"
        " JOIN observations_datastream d ON d.id = o.datastream_id JOIN observations_thing t ON t.id = d.thing_id"
        " ORDER BY 1, 2, 3",
    )
    assert rows == [
        ("Chợ", "NO2", "01 08:00", 7), ("Chợ", "NO2", "01 10:00", 8), ("Chợ", "NO2", "01 11:00", 9),
        ("Chợ", "PM2.5", "01 08:00", 1.5), ("Chợ", "PM2.5", "01 09:00", 2.5), ("Chợ", "PM2.5", "01 11:00", 9),
        ("Trạm B", "PM2.5", "01 08:00", 3.5),
    ]  # fmt: skip
    things = await ask(
        database_url,
        "SELECT t.name, t.properties ->> 'kind', t.is_public, ST_X(l.geom) FROM observations_thing t"
        " LEFT JOIN observations_thing_location tl ON tl.thing_id = t.id"
        " LEFT JOIN observations_location l ON l.id = tl.location_id ORDER BY 1",
    )
    assert things == [("Chợ", "AirStation", False, 106.65), ("Trạm B", "AirStation", False, None)]
    assert await ask(database_url, "SELECT count(*) FROM observations_sensor") == [(1,)]
    features = await ask(
        database_url,
        "SELECT DISTINCT t.name, f.name, l.feature_id = f.id FROM observations_observation o"
        " JOIN observations_datastream d ON d.id = o.datastream_id JOIN observations_thing t ON t.id = d.thing_id"
        " JOIN observations_latest l ON l.datastream_id = d.id"
        " LEFT JOIN observations_featureofinterest f ON f.id = o.feature_id ORDER BY 1",
    )
    assert features == [("Chợ", "Chợ", True), ("Trạm B", None, None)]


async def test_a_long_file_of_numbers_and_texts(database_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, LONG_FILE)
    found = await run(database_url, path, LONG)
    assert [(bad.line, bad.column, bad.value) for bad in found.bad] == [(5, "what", "noise")]
    assert (found.tally.added, found.tally.present) == (4, 1)
    rows = await ask(
        database_url,
        "SELECT to_char(phenomenon_time, 'HH24'), to_char(phenomenon_end, 'HH24'), result, result_json #>> '{}',"
        " conflicting FROM observations_observation ORDER BY 1, id",
    )
    assert sorted(rows, key=str) == sorted(
        [
            ("00", "01", 1.5, None, False),
            ("00", "01", None, "open", False),
            ("00", "01", 9.5, None, True),
            ("01", "02", 2.5, None, False),
        ],
        key=str,
    )
    again = await run(database_url, path, LONG)
    assert (again.tally.added, again.tally.present) == (0, 5)


async def test_values_are_put_to_the_tests_of_their_datastream(database_url: str, tmp_path: Path) -> None:
    await run(database_url, write(tmp_path, WIDE_FILE), WIDE)
    configured = '{"qartod": {"gross_range_test": {"fail_span": [0, 50], "suspect_span": [0, 20]}}}'
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("UPDATE observations_observedproperty SET properties = %s", [configured])
    text = "trạm;ngày;PM2.5;NO2\nA;02-06-2021 10:00;1;99\nA;02-06-2021 11:00;30;-1\nA;01-05-2021 10:00;60;\n"
    await run(database_url, write(tmp_path, text, "more.csv"), WIDE)
    rows = await ask(database_url, "SELECT result, quality FROM observations_observation WHERE quality <> 2 ORDER BY 1")
    assert rows == [(-1, 4), (1, 1), (30, 3), (60, 4), (99, 4)]


async def test_a_parquet_file(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    hours = pa.array(["2021-06-01T10:00Z", "2021-06-01T11:00Z", None])
    table = {
        "ngày": hours,
        "trạm": pa.array(["A", "A", "A"]).dictionary_encode(),
        "PM2.5": [1.5, None, 3],
        "NO2": [1, 2, 3],
    }
    parquet.write_table(pa.table(table), path)
    found = await run(database_url, path, WIDE.replace("%d-%m-%Y %H:%M", "iso"))
    assert [(bad.line, bad.column) for bad in found.bad] == [(3, "ngày")]
    assert found.tally.added == 3


async def test_a_dry_run_stores_nothing(database_url: str, tmp_path: Path) -> None:
    found = await run(database_url, write(tmp_path, WIDE_FILE), WIDE, dry_run=True)
    assert (found.tally.read, found.tally.things, found.tally.datastreams, len(found.bad)) == (7, 2, 3, 6)
    for table in ("observations_observation", "observations_thing", "observations_import"):
        assert await ask(database_url, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_an_import_that_was_killed_goes_on_where_it_was(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH_ROWS", 10)
    lines = [f"A;01-06-2021 {hour:02}:{minute:02};{hour * 60 + minute};1" for hour in range(2) for minute in range(60)]
    path = write(tmp_path, "\n".join(["trạm;ngày;PM2.5;NO2", *lines]))
    commits = 0
    save = store.save

    async def die(*arguments: object, **named: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 8:
            raise KeyboardInterrupt
        await save(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "save", die)
    with pytest.raises(KeyboardInterrupt):
        await run(database_url, path, WIDE)
    assert await ask(database_url, "SELECT count(*) FROM observations_observation") == [(70,)]
    found = await run(database_url, path, WIDE)
    assert (found.tally.resumed, found.tally.added, found.tally.present, found.tally.read) == (True, 240, 0, 240)
    assert commits == 8 + 24 - 7
    assert await ask(database_url, "SELECT count(*) FROM observations_observation") == [(240,)]


async def test_a_partition_that_is_dropped_meanwhile_is_made_anew(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure = Partitions.ensure
    drops = 0

    async def drop(self: Partitions, connection: AsyncConnection, *rest: object, **named: object) -> list[str]:
        nonlocal drops
        made = await ensure(self, connection, *rest, **named)  # type: ignore[arg-type]
        if made and not drops:
            drops += 1
            await connection.execute(f"DROP TABLE {made[0]}")
        return made

    monkeypatch.setattr(Partitions, "ensure", drop)
    found = await run(database_url, write(tmp_path, LONG_FILE.replace("2021", "1971")), LONG)
    assert (found.tally.added, drops) == (4, 1)


async def test_the_same_file_is_not_imported_twice_at_once(database_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, WIDE_FILE)
    text = msgspec.json.encode(parse_mapping(WIDE))
    async with await AsyncConnection.connect(database_url, autocommit=True) as other:
        assert await store.take_lock(other, files.digest_of(path, text, service._WAY))
        with pytest.raises(Conflict, match="imported already"):
            await run(database_url, path, WIDE)


async def test_an_import_is_audited_and_needs_its_permission(database_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, WIDE_FILE)
    for role in ("viewer", "operator", "crew", "officer", "analyst"):
        actor = accounts.person(1, role=role, label="")
        with pytest.raises(Forbidden):
            await run(database_url, path, WIDE, actor=actor)
    await run(database_url, path, WIDE, actor=accounts.person(1, role="administrator", label=""))
    bodies = await ask(database_url, "SELECT body FROM audit_entry ORDER BY number DESC LIMIT 1")
    assert service.IMPORT in str(bodies)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("file.csv", "trạm;ngày;PM2.5\nA;01-06-2021 10:00;1\n", "NO2"),
        ("file.parquet", "this is no Parquet", "Parquet"),
        ("file.csv", "trạm;ngày;PM2.5;NO2\nA;01-06-2021 10:00;1;\udcff\n", "CSV"),
        ("file.csv", "", "CSV"),
    ],
)
async def test_a_file_that_is_none(database_url: str, tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInput, match=message):
        await run(database_url, path, WIDE)


async def test_a_file_cut_short_keeps_what_could_be_read(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(WIDE_FILE.encode())[:-20])
    with pytest.raises(InvalidInput, match="CSV"):
        await run(database_url, path, WIDE)


async def test_what_is_not_there(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file"):
        await run(database_url, tmp_path / "none.csv", WIDE)
    with pytest.raises(Unavailable):
        await run("postgresql://nobody@/none?host=/nowhere", write(tmp_path, WIDE_FILE), WIDE)
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "foreign.parquet")
    with pytest.raises(InvalidInput, match="give a mapping"):
        await run(database_url, tmp_path / "foreign.parquet", None)
    with pytest.raises(InvalidInput, match="give a mapping"):
        await run(database_url, write(tmp_path, WIDE_FILE), None)
