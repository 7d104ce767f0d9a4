"""What stands behind a decoder while it is fuzzed: a record and a database that take whatever real ones would."""

from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeVar

from psycopg import DataError

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations import copying, rules
from dothi.core.observations.entities.types import Creatable, Created
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.kernel import clock

T = TypeVar("T")
ACTOR: Final[Actor] = SYSTEM


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits for something")


class Record:
    """Prepares rows as the real record does before the database sees them."""

    def __init__(self) -> None:
        self.rows: list[NewObservation] = []

    async def write(self, _actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Take rows; each second Datastream is one that is not there."""
        rows = rules.in_utc(rows, now=clock.now())
        self.rows += rows
        streams = {row.datastream_id for row in rows}
        plan = rules.plan(list(rows), dict.fromkeys(sorted(streams)[::2]))
        for key, row in (plan.straight | plan.staged).items():
            check_values(copying._tuple_of(1, key, row, None))
        return [Stored(0 if key is None else 1, Outcome.STORED) for key in plan.keys]

    async def write_each(self, actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Take rows, but for those about the thirteenth feature: it is not there."""
        known = iter(await self.write(actor, [row for row in rows if row.feature_id != 13]))
        missing = Stored(0, Outcome.UNKNOWN_FEATURE)
        return [missing if row.feature_id == 13 else next(known) for row in rows]

    async def see_place(self, _actor: Actor, _datastream_id: int) -> None:
        """Know every Thing's place."""

    @asynccontextmanager
    async def undivided(self) -> AsyncIterator[None]:
        """Let what is done be one."""
        yield

    async def fetch_widths(self, datastream_ids: Iterable[int]) -> dict[int, int]:
        """Say that each fifth Datastream is a MultiDatastream of two values."""
        return {stream: 2 for stream in datastream_ids if stream % 5 == 0}

    async def create(self, _actor: Actor, *new: Creatable, permission: str = "") -> list[Created]:
        """Take entities."""
        return [Created(1, (), ()) for _ in new]


def check_values(values: Sequence[object]) -> None:
    """Refuse what psycopg or PostgreSQL would, for the types of the record's columns."""
    for value in values:
        if isinstance(value, list):
            check_values(value)
        if isinstance(value, str) and "\0" in value:
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        if isinstance(value, str):
            value.encode()
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise AssertionError(f"{value} is beyond int8: the batch would fail for all")


class Connection:
    """A database on which every statement works and gives a row, and in which all is there that is linked."""

    def __init__(self) -> None:
        self._row: tuple[object, ...] = ()

    def transaction(self) -> Self:
        """Begin."""
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        pass

    async def execute(self, query: object, values: Sequence[object] = ()) -> Self:
        """Run a statement; what a deep insert looks up is answered value by value."""
        check_values(values)
        is_look = isinstance(query, bytes) and query.startswith(b"SELECT (SELECT array_agg(")
        self._row = tuple(map(_look_up, values)) if is_look else (1, False)
        return self

    async def fetchone(self) -> tuple[object, ...]:
        """Give the row."""
        return self._row

    async def fetchall(self) -> list[tuple[object, ...]]:
        """Give no rows."""
        return []


def _look_up(value: object) -> object:
    """Give so many fresh ids, or the linked ids, which are all there, or a geometry for each GeoJSON."""
    if isinstance(value, int):
        return list(range(1, value + 1))
    assert isinstance(value, list)
    return [each if isinstance(each, int) else "POINT(106.6 11)" for each in value]
