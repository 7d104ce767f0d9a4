"""What `dothi up` says, and what its programs say, kept in files of bounded size."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

LARGEST_LOG: Final = 5_000_000
"""Bytes; a log beyond it becomes NAME.log.1 and a new one begins."""


def tell(line: str) -> None:
    """Say one line to whoever started Dothi; a console that went away is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def complain(line: str) -> None:
    """Say one line on standard error."""
    with contextlib.suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)


class Log:
    """One program's output: all of it in a file as far as the disk takes it, its end in memory."""

    def __init__(self, file: Path) -> None:
        self.file: Final = file
        self._end = b""

    def write(self, output: bytes) -> None:
        """Add output."""
        self._end = (self._end + output)[-4000:]
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(mode=0o700, exist_ok=True)
            if self.file.exists() and self.file.stat().st_size > LARGEST_LOG:
                self.file.replace(self.file.with_name(f"{self.file.name}.1"))
            with self.file.open("ab", buffering=0) as out:
                out.write(output)

    def last_line(self) -> str:
        """Give the last line with something on it, shortened, or ""."""
        lines = [line.strip() for line in self._end.decode("utf-8", "replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")[:200]

    def forget(self) -> None:
        """Begin anew in memory, so that an old line is not taken for the reason of a new end."""
        self._end = b""


def free_bytes(folder: Path) -> int:
    """Give the room that an ordinary process has on the disk of a folder."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize
