"""Tells the city what was committed: at once, and what follows within milliseconds together."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Final

from dothi.kernel.events import ObservationRow, ObservationsStored, Publish

TELL_S: Final = 0.02
"""The shortest time between two tellings: under load a small batch costs as much to tell, and to hear, as to store."""
MANY: Final = 1_000
"""So many rows are told at once, however short it is since the last time."""


class Teller:
    """Publishes what one writer has committed, in the order of the commits; its tellings are numbered from 1.

    What is not told yet when the process dies is in the record: whoever must miss nothing keeps a watermark.
    """

    def __init__(self, publish: Publish, *, writer: str) -> None:
        self._publish = publish
        self._writer = writer
        self._numbers = count(1)
        self._rows: list[ObservationRow] = []
        self._told_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def tell(self, rows: Sequence[ObservationRow]) -> None:
        """Tell of rows that are committed, within `TELL_S`."""
        self._rows += rows
        loop = asyncio.get_running_loop()
        wait_s = self._told_at + TELL_S - loop.time()
        if wait_s <= 0 or len(self._rows) >= MANY:
            self.finish()
        elif self._later is None:
            self._later = loop.call_later(wait_s, self.finish)

    def finish(self) -> None:
        """Tell now what waits."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._rows:
            rows, self._rows = self._rows, []
            self._told_at = asyncio.get_running_loop().time()
            self._publish(ObservationsStored(writer=self._writer, number=next(self._numbers), rows=rows))
