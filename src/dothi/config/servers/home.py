"""The folder of one installation: its lock, its secrets, and where each server's data goes."""

import errno
import fcntl
import hashlib
import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dothi.config.servers.process import Account, CannotStart, as_account, find_program, until

ELSEWHERE: Final = Path("/var/lib/dothi")
"""Where servers keep their data if their users cannot enter the home."""

_WAIT_FOR_LAST_RUN_S: Final = 30.0


@dataclass
class Home:
    """An opened home: as long as this process or a server it started lives, no other can open it."""

    path: Path
    lock: int
    """The descriptor of the lock; the servers inherit it, so the lock ends with the last of them."""
    told: list[str] = field(default_factory=list)
    """What an operator should know about where things are."""

    def secret(self, name: str) -> str:
        """Read a secret, made on first use; only the owner of the home can read its file."""
        folder = self.path / "secrets"
        file = folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text("ascii").strip()

    def note_port(self, port: int) -> None:
        """Keep the port of the web, for commands that are called beside a running Dothi."""
        (self.path / "port").write_text(f"{port}\n", "ascii")

    def data_folder(self, name: str, account: Account | None) -> Path:
        """Say where a server's data goes: in the home, or elsewhere where its user can enter. Makes no folder itself.

        Raises CannotStart if data made earlier lies where that user can no longer reach it.
        """
        inside, outside = self.path / name, elsewhere(self.path) / name
        if account is None:
            return inside
        if outside.exists():
            self._say_where(outside.parent)
            return outside
        if _can_enter(self.path, account):
            return inside
        if inside.exists():
            raise CannotStart(f"{inside} holds data, but the user {account.name} can no longer enter {self.path}.")
        outside.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._say_where(outside.parent)
        return outside

    def _say_where(self, folder: Path) -> None:
        line = f"The servers' users cannot enter {self.path}: their data is under {folder}."
        if line not in self.told:
            self.told.append(line)

    def close(self) -> None:
        """Let go of the lock, as far as this process holds it."""
        os.close(self.lock)


async def open_home(path: Path) -> Home:
    """Make and lock a home. Raises CannotStart if it cannot be written to or another Dothi runs on it."""
    try:
        home = _make(path)
        try:
            await _take(home)
            _mark(home)
        except BaseException:
            home.close()
            raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise CannotStart(f"The disk of {path} is full: make room, or choose another home: --home DIR.") from None
        raise CannotStart(f"{path} cannot be written to ({error.strerror}): choose another home: --home DIR.") from None
    return home


def elsewhere(home: Path) -> Path:
    """Name the folder outside a home for servers whose users cannot enter it; the same at every start."""
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    return ELSEWHERE / f"{home.name.lstrip('.') or 'home'}-{mark}"


def make_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only a server's user may enter. Raises CannotStart if it is another user's already."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.stat().st_uid
    if account is not None and owner == os.geteuid():
        os.chown(folder, account.uid, account.gid)
    elif owner != (os.geteuid() if account is None else account.uid):
        raise CannotStart(f"{folder} belongs to another user (number {owner}).")


def write_private(file: Path, text: str, account: Account | None = None) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = file.with_name(f"{file.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
        if account is not None:
            os.fchown(out.fileno(), account.uid, account.gid)
    draft.replace(file)


def _make(path: Path) -> Home:
    path = path.expanduser()
    path.mkdir(parents=True, exist_ok=True)
    path = path.resolve()
    return Home(path, os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _mark(home: Home) -> None:
    """Write into the lock who holds it."""
    os.ftruncate(home.lock, 0)
    os.pwrite(home.lock, f"{os.getpid()} {_started_at(os.getpid())}\n".encode(), 0)


async def _take(home: Home) -> None:
    """Take the lock; servers of a run that was killed may hold it for as long as they need to stop."""
    lock = home.lock

    def is_settled() -> bool:
        return _is_taken(lock) or bool(_holder(lock))

    if not await until(is_settled, within_s=_WAIT_FOR_LAST_RUN_S):
        raise CannotStart(f"Servers of an earlier run on {home.path} do not stop; `fuser {home.path}/lock` names them.")
    if not _is_taken(lock):
        raise CannotStart(f"Dothi already runs on {home.path} (process {_holder(lock)}).")


def _is_taken(lock: int) -> bool:
    """Take the lock if it is free; tell whether this process has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> str:
    """Give the number of the process that the lock's mark names, "" if that one is no more."""
    number, _, started_at = os.pread(lock, 64, 0).decode("ascii", "replace").strip().partition(" ")
    return number if number.isdigit() and started_at and _started_at(int(number)) == started_at else ""


def _started_at(number: int) -> str:
    """Give when a process was started, in clock ticks after boot, "" if there is none: numbers are used again."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _can_enter(folder: Path, account: Account) -> bool:
    setpriv = find_program("setpriv") or "setpriv"
    test = [setpriv, *as_account(account), "test", "-x", str(folder)]
    return subprocess.run(test, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
