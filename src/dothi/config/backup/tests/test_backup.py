"""What was there when a backup began is there after it was restored, to the last row; anything less is said."""

import asyncio
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from dothi.config import environment as environments
from dothi.config.backup import archive, brokers, database
from dothi.config.backup.commands import restore as restore_command
from dothi.config.backup.make import Made, make
from dothi.config.backup.manifest import Manifest
from dothi.config.backup.restore import Restored, restore
from dothi.config.environment import Environment
from dothi.config.servers.home import elsewhere, open_home
from dothi.config.servers.mosquitto import ADMINISTRATOR, private_mosquitto
from dothi.config.servers.postgres import PrivatePostgres, private_postgres
from dothi.config.servers.process import CannotStart, spawn, stop
from dothi.config.tests.private_servers import PREFIX, run
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import Datastream, FeatureOfInterest, LatestObservation
from dothi.core.observations.retention.store import LIFETIME_LOCK
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import Unavailable

START = datetime(2026, 11, 20, tzinfo=UTC)
LONG_AGO = START - timedelta(days=400)
SRS = "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext) VALUES (990210, 'test', 990210, 'x')"


@pytest_asyncio.fixture
async def stream(record: Record, register_thing: RegisterThing) -> int:
    """A Datastream with some days of values."""

    def register() -> tuple[int, int]:
        thing = register_thing("đèn", kind="Streetlight", readings={"power": (0, "W")})
        LatestObservation.objects.update(phenomenon_time=None, result=None)
        return Datastream.objects.get(thing_id=thing).pk, FeatureOfInterest.objects.create(name="đường", feature={}).pk

    found, feature = await sync_to_async(register)()
    rows = [NewObservation(found, START + timedelta(minutes=7 * n), n / 3) for n in range(800)]
    rows.append(NewObservation(found, START, result_json='{"a":"é\\n"}', feature_id=feature))
    await record.write(SYSTEM, rows)
    return found


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for an installation, which the servers' users can enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}restore-"))
    folder.chmod(0o711)
    yield folder
    for each in (folder, elsewhere(folder)):
        shutil.rmtree(each, ignore_errors=True)


