"""What only a mount can show: a small disk, and a program that is not there; as root or in a user namespace."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

IS_ROOT: Final = os.geteuid() == 0
# In a namespace of its own an ordinary user is root and may mount; in a second one inside it is itself again, as
# PostgreSQL refuses to run as root.
OWN_NAMESPACE: Final = ("unshare", "--mount") if IS_ROOT else ("unshare", "--user", "--map-root-user", "--mount")
OWN_USER: Final = (
    () if IS_ROOT else ("unshare", "--user", f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}", "--")
)


def need_mounts() -> None:
    """Skip the test, and say why, where nothing can be mounted."""
    found = subprocess.run([*OWN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    if found.returncode != 0:
        pytest.skip(f"needs root or user namespaces to mount: {found.stderr.decode().strip()}")


def hiding(program: str) -> tuple[str, ...]:
    """Give the words that run a command line where a program is not there."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    assert found is not None
    hide = 'mount --bind /dev/null "$0" && exec "$@"'
    return (*OWN_NAMESPACE, "sh", "-c", hide, found, *OWN_USER)


@dataclass
class SmallDisk:
    """A disk of some hundred megabytes."""

    inside: Path
    """Its path for a command that is run through `prefix`."""
    outside: Path
    """Its path for the test."""
    prefix: tuple[str, ...]

    def fill(self) -> None:
        """Leave no room."""
        with (self.outside / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(b"\0" * 1_000_000)

    def free(self) -> None:
        """Make room again."""
        (self.outside / "ballast").unlink()


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a small disk for as long as the block runs."""
    need_mounts()
    mount = f'mount -t tmpfs -o size={megabytes}m,mode=0755 tmpfs "$0" && echo mounted && exec sleep infinity'
    with subprocess.Popen(
        [*OWN_NAMESPACE, "sh", "-c", mount, str(folder)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"mounted\n"
            enter = ["nsenter", f"--target={holder.pid}", "--mount"]
            if not IS_ROOT:
                enter += ["--user", "--preserve-credentials"]
            outside = Path(f"/proc/{holder.pid}/root{folder}")
            yield SmallDisk(inside=folder, outside=outside, prefix=(*enter, *OWN_USER))
        finally:
            holder.kill()
