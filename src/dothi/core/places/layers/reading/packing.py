"""Packed files: of a zipped Shapefile only its parts, under names of our own, and no more than is allowed."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Final

from dothi.kernel.errors import InvalidInput

NEEDED: Final = (".shp", ".shx", ".dbf")
PARTS: Final = (*NEEDED, ".prj", ".cpg")
MOST_MEMBERS: Final = 1000
MOST_RATIO: Final = 200
"""How many times larger than the archive its content may be, beyond the first megabytes."""
FREE_BYTES: Final = 50_000_000
_PIECE: Final = 1 << 20


def unpack(path: Path, scratch: Path, *, name: str, most: int) -> Path:
    """Unpack the Shapefile of an archive into a folder; gives its .shp, and its name's stem is the archive's.

    Raises InvalidInput for what is no archive, leads out of its folder, has no or several Shapefiles, lacks a part of
    one, or would be too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, name)
            stem = _stem(members, name)
            parts = dict(_parts(members, stem))
            if lacking := [suffix for suffix in NEEDED if suffix not in parts]:
                raise InvalidInput(f"the Shapefile in {name} lacks its part {', '.join(lacking)}", place="file")
            allowed = _allowed(path, most)
            for suffix, member in parts.items():
                with archive.open(member) as source:
                    allowed -= _copy(source, scratch / f"layer{suffix}", allowed, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidInput(f"{name} can't be unpacked: {error}", place="file") from error
    return scratch / "layer.shp"


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(f"{name} holds more than {MOST_MEMBERS} files", place="file")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise InvalidInput(f"{name} holds a file that leads out of it: {member.filename[:80]}", place="file")
    return [member for member in members if not member.filename.startswith("__MACOSX/")]


def _stem(members: Iterable[zipfile.ZipInfo], name: str) -> str:
    stems = sorted({member.filename[:-4] for member in members if member.filename.lower().endswith(".shp")})
    if len(stems) != 1:
        what = "no Shapefile" if not stems else f"several Shapefiles ({', '.join(stems)[:200]})"
        raise InvalidInput(f"{name} holds {what}: give one with one", place="file")
    return stems[0]


def _parts(members: Iterable[zipfile.ZipInfo], stem: str) -> Iterable[tuple[str, zipfile.ZipInfo]]:
    for member in members:
        base, suffix = member.filename[:-4], member.filename[-4:].lower()
        if base == stem and suffix in PARTS:
            yield suffix, member


def gunzip(path: Path, scratch: Path, *, name: str, most: int) -> Path:
    """Unpack a file that is packed with gzip; gives it under its own ending. Raises InvalidInput as above."""
    target = scratch / f"layer{Path(name).suffix.lower()}"
    try:
        with gzip.open(path) as source:
            _copy(source, target, _allowed(path, most), name)
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput(f"{name} can't be unpacked: {error}", place="file") from error
    return target


def _allowed(path: Path, most: int) -> int:
    return min(most, max(FREE_BYTES, path.stat().st_size * MOST_RATIO))


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, allowed: int, name: str) -> int:
    """Copy what is packed, counting what really comes: what an archive says of itself need not be true."""
    written = 0
    with target.open("wb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > allowed:
                raise InvalidInput(f"{name} unpacks to far more than it is: it is not taken", place="file")
            file.write(piece)
    return written
