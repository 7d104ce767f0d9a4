"""A private PostgreSQL with PostGIS: a cluster of its own, reached through a Unix socket and a password alone."""

import asyncio
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from dothi.config.servers.home import Home, make_folder, write_private
from dothi.config.servers.process import Account, CannotStart, Program, as_account, find_account, find_program, until

OLDEST: Final = 15
DATABASE: Final = "dothi"
ROLE: Final = "dothi"

_INSTALLED: Final = Path("/usr/lib/postgresql")
_EXTENSIONS: Final = Path("/usr/share/postgresql")
_LONGEST_SOCKET: Final = 107
"""Bytes in the path of a Unix socket (sun_path of Linux, less its end)."""

_SETTINGS: Final = """
# Dothi's choices, written once when the cluster was made; they are yours to tune.
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
log_min_duration_statement = 2s
"""

_NOT_DURABLE: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")


@dataclass(frozen=True)
class PrivatePostgres:
    """One private cluster; `prepare` and `open_database` may be repeated at every start."""

    programs: Path
    """The folder of its version's programs."""
    data: Path
    sockets: Path
    account: Account | None
    owner_password: str = field(repr=False)
    """Of the role `postgres`, which sets the cluster up."""
    password: str = field(repr=False)
    """Of the role `dothi`, which owns the database and is no superuser."""
    is_durable: bool = True
    """False gives up safety for speed: for tests, whose data nobody misses."""

    @property
    def url(self) -> str:
        """The address for Dothi's own processes, with the password."""
        return self._url(ROLE, self.password, DATABASE)

    def program(self, variables: Mapping[str, str]) -> Program:
        """Say how to run it."""
        settings = ("listen_addresses=", "port=5432", "unix_socket_permissions=0700", "logging_collector=off")
        chosen = settings if self.is_durable else settings + _NOT_DURABLE
        options = [word for setting in chosen for word in ("-c", setting)]
        return Program(
            name="PostgreSQL",
            argv=(str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options),
            variables=variables,
            account=self.account,
            on_orphaned="INT",
            stop_signals=((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0)),
            folder=str(self.data),
        )

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear what a killed run left behind. Raises CannotStart."""
        make_folder(self.sockets, self.account)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._forget_dead_postmaster()

    async def wait_until_open(self, process: subprocess.Popen[bytes], *, within_s: float) -> bool:
        """Wait until it takes connections; False if it has ended or the bound has passed. Recovery may take minutes."""

        def is_settled() -> bool:
            return process.poll() is not None or self._is_open()

        return await until(is_settled, within_s=within_s, every_s=0.1) and process.poll() is None

    async def open_database(self) -> None:
        """Make the role, the extension and the database, as far as they are not there. Raises psycopg.Error."""
        await asyncio.to_thread(self._open_database)

    def _open_database(self) -> None:
        role, password = sql.Identifier(ROLE), sql.Literal(self.password)
        with self._connect("template1") as connection:
            if connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone() is None:
                connection.execute(sql.SQL("create role {} login createdb").format(role))
            connection.execute(sql.SQL("alter role {} password {}").format(role, password))
            # In the template, so that databases made by Dothi's role (those of tests) have it too: only a superuser
            # may install PostGIS. The table of reference systems takes the ones that PostGIS lacks.
            connection.execute("create extension if not exists postgis")
            connection.execute(sql.SQL("grant select, insert, update on spatial_ref_sys to {}").format(role))
        with self._connect("postgres") as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), role))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self._url("postgres", self.owner_password, database), autocommit=True, connect_timeout=5)

    def _is_open(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.Error:
            return False
        return True

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password)}@/{database}?host={quote(str(self.sockets), safe='')}&port=5432"

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole: one half made is never started."""
        draft = self.data.with_name(f"{self.data.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, self.account)
        write_private(draft / "password", self.owner_password, self.account)
        made = draft / "data"
        self._run_initdb(made, draft / "password")
        with (made / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS)
        made.rename(self.data)
        shutil.rmtree(draft)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        # Sorting by code point is fast and the same everywhere; letters beyond ASCII still have upper and lower case.
        options = [
            f"--pgdata={folder}", f"--pwfile={password_file}", "--username=postgres", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--data-checksums",
        ]  # fmt: skip
        if not self.is_durable:
            options.append("--no-sync")
        guard = [find_program("setpriv") or "setpriv", "--pdeathsig", "KILL", *as_account(self.account)]
        made = subprocess.run(
            [*guard, str(self.programs / "initdb"), *options],
            cwd=self.data.parent if self.account is None else "/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            start_new_session=True,  # Ctrl-C is the supervisor's to answer
        )
        if made.returncode != 0:
            lines = [line for line in made.stderr.decode("utf-8", "replace").splitlines() if "error" in line.lower()]
            raise CannotStart(
                f"The PostgreSQL cluster {self.data} could not be made: {'; '.join(lines[:1]) or made.returncode}"
            )

    def _forget_dead_postmaster(self) -> None:
        """Remove the mark of a server that is no more: its number may by now be another program's.

        Raises CannotStart if somebody else runs a server on this cluster.
        """
        mark = self.data / "postmaster.pid"
        try:
            number = int(mark.read_text("utf-8").split("\n", 1)[0])
            command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            mark.unlink(missing_ok=True)
            return
        if os.fsencode(self.data) in command:
            raise CannotStart(f"Another PostgreSQL (process {number}) runs on {self.data}; stop it first.")
        mark.unlink(missing_ok=True)


def private_postgres(home: Home, *, is_durable: bool = True) -> PrivatePostgres:
    """Find what a home's cluster needs. Raises CannotStart that names what is missing."""
    account = find_account("postgres")
    data = home.data_folder("postgres", account)
    return PrivatePostgres(
        programs=_find_programs(data),
        data=data,
        sockets=socket_folder(data.with_name("postgres-socket")),
        account=account,
        owner_password=home.secret("postgres-owner"),
        password=home.secret("postgres"),
        is_durable=is_durable,
    )


def _find_programs(data: Path) -> Path:
    """Choose the newest version that is installed with PostGIS, or the one that made the cluster."""
    mark = data / "PG_VERSION"
    made_by = mark.read_text("ascii").strip() if mark.exists() else ""
    found = {
        folder.name: folder / "bin"
        for folder in _INSTALLED.glob("*")
        if re.fullmatch(r"\d+", folder.name)
        and os.access(folder / "bin" / "initdb", os.X_OK)
        and (_EXTENSIONS / folder.name / "extension" / "postgis.control").exists()
    }
    if made_by and made_by not in found:
        raise CannotStart(
            f"{data} was made by PostgreSQL {made_by}: install the Debian packages postgresql-{made_by} and "
            f"postgresql-{made_by}-postgis-3, or move it to a newer version with pg_upgrade."
        )
    fit = [version for version in found if int(version) >= OLDEST]
    if not fit:
        raise CannotStart(
            f"PostgreSQL ({OLDEST} or newer) with PostGIS is missing; install the Debian packages postgresql and "
            "postgresql-NN-postgis-3, or set DOTHI_DATABASE_URL."
        )
    return found[made_by or max(fit, key=int)]


def socket_folder(wanted: Path) -> Path:
    """Give the folder for the Unix socket: the wanted one, or a short one where its path would be too long for one."""
    if len(os.fsencode(wanted / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
        return wanted
    mark = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:8]
    runtime = Path("/run") if os.geteuid() == 0 else Path("/run/user") / str(os.geteuid())
    parent = runtime if os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())
    return parent / f"dothi-{os.geteuid()}-{mark}"
