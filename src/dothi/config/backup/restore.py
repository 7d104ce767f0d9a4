"""What `dothi restore` does: an empty installation becomes what a backup was, and is compared with it."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec
import psycopg
from psycopg import Connection

from dothi.config import environment as environments
from dothi.config.backup import archive, brokers, database, programs
from dothi.config.backup.make import CLOCK, DUMP
from dothi.config.backup.manifest import Manifest
from dothi.config.backup.media import put_back_media
from dothi.config.environment import Environment
from dothi.config.servers.home import Home, open_home
from dothi.config.servers.postgres import private_postgres
from dothi.config.servers.process import CannotStart, spawn, stop
from dothi.kernel.manifest import ROOT

PATIENCE_S: Final = 600.0
_NOT_OURS: Final = (
    " EXTENSION - ",
    " COMMENT - EXTENSION ",
    " TABLE DATA public spatial_ref_sys ",
    " SCHEMA - public ",
)
"""What belongs to whoever installs extensions; the reference systems that were added come by the manifest."""


class Restored(msgspec.Struct):
    """A backup that was restored and compared: how much it was, and the wall seconds of each part."""

    file: str
    tables: int
    rows: int
    made_at: datetime
    restore_s: float
    verify_s: float
    total_s: float


def restore(environment: Environment, file: Path, *, is_forced: bool) -> Restored:
    """Restore a backup into the database of the settings, or into the private one of the home, which is made.

    Raises Damaged for a file that is not whole or a result that differs, CannotStart where the database or the home is
    in use or not empty and it is not forced, or a program is missing or fails. Until the file is verified and the
    target is known to be empty nothing is changed.
    """
    began = monotonic()
    manifest = archive.verify(file)
    _check_version(manifest)
    home_path = environment.home
    with tempfile.TemporaryDirectory(prefix="dothi-restore-", dir=_work_folder(home_path)) as name:
        times = asyncio.run(_restore(environment, file, manifest, Path(name), is_forced=is_forced))
    return Restored(
        file=str(file),
        tables=len(manifest.tables),
        rows=manifest.rows,
        made_at=manifest.made_at,
        restore_s=round(times[0], 2),
        verify_s=round(times[1], 2),
        total_s=round(monotonic() - began, 2),
    )


def _work_folder(home: Path) -> Path:
    """Give a folder on the disk that is about to hold the data: the dump needs room once more while it is read."""
    folder = home.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check_version(manifest: Manifest) -> None:
    """See that this program knows every migration of its own apps that the backup has. Raises CannotStart."""
    own = {path.parent.name for group in ("core", "domains") for path in (ROOT / group).glob("*/manifest.toml")}
    for migration in manifest.migrations:
        app, _, name = migration.partition(".")
        if app in own and not any(ROOT.glob(f"*/{app}/migrations/{name}.py")):
            raise CannotStart(f"The backup was made by a newer Dothi ({manifest.dothi}): {migration} is unknown here.")


async def _restore(
    environment: Environment, file: Path, manifest: Manifest, work: Path, *, is_forced: bool
) -> tuple[float, float]:
    """Restore everything; gives the seconds of restoring and of comparing."""
    home = await open_home(environment.home)
    try:
        async with _database(environment, home) as url:
            times = await asyncio.to_thread(_restore_database, url, file, manifest, work, is_forced=is_forced)
        for name in brokers.NAMES:
            setting = environment.mqtt_url if name == "mosquitto-in" else environment.mqtt_out_url
            if f"{name}.json" in manifest.members and not setting:
                brokers.put_back(home, name, archive.read(file, f"{name}.json"))
        if CLOCK in manifest.members:
            (home.path / CLOCK).write_bytes(archive.read(file, CLOCK))
        put_back_media(home.path, file, manifest.members)
    finally:
        home.close()
    return times


@asynccontextmanager
async def _database(environment: Environment, home: Home) -> AsyncIterator[str]:
    """Give the address of the database to restore into; a private one runs as long as it is needed."""
    if environment.database_url:
        yield environment.database_url
        return
    server = private_postgres(home)
    server.prepare()
    log = home.path / "log" / "restore.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("ab") as output:
        program = server.program(environments.inherited())
        process = spawn(program, output=output.fileno(), keep_open=(home.lock,))
        try:
            if not await server.wait_until_open(process, within_s=PATIENCE_S):
                raise CannotStart(f"{program.name} does not start: see {log}")
            await server.open_database()
            yield server.url
        finally:
            await stop(process, program)


def _restore_database(url: str, file: Path, manifest: Manifest, work: Path, *, is_forced: bool) -> tuple[float, float]:
    began = monotonic()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            _make_room(connection, is_forced=is_forced)
            database.add_extensions(connection, manifest.extensions)
            archive.unpack(file, work, [name for name in manifest.members if name.startswith(f"{DUMP}/")])
            _load(connection, url, work)
            database.add_systems(connection, manifest.systems)
            connection.execute("ANALYZE")
            loaded = monotonic()
            _compare(connection, manifest)
    except psycopg.Error as error:
        raise CannotStart(f"The database refuses: {str(error).splitlines()[0]}") from error
    return loaded - began, monotonic() - loaded


def _make_room(connection: Connection[Any], *, is_forced: bool) -> None:
    """See that the database is empty, or empty it if that is wanted. Raises CannotStart."""
    others = database.count_others(connection)
    if others:
        raise CannotStart(f"{others} other sessions use the database: stop Dothi, and whatever else it is, first.")
    if database.is_empty(connection):
        return
    if not is_forced:
        raise CannotStart("The database is not empty; --force drops everything in it.")
    database.empty(connection)


def _load(connection: Connection[Any], url: str, work: Path) -> None:
    program = programs.find("pg_restore", server=connection.info.server_version)
    lines = programs.list_contents(program, work / DUMP)
    wanted = work / "contents"
    wanted.write_text("\n".join(line for line in lines if not any(word in line for word in _NOT_OURS)), "utf-8")
    options = [f"--jobs={programs.JOBS}", "--no-owner", "--no-privileges", "--exit-on-error", f"--use-list={wanted}"]
    process: subprocess.Popen[str] = programs.start(
        [program, *options, f"--dbname={connection.info.dbname}", str(work / DUMP)], url=url
    )
    try:
        programs.finish(process, "pg_restore")
    finally:
        programs.stop(process)


def _compare(connection: Connection[Any], manifest: Manifest) -> None:
    """See that every table holds what it held. Raises Damaged."""
    found = database.check(connection, database.list_tables(connection))
    different = database.differences(manifest.tables, found)
    if different:
        raise archive.Damaged(f"The restored database differs in {len(different)} tables: {'; '.join(different[:5])}")
