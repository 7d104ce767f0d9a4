"""The file of a backup: a tar whose last member, the manifest, says what all others must be."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

import msgspec

from dothi.config.backup.manifest import FORMAT, Manifest, Member
from dothi.kernel.errors import DothiError

NAME: Final = "manifest.json"
_BLOCK: Final = 1 << 20
_LARGEST_MANIFEST: Final = 100_000_000


class Damaged(DothiError):
    """A backup is not whole; the message is the one line that says so."""


def pack(file: Path, folder: Path, manifest: Manifest) -> Manifest:
    """Write the files of a folder and the manifest, whole or not at all; the files are removed as they are written.

    Only the owner can read the result. Gives the manifest with its members. Raises OSError.
    """
    draft = file.with_name(f"{file.name}.draft")
    members: dict[str, Member] = {}
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    members[path.relative_to(folder).as_posix()] = _add(tar, path, folder)
                    path.unlink()
                whole = msgspec.structs.replace(manifest, members=members)
                text = msgspec.json.format(msgspec.json.encode(whole), indent=1)
                entry = tarfile.TarInfo(NAME)
                entry.size, entry.mode = len(text), 0o600
                tar.addfile(entry, io.BytesIO(text))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return whole


def _add(tar: tarfile.TarFile, path: Path, folder: Path) -> Member:
    entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
    entry.size, entry.mode = path.stat().st_size, 0o600
    with path.open("rb") as content:
        reader = _Hashing(content)
        tar.addfile(entry, reader)
    return Member(entry.size, reader.hash.hexdigest())


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.hash: Final = hashlib.sha256()
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self._file.read(size)
        self.hash.update(block)
        return block


def verify(file: Path) -> Manifest:
    """Read a whole backup and see that nothing in it is missing or changed. Raises Damaged."""
    try:
        with tarfile.open(file, "r:") as tar:
            entries = {entry.name: entry for entry in tar.getmembers()}
            if odd := [entry.name for entry in entries.values() if not entry.isreg() or entry.issparse()]:
                raise Damaged(f"{file} is damaged: {odd[0]} is no plain file")
            manifest = _manifest_of(tar, entries)
            for name, member in manifest.members.items():
                entry = entries.get(name)
                if entry is None or entry.size != member.size or _digest(tar, entry) != member.sha256:
                    raise Damaged(f"{file} is damaged: {name} is not what it was")
            if extra := entries.keys() - manifest.members.keys() - {NAME}:
                raise Damaged(f"{file} is damaged: nobody knows of {min(extra)}")
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Damaged(f"{file} is no whole backup: {reason}") from error
    return manifest


def _manifest_of(tar: tarfile.TarFile, entries: dict[str, tarfile.TarInfo]) -> Manifest:
    entry = entries.get(NAME)
    content = None if entry is None or entry.size > _LARGEST_MANIFEST else tar.extractfile(entry)
    if content is None:
        raise Damaged(f"{tar.name!s} is no whole backup: its manifest is missing")
    try:
        found = msgspec.json.decode(content.read(), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"{tar.name!s} is damaged: its manifest can't be read: {error}") from error
    if found.format > FORMAT:
        raise Damaged(f"{tar.name!s} was made by a newer Dothi ({found.dothi}): restore it with that")
    return found


def _digest(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    content = tar.extractfile(entry)
    if content is None:
        return ""
    reader = _Hashing(content)
    while reader.read(_BLOCK):
        pass
    return reader.hash.hexdigest()


def unpack(file: Path, folder: Path, names: Iterable[str]) -> None:
    """Write members of a verified backup into a folder."""
    with tarfile.open(file, "r:") as tar:
        for name in names:
            target = folder / name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise Damaged(f"{file} is damaged: {name} would leave its folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(name)
            with target.open("wb") as out:
                while content is not None and (block := content.read(_BLOCK)):
                    out.write(block)


def read(file: Path, name: str) -> bytes:
    """Read one small member of a verified backup."""
    with tarfile.open(file, "r:") as tar:
        content = tar.extractfile(name)
        return b"" if content is None else content.read()
