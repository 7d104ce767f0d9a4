"""The files that people gave, such as photos of work orders: into a backup, and back into the home."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dothi.config.backup import archive

MEDIA: Final = "media"
"""The folder's name in the home, and in the backup."""


def collect_media(home: Path, folder: Path) -> None:
    """Put a home's files into a folder; those that are being written just now belong to the next backup.

    Names are linked where the disk allows it: a file never changes once it is there. Raises OSError.
    """
    media = home / MEDIA
    for file in sorted(media.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            target = folder / MEDIA / file.relative_to(media)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, target)
            except OSError:  # another disk, or one without links
                shutil.copyfile(file, target)


def put_back_media(home: Path, backup: Path, members: Iterable[str]) -> None:
    """Write the files of a verified backup into a home, beside what is there. Raises Damaged, OSError."""
    archive.unpack(backup, home, [name for name in members if name.startswith(f"{MEDIA}/")])
