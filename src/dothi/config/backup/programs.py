"""PostgreSQL's own programs for backups: found in the version that fits the server, and run."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from dothi.config import environment
from dothi.config.servers.process import CannotStart

JOBS: Final = min(4, os.cpu_count() or 1)
_INSTALLED: Final = Path("/usr/lib/postgresql")
_VARIABLES: Final = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS", "gssencmode": "PGGSSENCMODE",
}  # fmt: skip


def find(name: str, *, server: int) -> str:
    """Find a program of the server's version (such as 150018), or of the next newer one. Raises CannotStart."""
    major = server // 10_000
    versions = sorted(int(folder.name) for folder in _INSTALLED.glob("*") if folder.name.isdigit())
    for version in versions:
        path = _INSTALLED / str(version) / "bin" / name
        if version >= major and os.access(path, os.X_OK):
            return str(path)
    found = shutil.which(name)
    if found is not None and _version_of(found) >= major:
        return found
    raise CannotStart(f"{name} of PostgreSQL {major} or newer is missing; install postgresql-client-{major}.")


def _version_of(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def start(program: Sequence[str], *, url: str = "") -> subprocess.Popen[str]:
    """Start a program against a database; the address goes by the environment, which others can't read."""
    given = conninfo_to_dict(url) if url else {}
    variables = {_VARIABLES[key]: str(value) for key, value in given.items() if key in _VARIABLES and value is not None}
    return subprocess.Popen(
        list(program),
        env=environment.inherited() | variables | {"PGAPPNAME": "dothi backup"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], what: str) -> None:
    """Wait for the end of a program. Raises CannotStart with the first line that it complained with."""
    _, said = process.communicate()
    if process.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        first = next((line for line in lines if "error" in line.lower() or "fatal" in line.lower()), "".join(lines[:1]))
        raise CannotStart(f"{what} failed: {first or process.returncode}")


def stop(process: subprocess.Popen[str]) -> None:
    """End a program that is no longer wanted, if it has not ended yet."""
    if process.poll() is None:
        process.terminate()
        process.wait()
    if process.stderr is not None:
        process.stderr.close()


def list_contents(program: str, folder: Path) -> list[str]:
    """Give the lines in which pg_restore says what a dump holds. Raises CannotStart."""
    done = subprocess.run(
        [program, "--list", str(folder)], env=environment.inherited(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotStart(f"the dump can't be read: {done.stderr.strip().splitlines()[:1]}")
    return done.stdout.splitlines()
