"""Watches the room on the disks that Dothi writes to: says once that one is full, and once that there is room again."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dothi.config.servers.console import free_bytes
from dothi.config.servers.process import CannotStart

NEEDED_TO_START: Final = 200_000_000
"""Bytes: a new cluster and its journal take about half of it."""
FULL_BELOW: Final = 32_000_000
"""Bytes: two segments of PostgreSQL's journal; without room for the next one it ends."""
LOOK_EVERY_S: Final = 5.0


class Room:
    """The room on the disks of some folders."""

    def __init__(self, *, tell: Callable[[str], None], on_room: Callable[[], None]) -> None:
        self._folders: set[Path] = set()
        self._tell: Final = tell
        self._on_room: Final = on_room
        self._is_full = False

    def add(self, folder: Path) -> None:
        """Watch the disk of a folder too. Raises CannotStart if there is not enough room to start."""
        free = free_bytes(folder)
        if free < NEEDED_TO_START:
            needed = _megabytes(NEEDED_TO_START)
            raise CannotStart(
                f"The disk of {folder} is full: {_megabytes(free)} are free, {needed} are needed to start."
            )
        self._folders.add(folder)

    def is_full(self) -> bool:
        """Tell whether a disk is full, and say so if that is new."""
        full = [folder for folder in sorted(self._folders) if _free(folder) < FULL_BELOW]
        if full and not self._is_full:
            left = _megabytes(_free(full[0]))
            self._tell(f"The disk of {full[0]} is full ({left} are free): Dothi goes on by itself when there is room.")
        if self._is_full and not full:
            self._tell("There is room on the disk again.")
            self._on_room()
        self._is_full = bool(full)
        return self._is_full

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.is_full()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), LOOK_EVERY_S)


def _free(folder: Path) -> int:
    try:
        return free_bytes(folder)
    except OSError:
        return 0


def _megabytes(count: int) -> str:
    return f"{count // 1_000_000} MB"
