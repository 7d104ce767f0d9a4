"""Rules of the record: when two Observations are the same one, and which way into the table each takes."""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput

EARLIEST: Final = datetime(1850, 1, 1, tzinfo=UTC)
"""Nothing a city keeps is older: it bounds how many partitions a broken clock can make."""
FURTHEST_AHEAD: Final = timedelta(days=366 * 50)
"""No forecast or plan reaches further than fifty years."""

_PLAIN_FIELDS: Final = 4
"""How many of its first fields a plain row uses."""
_NOTHING: Final = (None,) * (len(NewObservation.__struct_fields__) - _PLAIN_FIELDS)
_HEAD: Final = struct.Struct("<dqqqq")
_NUMBER: Final = struct.Struct("<d")
_BITS: Final = struct.Struct("<q")
_NO_EXTRAS: Final = (None, None, None, None)
_ABSENT: Final = -(2**63)


def fingerprint(row: NewObservation) -> int:
    """Give 64 signed bits of what makes an Observation itself, besides its Datastream and phenomenonTime.

    These are the end of its time, resultTime, validTime's start, the feature and the result. A number that stands
    alone, as most do, is its own fingerprint: its bits. Anything else is hashed (BLAKE2b).
    """
    number = None if row.result is None else row.result + 0.0  # -0.0 and 0.0 are one result
    extras = (row.phenomenon_end, row.result_time, row.valid_from, row.feature_id)
    if number is not None and extras == _NO_EXTRAS:
        bits: int = _BITS.unpack(_NUMBER.pack(number))[0]
        return bits
    head = _HEAD.pack(
        0.0 if number is None else number,
        _micros(row.phenomenon_end),
        _micros(row.result_time),
        _micros(row.valid_from),
        _ABSENT if row.feature_id is None else row.feature_id,
    )
    tail = b"" if row.result_json is None else row.result_json.encode("utf-8", "surrogatepass")
    kind = b"n" if number is not None else b"j" if row.result_json is not None else b"0"
    return int.from_bytes(hashlib.blake2b(head + kind + tail, digest_size=8).digest(), "little", signed=True)


def are_plain(rows: Iterable[NewObservation]) -> bool:
    """Tell whether rows are of the most frequent kind: a number at a moment, with its flag, and nothing else."""
    return all(astuple(row)[_PLAIN_FIELDS:] == _NOTHING and row.result is not None for row in rows)


def fingerprints(rows: Sequence[NewObservation]) -> list[int]:
    """Give the fingerprint of each row; of plain ones all at once."""
    if not are_plain(rows):
        return [fingerprint(row) for row in rows]
    numbers = np.array([row.result for row in rows], dtype=np.float64) + 0.0
    found: list[int] = numbers.view(np.int64).tolist()
    return found


def to_micros(moment: datetime) -> int:
    """Give microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def to_micros_all(moments: Sequence[datetime]) -> NDArray[np.int64]:
    """Give the same of many."""
    seconds = np.fromiter(map(datetime.timestamp, moments), np.float64, len(moments))
    found: NDArray[np.int64] = np.rint(seconds * 1e6).astype(np.int64)
    return found


def _micros(moment: datetime | None) -> int:
    return _ABSENT if moment is None else to_micros(moment)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def check_time(moment: datetime, *, now: datetime, place: str = "phenomenonTime") -> datetime:
    """Give the moment in UTC. Raises InvalidInput without a zone or outside of the years the record keeps."""
    if moment.tzinfo is None:
        raise InvalidInput(f"{place} needs a time zone", place=place)
    if not EARLIEST <= moment <= now + FURTHEST_AHEAD:
        raise InvalidInput(f"{place} {moment.isoformat()} is outside of the years that are kept", place=place)
    return moment.astimezone(UTC)


def in_utc(rows: Sequence[NewObservation], *, now: datetime) -> Sequence[NewObservation]:
    """Give rows with their phenomenonTime in UTC, as partitions are days of UTC. Raises what `check_time` does."""
    latest = now + FURTHEST_AHEAD
    if all(row.phenomenon_time.tzinfo is UTC and EARLIEST <= row.phenomenon_time <= latest for row in rows):
        return rows
    return [msgspec.structs.replace(row, phenomenon_time=check_time(row.phenomenon_time, now=now)) for row in rows]


Key = tuple[int, datetime, int]
"""What an Observation is unique by: Datastream, phenomenonTime, fingerprint. A plain tuple: a batch makes thousands."""


class Plan(NamedTuple):
    """Which way each distinct row goes: `straight` by COPY, then `staged` past the stored rows.

    `keys` are the keys of the rows as they were given, None for an unknown Datastream: rows with one key are one row.
    """

    straight: dict[Key, NewObservation]
    staged: dict[Key, NewObservation]
    keys: list[Key | None]


def plan(rows: Sequence[NewObservation], latest: Mapping[int, datetime | None]) -> Plan:
    """Sort the rows of a batch by the way they go in.

    `latest` has the newest phenomenonTime of each Datastream that exists. A row newer than that, and than all rows of
    its Datastream before it in the batch, can't be stored already, so it goes straight in; all others are staged.
    """
    newest = dict(latest)
    made = Plan({}, {}, [])
    for row, mark in zip(rows, fingerprints(rows), strict=True):
        stream, moment = row.datastream_id, row.phenomenon_time
        if stream not in newest:
            made.keys.append(None)
            continue
        key = (stream, moment, mark)
        made.keys.append(key)
        known = newest[stream]
        if known is None or moment > known:
            newest[stream] = moment
            made.straight[key] = row
        elif key not in made.straight:
            made.staged.setdefault(key, row)
    return made


class Newest(NamedTuple):
    """What a batch changes in the row of one Datastream in observations_latest."""

    id: int
    row: NewObservation
    first_time: datetime
    last_end: datetime
    result_first: datetime | None
    result_last: datetime | None
    number: int


def summarise(stored: Iterable[tuple[int, NewObservation]]) -> dict[int, Newest]:
    """Fold the rows that were added, as (id, row), into one summary for each Datastream."""
    found: dict[int, list[Any]] = {}
    for row_id, row in stored:
        begin, result_time = row.phenomenon_time, row.result_time
        end = row.phenomenon_end or begin
        was = found.get(row.datastream_id)
        if was is None:
            found[row.datastream_id] = [row_id, row, begin, end, result_time, result_time, 1]
            continue
        if begin > was[1].phenomenon_time:
            was[:2] = row_id, row
        elif begin < was[2]:
            was[2] = begin
        if end > was[3]:
            was[3] = end
        if result_time is not None:
            was[4] = min(was[4] or result_time, result_time)
            was[5] = max(was[5] or result_time, result_time)
        was[6] += 1
    return {stream: Newest(*fields) for stream, fields in found.items()}
