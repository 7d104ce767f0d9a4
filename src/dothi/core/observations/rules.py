"""Rules of the record: when two Observations are the same one, and which way into the table each takes."""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput

EARLIEST: Final = datetime(1850, 1, 1, tzinfo=UTC)
"""Nothing a city keeps is older: it bounds how many partitions a broken clock can make."""
FURTHEST_AHEAD: Final = timedelta(days=366 * 50)
"""No forecast or plan reaches further than fifty years."""

_NUMBER: Final = struct.Struct("<dqqqq")
_ABSENT: Final = -(2**63)


def fingerprint(row: NewObservation) -> int:
    """Give 64 signed bits of what makes an Observation itself, besides its Datastream and phenomenonTime.

    These are the end of its time, resultTime, validTime's start, the feature and the result (BLAKE2b).
    """
    head = _NUMBER.pack(
        0.0 if row.result is None else row.result + 0.0,  # -0.0 and 0.0 are one result
        _micros(row.phenomenon_end),
        _micros(row.result_time),
        _micros(row.valid_from),
        _ABSENT if row.feature_id is None else row.feature_id,
    )
    tail = b"" if row.result_json is None else row.result_json.encode("utf-8", "surrogatepass")
    kind = b"n" if row.result is not None else b"j" if row.result_json is not None else b"0"
    return int.from_bytes(hashlib.blake2b(head + kind + tail, digest_size=8).digest(), "little", signed=True)


def _micros(moment: datetime | None) -> int:
    return _ABSENT if moment is None else (moment - _EPOCH) // _MICROSECOND


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def check_time(moment: datetime, *, now: datetime, place: str = "phenomenonTime") -> datetime:
    """Give the moment in UTC. Raises InvalidInput without a zone or outside of the years the record keeps."""
    if moment.tzinfo is None:
        raise InvalidInput(f"{place} needs a time zone", place=place)
    if not EARLIEST <= moment <= now + FURTHEST_AHEAD:
        raise InvalidInput(f"{place} {moment.isoformat()} is outside of the years that are kept", place=place)
    return moment.astimezone(UTC)


class Key(NamedTuple):
    """What an Observation is unique by."""

    datastream_id: int
    phenomenon_time: datetime
    fingerprint: int


class Plan(NamedTuple):
    """Which way each distinct row goes: `straight` by COPY, `staged` past the stored rows.

    `keys` are the keys of the rows as they were given, None for an unknown Datastream: rows with one key are one row.
    """

    straight: list[tuple[Key, NewObservation]]
    staged: list[tuple[Key, NewObservation]]
    keys: list[Key | None]


def plan(rows: Sequence[NewObservation], latest: Mapping[int, datetime | None]) -> Plan:
    """Sort the rows of a batch by the way they go in.

    `latest` has the newest phenomenonTime of each Datastream that exists. A row newer than that can't be stored already,
    so it goes straight in, unless the batch holds another for the same moment; all others are staged.
    """
    keys: list[Key | None] = []
    distinct: dict[Key, NewObservation] = {}
    moments: dict[tuple[int, datetime], int] = {}
    for row in rows:
        if row.datastream_id not in latest:
            keys.append(None)
            continue
        key = Key(row.datastream_id, row.phenomenon_time, fingerprint(row))
        keys.append(key)
        if key not in distinct:
            distinct[key] = row
            moment = (row.datastream_id, row.phenomenon_time)
            moments[moment] = moments.get(moment, 0) + 1
    straight, staged = [], []
    for key, row in distinct.items():
        newest = latest[key.datastream_id]
        is_newer = newest is None or key.phenomenon_time > newest
        way = straight if is_newer and moments[key.datastream_id, key.phenomenon_time] == 1 else staged
        way.append((key, row))
    return Plan(straight, staged, keys)


class Newest(NamedTuple):
    """What a batch changes in the row of one Datastream in observations_latest."""

    id: int
    row: NewObservation
    first_time: datetime
    last_end: datetime
    result_first: datetime | None
    result_last: datetime | None
    count: int


def summarise(stored: Iterable[tuple[int, NewObservation]]) -> dict[int, Newest]:
    """Fold the rows that were added, as (id, row), into one summary for each Datastream."""
    found: dict[int, Newest] = {}
    for row_id, row in stored:
        end = row.phenomenon_end or row.phenomenon_time
        was = found.get(row.datastream_id)
        if was is None:
            found[row.datastream_id] = Newest(
                row_id, row, row.phenomenon_time, end, row.result_time, row.result_time, 1
            )
            continue
        is_newer = row.phenomenon_time > was.row.phenomenon_time
        found[row.datastream_id] = Newest(
            row_id if is_newer else was.id,
            row if is_newer else was.row,
            min(was.first_time, row.phenomenon_time),
            max(was.last_end, end),
            min(filter(None, (was.result_first, row.result_time)), default=None),
            max(filter(None, (was.result_last, row.result_time)), default=None),
            was.count + 1,
        )
    return found
