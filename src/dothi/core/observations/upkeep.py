"""What someone should look after: messages that could not be used, and units that could not be read."""

import time
from typing import Final

import msgspec
from psycopg import AsyncConnection

FRESH_S: Final = 30.0
"""For so many wall seconds a count is given again: whoever asks often costs no more."""

_COUNTS: Final = (
    "SELECT (SELECT count(*) FROM observations_deadletter),"
    " (SELECT count(*) FROM observations_datastream WHERE ucum IS NULL AND NOT is_multi)"
)


class Upkeep(msgspec.Struct, frozen=True):
    """How many dead letters are kept, and how many Datastreams have a unit that can't be read as UCUM."""

    dead_letters: int
    unread_units: int


class Counts:
    """Counts what is kept, at most every half minute."""

    def __init__(self) -> None:
        self._counted: tuple[float, Upkeep] | None = None

    async def count(self, connection: AsyncConnection) -> Upkeep:
        """Give the counts, fresh or nearly so."""
        if self._counted is None or time.monotonic() - self._counted[0] > FRESH_S:
            cursor = await connection.execute(_COUNTS)
            row = await cursor.fetchone()
            self._counted = time.monotonic(), Upkeep(*row) if row else Upkeep(0, 0)
        return self._counted[1]
