"""What `dothi backup` does: everything as it was at one moment, while the city goes on writing."""

import importlib.metadata
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec
import psycopg
from psycopg import Connection, IsolationLevel

from dothi.config.backup import archive, brokers, database, programs
from dothi.config.backup.manifest import FORMAT, Manifest
from dothi.config.backup.media import collect_media
from dothi.config.environment import Environment
from dothi.config.servers.home import Home
from dothi.core.observations.retention.store import LIFETIME_LOCK
from dothi.kernel import clock
from dothi.kernel.errors import Unavailable

DUMP: Final = "database"
CLOCK: Final = "clock.json"
NO_LOCK: Final = -1


class Made(msgspec.Struct):
    """A backup that was made and read again: its size, and the wall seconds of each part."""

    file: str
    size: int
    tables: int
    rows: int
    made_at: datetime
    dump_s: float
    verify_s: float
    total_s: float


def make(environment: Environment, file: Path) -> Made:
    """Make a backup and read it again. It holds the database as it was when this began.

    Raises CannotStart where a program is missing or fails, Unavailable without the database, Damaged if what was
    written is not what was read, OSError where nothing can be written.
    """
    began = monotonic()
    if file.exists():
        raise FileExistsError(17, "is there already, and is not written over", str(file))
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=f".{file.name}.") as name:
        folder = Path(name)
        manifest = _dump(environment, folder)
        dumped = monotonic()
        programs.finish(_read_dump(manifest, folder), "Reading the dump again")
        home = Home(environment.home.expanduser().resolve(), NO_LOCK)
        brokers.collect(home, folder)
        if (home.path / CLOCK).exists():
            (folder / CLOCK).write_bytes((home.path / CLOCK).read_bytes())
        collect_media(home.path, folder)  # after the dump: a photo is kept before the database knows of it
        whole = archive.pack(file, folder, manifest)
    archive.verify(file)
    return Made(
        file=str(file),
        size=file.stat().st_size,
        tables=len(whole.tables),
        rows=whole.rows,
        made_at=whole.made_at,
        dump_s=round(dumped - began, 2),
        verify_s=round(monotonic() - dumped, 2),
        total_s=round(monotonic() - began, 2),
    )


def _dump(environment: Environment, folder: Path) -> Manifest:
    """Dump the database, and count and hash its tables, all in one snapshot."""
    try:
        with psycopg.connect(environment.database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock_shared(%s)", [LIFETIME_LOCK])
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                return _dump_snapshot(connection, environment, folder)
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error


def _dump_snapshot(connection: Connection[Any], environment: Environment, folder: Path) -> Manifest:
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    tables = database.list_tables(connection)
    database.lock(connection, tables)
    server = connection.info.server_version
    options = ["--format=directory", f"--jobs={programs.JOBS}", "--compress=1", "--no-owner", "--no-privileges"]
    command = [programs.find("pg_dump", server=server), *options, f"--snapshot={row[0] if row else ''}"]
    process = programs.start([*command, f"--file={folder / DUMP}"], url=environment.database_url)
    try:
        checks = database.check(connection, tables)
        programs.finish(process, "pg_dump")
    finally:
        programs.stop(process)
    return Manifest(
        format=FORMAT,
        dothi=importlib.metadata.version("dothi"),
        made_at=clock.WALL.now(),
        city=environment.city,
        server=server,
        migrations=database.list_migrations(connection),
        extensions=database.list_extensions(connection),
        systems=database.list_systems(connection),
        tables=checks,
        members={},
    )


def _read_dump(manifest: Manifest, folder: Path) -> subprocess.Popen[str]:
    """Let pg_restore read all of a dump and write it nowhere: what it can't read now it could not restore later."""
    program = programs.find("pg_restore", server=manifest.server)
    return programs.start([program, "--file=/dev/null", str(folder / DUMP)])
