"""What goes out comes back as the same Observations, and a file that is up to date is left alone."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.exporting import service
from dothi.core.observations.exporting.schema import KEY, contents_of
from dothi.core.observations.importing import service as importing
from dothi.core.observations.importing.files import Report
from dothi.core.observations.importing.types import Bad, Tally
from dothi.core.observations.models import Datastream, FeatureOfInterest, LatestObservation
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import Forbidden, InvalidInput, Unavailable

START = datetime(2026, 11, 20, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def emptied(database_url: str) -> Iterator[None]:
    yield
    with django_connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_import")


@pytest_asyncio.fixture
async def streams(record: Record, register_thing: RegisterThing) -> list[int]:
    """Two Datastreams with numbers over two days, and one of each other thing that an Observation can have."""

    def register() -> tuple[list[int], int]:
        thing = register_thing("lamp", kind="Streetlight", readings={"power": (0, "W"), "level": (0, "%")})
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        streams = Datastream.objects.filter(thing_id=thing).order_by("id").values_list("id", flat=True)
        return list(streams), FeatureOfInterest.objects.create(name="pond", feature={}).pk

    found, feature = await sync_to_async(register)()
    rows = [NewObservation(found[0], START + timedelta(minutes=20 * n), n / 3) for n in range(12)]
    rows += [NewObservation(found[1], START + timedelta(minutes=20 * n), -0.0) for n in range(12)]
    rows += [
        NewObservation(found[0], START, 9.0),
        NewObservation(found[1], START, result_json='{"b":1,"a":[1, 2],"c":"a\\"b\\nc, d"}'),
        NewObservation(found[1], START, result_json='""'),
        NewObservation(
            found[0],
            START + timedelta(microseconds=1),
            5e-324,
            phenomenon_end=START + timedelta(hours=1),
            result_time=START,
            feature_id=feature,
            quality=4,
            valid_from=START,
            valid_to=START + timedelta(days=1),
            result_quality='{"flag":"x"}',
            parameters='{"p":null}',
        ),
    ]
    await record.write(SYSTEM, rows)
    return found


async def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await (await connection.execute(query)).fetchall()


async def export(
    url: str,
    folder: Path,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    streams: Sequence[int] = (),
    actor: Actor = SYSTEM,
) -> service.Exported:
    def work() -> service.Exported:
        return service.export(
            actor, url, folder, begin=begin, end=end, streams=streams, progress=lambda _done, _of: None
        )

    return await asyncio.to_thread(work)


async def back(url: str, folder: Path, *, report: Report = lambda _bad: None, dry_run: bool = False) -> list[Tally]:
    """Import all files of an export."""
    return [
        await importing.import_file(
            SYSTEM, url, path, mapping=None, report=report, progress=lambda _done: None, dry_run=dry_run
        )
        for path in sorted(folder.glob("*.parquet"))
    ]


async def test_what_goes_out_comes_back_as_the_same(database_url: str, streams: list[int], tmp_path: Path) -> None:
    found = await export(database_url, tmp_path)
    assert (found.written, found.left, found.rows) == (2, 0, 28)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20261120.parquet", "20261121.parquet"]
    first = await back(database_url, tmp_path)
    assert [(tally.added, tally.read) for tally in first] == [(0, 16), (0, 12)]
    everything = "SELECT (o.*)::text FROM (SELECT * FROM observations_observation) o ORDER BY 1"
    before = [str(row[0]).split(",", 1)[1] for row in await ask(database_url, everything)]
    latest = await ask(database_url, "SELECT * FROM observations_latest ORDER BY 1")
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("TRUNCATE observations_observation")
        await connection.execute(
            "UPDATE observations_latest SET phenomenon_time = NULL, phenomenon_end = NULL, result_time = NULL,"
            " first_time = NULL, last_end = NULL, result_time_first = NULL, result_time_last = NULL, stored = 0"
        )
    second = await back(database_url, tmp_path)
    assert [tally.added for tally in second] == [16, 12]
    assert sorted(str(row[0]).split(",", 1)[1] for row in await ask(database_url, everything)) == sorted(before)
    again = await ask(database_url, "SELECT * FROM observations_latest ORDER BY 1")
    assert [row[0:1] + row[2:] for row in again] == [row[0:1] + row[2:] for row in latest]


async def test_rows_about_a_feature_that_is_not_there_are_bad(
    database_url: str, streams: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 3)
    await export(database_url, tmp_path)
    [[feature]] = await ask(database_url, "SELECT id FROM observations_featureofinterest WHERE name = 'pond'")
    (at,) = [
        (path.name, row)
        for path in sorted(tmp_path.iterdir())
        for row, each in enumerate(parquet.read_table(path).column("feature_id").to_pylist(), start=1)
        if each == feature
    ]
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("TRUNCATE observations_observation")
        await connection.execute("UPDATE observations_latest SET phenomenon_time = NULL, stored = 0")
        await connection.execute("DELETE FROM observations_featureofinterest WHERE name = 'pond'")
    for dry_run in (True, False, False):
        bad: list[Bad] = []
        found = await back(database_url, tmp_path, report=bad.append, dry_run=dry_run)
        assert bad == [Bad(at[1], "feature_id", "there is no such FeatureOfInterest", str(feature))]
        assert [(tally.bad, tally.read) for tally in found] == [(1, 16), (0, 12)]
    assert [(tally.added, tally.present) for tally in found] == [(0, 15), (0, 12)]
    about = "SELECT count(*), count(*) FILTER (WHERE feature_id = {}) FROM observations_observation"
    assert await ask(database_url, about.format(feature)) == [(27, 0)]


async def test_a_file_that_is_up_to_date_is_left_alone(
    database_url: str, record: Record, streams: list[int], tmp_path: Path
) -> None:
    await export(database_url, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert (await export(database_url, tmp_path)).left == 2
    await record.write(SYSTEM, [NewObservation(streams[0], START + timedelta(hours=3), 1.0)])
    found = await export(database_url, tmp_path)
    assert (found.written, found.left) == (1, 1)
    changed = [path.name for path, at in before.items() if path.stat().st_mtime_ns != at]
    assert changed == ["20261121.parquet"]


async def test_a_span_of_some_datastreams(database_url: str, streams: list[int], tmp_path: Path) -> None:
    begin, end = START + timedelta(hours=1), START + timedelta(hours=3)
    found = await export(database_url, tmp_path, begin=begin, end=end, streams=streams[:1])
    tables = [parquet.read_table(path) for path in sorted(tmp_path.glob("*.parquet"))]
    assert (found.rows, [len(table) for table in tables]) == (6, [3, 3])
    assert {word for table in tables for word in table.column("datastream").to_pylist()} == {"power"}
    assert min(tables[0].column("phenomenon_time").to_pylist()) == begin


async def test_a_file_says_its_units(database_url: str, streams: list[int], tmp_path: Path) -> None:
    await export(database_url, tmp_path, streams=streams[:1])
    schema = parquet.read_schema(tmp_path / "20261120.parquet")
    assert schema.field("result").metadata[b"unit"] == b"W"
    assert schema.field("phenomenon_time").metadata[b"unit"] == b"UTC"
    contents = contents_of(schema)
    assert contents is not None
    assert [(stream.thing, stream.name, stream.symbol) for stream in contents.streams] == [("lamp", "power", "W")]
    await export(database_url, tmp_path)
    table = parquet.read_table(tmp_path / "20261120.parquet")
    assert {*zip(table.column("datastream").to_pylist(), table.column("unit").to_pylist(), strict=True)} == {
        ("power", "W"),
        ("level", "%"),
    }


async def test_a_file_of_another_record_is_refused(
    database_url: str, record: Record, streams: list[int], tmp_path: Path
) -> None:
    await export(database_url, tmp_path)
    async with record.pool.connection() as connection:
        await connection.execute("UPDATE observations_datastream SET name = 'other' WHERE id = %s", [streams[0]])
    with pytest.raises(InvalidInput, match="give a mapping"):
        await back(database_url, tmp_path)


async def test_a_failed_export_leaves_no_file(
    database_url: str, streams: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(InvalidInput, match="No space left"):
        await export(database_url, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_what_is_not_allowed_or_not_there(database_url: str, tmp_path: Path) -> None:
    for role in ("viewer", "operator", "crew", "officer"):
        with pytest.raises(Forbidden):
            await export(database_url, tmp_path, actor=accounts.person(1, role=role, label=""))
    await export(database_url, tmp_path, actor=accounts.person(1, role="analyst", label=""))
    with pytest.raises(InvalidInput, match="ends before"):
        await export(database_url, tmp_path, begin=START, end=START)
    with pytest.raises(Unavailable):
        await export("postgresql://nobody@/none?host=/nowhere", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="can't be written"):
        await export(database_url, tmp_path / "file")


def test_what_a_file_says_of_itself_is_checked() -> None:
    import pyarrow as pa  # noqa: PLC0415

    with pytest.raises(InvalidInput, match="can't be read"):
        contents_of(pa.schema([], metadata={KEY: b"{"}))
    assert contents_of(pa.schema([])) is None
