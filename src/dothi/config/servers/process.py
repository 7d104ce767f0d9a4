"""Starts programs so that none outlives the process that started it."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Literal

from dothi.kernel.errors import DothiError

OrphanSignal = Literal["INT", "TERM", "KILL"]

_SBIN: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")

# The kernel tells a child of its parent's death only from the moment it was asked to; a parent that died just before
# would go unnoticed, so the child looks once whether its parent is still the one that started it.
_LOOK_FOR_PARENT: Final = '[ "$PPID" = "$0" ] || exit 125; exec "$@"'


class CannotStart(DothiError):
    """Dothi cannot start; the message is the one line that tells an operator why and what to do."""


@dataclass(frozen=True)
class Account:
    """A system user that a server runs as when Dothi itself runs as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """What to run and how to end it."""

    name: str
    argv: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)
    """All of its environment."""
    account: Account | None = None
    """Whom it runs as; None is whoever runs Dothi."""
    on_orphaned: OrphanSignal = "KILL"
    """What the kernel sends it when its parent has died, even by SIGKILL."""
    stop_signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 3.0),)
    """What to send to end it, each with the seconds to wait; SIGKILL follows the last."""
    folder: str = "/"
    """Its working directory."""


def find_account(name: str) -> Account | None:
    """Give the user that a server must run as, None if Dothi is no root and everything runs as its user.

    Raises CannotStart if Dothi runs as root and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise CannotStart(f"There is no system user {name!r}; install the Debian package of that server.") from None
    return Account(name, found.pw_uid, found.pw_gid)


def find_program(name: str) -> str | None:
    """Look a program up on PATH and in the administrator's folders, which ordinary users lack on theirs."""
    found = shutil.which(name)
    return found or shutil.which(name, path=os.pathsep.join(_SBIN))


def as_account(account: Account | None) -> list[str]:
    """Give the options of setpriv that turn a process into another user's."""
    if account is None:
        return []
    return ["--reuid", str(account.uid), "--regid", str(account.gid), "--init-groups"]


def spawn(program: Program, *, output: int, keep_open: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, its output going to a descriptor; it dies with the calling process.

    Call it from the main thread: what the kernel watches is the thread. `keep_open` are descriptors it inherits.
    Raises CannotStart if util-linux is missing.
    """
    setpriv = find_program("setpriv")
    if setpriv is None:
        raise CannotStart("The program setpriv is missing; install the Debian package util-linux.")
    guard = [setpriv, "--pdeathsig", program.on_orphaned, *as_account(program.account)]
    return subprocess.Popen(
        [*guard, "/bin/sh", "-c", _LOOK_FOR_PARENT, str(os.getpid()), *program.argv],
        env=dict(program.variables),
        cwd=program.folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=keep_open,
        start_new_session=True,
    )


async def exit_of(process: subprocess.Popen[bytes]) -> int:
    """Wait until a process has ended; gives its exit code, the negative of a signal's number if one ended it."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return process.wait()


async def stop(process: subprocess.Popen[bytes], program: Program) -> None:
    """End a process as its program wants it, by SIGKILL if it does not listen."""
    for number, seconds in (*program.stop_signals, (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            await asyncio.wait_for(exit_of(process), seconds)
        except TimeoutError:
            continue


async def until(condition: Callable[[], bool], *, within_s: float, every_s: float = 0.05) -> bool:
    """Wait until a condition holds; False if it still does not after the bound."""
    end = monotonic() + within_s
    while not condition():
        if monotonic() >= end:
            return False
        await asyncio.sleep(every_s)
    return True
