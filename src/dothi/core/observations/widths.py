"""How many values a result has: of a MultiDatastream as many as it has units (OGC 18-088, clause 11)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from time import monotonic
from typing import Final

import msgspec
from psycopg import AsyncConnection

from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput

Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
_values: Final = msgspec.json.Decoder(list[msgspec.Raw])


KEPT_S: Final = 30.0
"""Wall seconds for which it is known which Datastreams have more than one value."""


class Widths:
    """Knows which Datastreams are MultiDatastreams: few are, so all of them are read at once, and not one by one.

    What is newer than the newest known is asked for at once; an id from below it, which another process may have kept
    back, is known after half a minute.
    """

    def __init__(self) -> None:
        self._multi: dict[int, int] = {}
        self._newest = 0
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    def are_single(self, rows: Iterable[NewObservation]) -> bool:
        """Tell, without asking, whether all rows are of Datastreams known to have single results."""
        multi, newest = self._multi, self._newest
        if monotonic() - self._read_at > KEPT_S:
            return False
        return all(row.datastream_id <= newest and row.datastream_id not in multi for row in rows)

    async def fetch(self, connect: Connect, datastream_ids: Iterable[int]) -> dict[int, int]:
        """Give the number of values of those that are MultiDatastreams, by id."""
        asked, now = set(datastream_ids), monotonic()
        if asked and (max(asked) > self._newest or now - self._read_at > KEPT_S):
            async with self._reading:
                if self._read_at < now:
                    await self._read(connect)
        return {stream: self._multi[stream] for stream in asked & self._multi.keys()}

    async def _read(self, connect: Connect) -> None:
        began = monotonic()
        async with connect() as connection:
            newest = await (
                await connection.execute("SELECT coalesce(max(id), 0) FROM observations_datastream")
            ).fetchone()
            multi = await connection.execute(
                "SELECT id, jsonb_array_length(unit) FROM observations_datastream WHERE is_multi"
            )
            self._multi = dict(await multi.fetchall())
        self._newest, self._read_at = (newest[0] if newest else 0), began


def check_width(row: NewObservation, widths: Mapping[int, int]) -> None:
    """See that a MultiDatastream's result is an array of as many values as it has units. Raises InvalidInput."""
    width = widths.get(row.datastream_id)
    if width is None:
        return
    try:
        values = None if row.result_json is None else _values.decode(row.result_json)
    except msgspec.MsgspecError:
        values = None
    if values is None or len(values) != width:
        message = f"a result of MultiDatastream {row.datastream_id} is an array of {width} values"
        raise InvalidInput(message, place="result")


def check_widths(rows: Sequence[NewObservation], widths: Mapping[int, int]) -> None:
    """See the same of several rows. Raises InvalidInput."""
    if widths:
        for row in rows:
            check_width(row, widths)
