"""How many values a result has: of a MultiDatastream as many as it has units (OGC 18-088, clause 11)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from psycopg import AsyncConnection

from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput

_values: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Widths:
    """Knows which Datastreams have results of one value; what a Datastream is stays so, so it is asked once."""

    def __init__(self) -> None:
        self._single: set[int] = set()

    def are_single(self, rows: Iterable[NewObservation]) -> bool:
        """Tell, without asking, whether all rows are of Datastreams known to have single results."""
        single = self._single
        return all(row.datastream_id in single for row in rows)

    async def fetch(self, connection: AsyncConnection, datastream_ids: Iterable[int]) -> dict[int, int]:
        """Give the number of values of those that are MultiDatastreams, by id."""
        asked = sorted(set(datastream_ids) - self._single)
        if not asked:
            return {}
        cursor = await connection.execute(
            "SELECT id, CASE WHEN is_multi THEN jsonb_array_length(unit) END FROM observations_datastream"
            " WHERE id = ANY(%s)",
            [asked],
        )
        found: dict[int, int | None] = dict(await cursor.fetchall())
        self._single.update(stream for stream, width in found.items() if width is None)
        return {stream: width for stream, width in found.items() if width is not None}


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
