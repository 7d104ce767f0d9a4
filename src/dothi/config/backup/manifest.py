"""What a backup says of itself: what it was made of, and what it must hold to be whole."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

FORMAT: Final = 1


class Check(msgspec.Struct, frozen=True):
    """What a table held: its rows, and the sum of a hash of each, whatever their order."""

    rows: int
    checksum: str


class Member(msgspec.Struct, frozen=True):
    """One file of a backup."""

    size: int
    sha256: str


class System(msgspec.Struct, frozen=True):
    """A reference system that was added to those PostGIS brings."""

    srid: int
    auth_name: str | None
    auth_srid: int | None
    srtext: str | None
    proj4text: str | None


class Manifest(msgspec.Struct, frozen=True):
    """All that is said of a backup; `migrations` are `app.name`, `server` is as PostgreSQL numbers its versions."""

    format: Annotated[int, msgspec.Meta(ge=1)]
    dothi: str
    made_at: datetime
    city: str
    server: int
    migrations: tuple[str, ...]
    extensions: tuple[str, ...]
    systems: tuple[System, ...]
    tables: dict[str, Check]
    members: dict[str, Member]

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables.values())