@pytest.fixture
def other_database(private_database: PrivatePostgres, database_url: str) -> Iterator[str]:
    """An empty database beside the tests' own."""
    with psycopg.connect(private_database.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored")
        connection.execute("CREATE DATABASE restored")
        yield make_conninfo(private_database.url, dbname="restored")
        connection.execute("DROP DATABASE restored WITH (FORCE)")


async def back_up(url: str, file: Path, home: Path) -> Made:
    return await asyncio.to_thread(make, Environment(home=home, database_url=url), file)


async def bring_back(url: str, file: Path, home: Path, *, is_forced: bool = False) -> Restored:
    given = Environment(home=home, database_url=url)
    return await asyncio.to_thread(lambda: restore(given, file, is_forced=is_forced))


async def test_a_backup_during_load_is_restored_on_an_empty_machine(
    database_url: str, record: Record, stream: int, tmp_path: Path, home: Path
) -> None:
    """Writers go on while it is made; the cluster is made anew, and every table is what it was."""
    written = 0
    running = True

    async def keep_writing() -> None:
        nonlocal written
        while running:
            rows = [NewObservation(stream, START + timedelta(days=9, seconds=written + n), 1.0) for n in range(50)]
            await record.write(SYSTEM, rows)
            written += 50

    writer = asyncio.create_task(keep_writing())
    while written < 500:
        await asyncio.sleep(0.01)
    before = written
    made = await back_up(database_url, tmp_path / "backup", tmp_path)
    running = False
    await writer
    assert written > before
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    done = await bring_back("", tmp_path / "backup", home)
    assert (done.rows, done.tables) == (made.rows, made.tables)
    manifest = archive.verify(tmp_path / "backup")
    inside = sum(check.rows for name, check in manifest.tables.items() if "observations_observation_" in name)
    assert 801 + before <= inside <= 801 + written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup"]

    answers = await write_on(home, [NewObservation(stream, START, 0.0), NewObservation(stream, LONG_AGO, 0.0)])
    assert answers == ["duplicate", "stored"]


async def write_on(home: Path, rows: list[NewObservation]) -> list[str]:
    """Start a home's cluster as `dothi up` does, and write to its record."""
    opened = await open_home(home)
    server = private_postgres(opened)
    server.prepare()
    process = spawn(server.program(environments.inherited()), output=2, keep_open=(opened.lock,))
    try:
        assert await server.wait_until_open(process, within_s=60)
        record = Record(server.url, publish=lambda _event: None)
        await record.start()
        answers = await record.write(SYSTEM, rows)
        await record.stop()
        return [answer.outcome.value for answer in answers]
    finally:
        await stop(process, server.program({}))
        opened.close()


async def test_a_restore_needs_an_empty_database_or_force(
    database_url: str, record: Record, stream: int, tmp_path: Path, other_database: str
) -> None:
    await back_up(database_url, tmp_path / "backup", tmp_path)
    with psycopg.connect(other_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE left_over (id int)")
        connection.execute("CREATE TYPE colour AS ENUM ('red')")
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        with pytest.raises(CannotStart, match="1 other sessions"):
            await bring_back(other_database, tmp_path / "backup", tmp_path)
    with pytest.raises(CannotStart, match="--force"):
        await bring_back(other_database, tmp_path / "backup", tmp_path)
    await bring_back(other_database, tmp_path / "backup", tmp_path, is_forced=True)
    await bring_back(other_database, tmp_path / "backup", tmp_path, is_forced=True)
    with psycopg.connect(other_database, autocommit=True) as connection:
        assert connection.execute("SELECT to_regclass('left_over'), to_regtype('colour')").fetchone() == (None, None)
        found = database.check(connection, database.list_tables(connection))
    assert database.differences(archive.verify(tmp_path / "backup").tables, found) == []


async def test_reference_systems_that_were_added_come_along(
    database_url: str, stream: int, tmp_path: Path, other_database: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SRS)
    await back_up(database_url, tmp_path / "backup", tmp_path)
    await bring_back(other_database, tmp_path / "backup", tmp_path)
    await bring_back(other_database, tmp_path / "backup", tmp_path, is_forced=True)
    with psycopg.connect(other_database, autocommit=True) as connection:
        assert connection.execute("SELECT srtext FROM spatial_ref_sys WHERE srid = 990210").fetchone() == ("x",)


async def test_a_restore_that_differs_is_said(
    database_url: str, stream: int, tmp_path: Path, other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(database_url, tmp_path / "backup", tmp_path)
    load = database.add_systems

    def spoil(connection: psycopg.Connection[tuple[object, ...]], systems: tuple[object, ...]) -> None:
        load(connection, systems)  # type: ignore[arg-type]
        connection.execute("UPDATE observations_observation SET quality = 1 WHERE result = 0")
        connection.execute("DELETE FROM observations_thing_location")

    monkeypatch.setattr(database, "add_systems", spoil)
    with pytest.raises(archive.Damaged, match=r"2 tables: .*other rows.*0 rows, not 1"):
        await bring_back(other_database, tmp_path / "backup", tmp_path)


def _cut(file: Path) -> None:
    with file.open("r+b") as content:
        content.truncate(file.stat().st_size - 20_000)


def _flip(file: Path) -> None:
    with tarfile.open(file) as tar:
        entry = max(tar.getmembers(), key=lambda each: each.size)
    with file.open("r+b") as content:
        content.seek(entry.offset_data + entry.size // 2)
        byte = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte[0] ^ 1]))


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _other(file: Path) -> None:
    file.write_bytes(b"no tar at all" * 1000)


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _other])
async def test_a_damaged_file_is_refused_in_one_line(
    database_url: str,
    stream: int,
    tmp_path: Path,
    other_database: str,
    damage: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await back_up(database_url, tmp_path / "backup", tmp_path)
    damage(tmp_path / "backup")
    with pytest.raises(archive.Damaged) as caught:
        await bring_back(other_database, tmp_path / "backup", tmp_path)
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("DOTHI_DATABASE_URL", other_database)
    for option in ("--check", "--force"):
        said = await asyncio.to_thread(CliRunner().invoke, restore_command, [str(tmp_path / "backup"), option])
        assert said.exit_code == 1
        assert len(said.output.strip().splitlines()) == 1
    with psycopg.connect(other_database, autocommit=True) as connection:
        assert database.is_empty(connection)


async def test_a_whole_file_is_said_to_be_whole(database_url: str, stream: int, tmp_path: Path) -> None:
    made = await back_up(database_url, tmp_path / "backup", tmp_path)
    said = CliRunner().invoke(restore_command, [str(tmp_path / "backup"), "--check"])
    assert (said.exit_code, f"{made.rows} rows" in said.output) == (0, True)


async def test_a_backup_of_a_newer_dothi_is_refused(
    database_url: str, stream: int, tmp_path: Path, other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = database.list_migrations
    monkeypatch.setattr(database, "list_migrations", lambda connection: (*listed(connection), "observations.9999_x"))
    await back_up(database_url, tmp_path / "backup", tmp_path)
    with pytest.raises(CannotStart, match=r"newer Dothi.*observations\.9999_x"):
        await bring_back(other_database, tmp_path / "backup", tmp_path)


async def test_what_can_go_wrong_with_a_backup(database_url: str, stream: int, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        await back_up(database_url, tmp_path / "there", tmp_path)
    with pytest.raises(OSError, match="No such file"):
        await back_up(database_url, tmp_path / "no-folder" / "backup", tmp_path)
    with pytest.raises(Unavailable):
        await back_up("postgresql://nobody@/none?host=/nowhere", tmp_path / "backup", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


async def test_nothing_leaves_the_record_during_a_backup(
    database_url: str, stream: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[object] = []
    check = database.check

    def look(connection: psycopg.Connection[tuple[object, ...]], tables: database.Tables) -> object:
        with psycopg.connect(database_url, autocommit=True) as other:
            got.append(other.execute("SELECT pg_try_advisory_lock(%s)", [LIFETIME_LOCK]).fetchone())
        return check(connection, tables)

    monkeypatch.setattr(database, "check", look)
    await back_up(database_url, tmp_path / "backup", tmp_path)
    assert got == [(False,)]


def test_machines_keep_their_rights_and_homes_their_passwords(home: Path, tmp_path: Path) -> None:
    old, new = (run(open_home(folder)) for folder in (home / "old", home / "new"))
    for folder in (home / "old", home / "new"):
        folder.chmod(0o711)
    server = private_mosquitto(old, "mosquitto-in", port=0)
    server.prepare()
    rights_file = server.data / "dynamic-security.json"
    rights = json.loads(rights_file.read_bytes())
    rights["clients"].append({"username": "machine", "password": "hash", "roles": [{"rolename": "sender"}]})
    rights["roles"].append({"rolename": "sender", "acls": []})
    rights_file.write_text(json.dumps(rights), "utf-8")
    brokers.collect(old, tmp_path)
    text = (tmp_path / "mosquitto-in.json").read_bytes()
    assert [client["username"] for client in json.loads(text)["clients"]] == ["machine"]
    assert not (tmp_path / "mosquitto-out.json").exists()
    brokers.put_back(new, "mosquitto-in", text)
    target = private_mosquitto(new, "mosquitto-in", port=0)
    target.prepare()
    found = json.loads((target.data / "dynamic-security.json").read_bytes())
    assert [client["username"] for client in found["clients"]] == [ADMINISTRATOR, "machine"]
    assert found["clients"][0]["password"] != rights["clients"][0]["password"]
    assert sorted(role["rolename"] for role in found["roles"]) == ["everything", "sender"]
    old.close()
    new.close()


def test_a_manifest_is_read_as_it_was_written() -> None:
    given = Manifest(1, "0.1.0", START, "x", 150018, (), (), (), {}, {})
    assert msgspec.json.decode(msgspec.json.encode(given), type=Manifest) == given


async def test_files_that_people_gave_come_back(
    database_url: str, other_database: str, stream: int, tmp_path: Path, home: Path
) -> None:
    photos = tmp_path / "media" / "photos" / "ab"
    photos.mkdir(parents=True)
    (photos / "abc.jpg").write_bytes(b"a photo")
    (photos / ".abd.jpg.draft").write_bytes(b"half a pho")
    await back_up(database_url, tmp_path / "backup", tmp_path)
    assert (photos / "abc.jpg").exists(), "what was backed up stays"
    await bring_back(other_database, tmp_path / "backup", home)
    assert (home / "media/photos/ab/abc.jpg").read_bytes() == b"a photo"
    assert [file.name for file in (home / "media").rglob("*") if file.is_file()] == ["abc.jpg"]
