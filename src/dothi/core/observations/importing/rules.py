"""Which of many rows are the same, which way each goes in, and what they change: the record's rules over arrays."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np

from dothi.core.observations.importing.types import ABSENT, MISSING, Flags, Ints, Rows, Texts
from dothi.core.observations.rules import Newest, to_micros
from dothi.core.observations.types import NewObservation, Quality

_HEAD: Final = np.dtype([("result", "<f8"), ("end", "<i8"), ("at", "<i8"), ("valid", "<i8"), ("feature", "<i8")])
DAY: Final = 86_400_000_000
"""Microseconds."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_moment(micros: int) -> datetime:
    """Give a moment, in UTC."""
    return _EPOCH + timedelta(microseconds=int(micros))


def column_or(column: Ints | None, count: int, value: int = ABSENT) -> Ints:
    """Give a column, filled with one value where the rows have none."""
    return np.full(count, value, dtype=np.int64) if column is None else column


def fingerprints(rows: Rows) -> Ints:
    """Give each row what `rules.fingerprint` of the record gives it; equal to the bit, or repeats would be stored."""
    count = len(rows)
    result = np.full(count, np.nan) if rows.result is None else rows.result + 0.0  # -0.0 and 0.0 are one result
    is_number = ~np.isnan(result)
    heads = np.empty(count, dtype=_HEAD)
    heads["result"] = np.where(is_number, result, 0.0)
    alone = is_number.copy()
    extras = {"end": rows.end, "at": rows.result_time, "valid": rows.valid_from, "feature": rows.feature}
    for name, column in extras.items():
        heads[name] = column_or(column, count)
        alone &= heads[name] == ABSENT
    prints: Ints = heads["result"].view("<i8").astype(np.int64)  # a number that stands alone is its own fingerprint
    places = np.flatnonzero(~alone)
    packed, size = heads.tobytes(), _HEAD.itemsize
    tails = _tails(rows.result_json, is_number)
    for at in places:
        digest = blake2b(packed[at * size : (at + 1) * size] + tails[at], digest_size=8).digest()
        prints[at] = int.from_bytes(digest, "little", signed=True)
    return prints


def _tails(texts: Texts | None, is_number: Flags) -> list[bytes]:
    given = [None] * len(is_number) if texts is None else texts
    return [
        b"n" if number else b"0" if text is None else b"j" + str(text).encode("utf-8", "surrogatepass")
        for number, text in zip(is_number, given, strict=True)
    ]


class Sorted(NamedTuple):
    """Rows by time and Datastream, no two the same; `first` are the first of their Datastream for a moment."""

    rows: Rows
    first: Flags
    repeats: int
    """How many were left out, as they repeated another of them in everything."""


def sort(rows: Rows) -> Sorted:
    """Sort rows so that most go straight in; needs fingerprints.

    Of rows for one moment of a Datastream the first is kept as it is, and others with another result conflict with it.
    """
    order = np.lexsort((rows.series, rows.time))  # stable: what came first stays first
    rows = rows.take(order)
    same = (rows.series[1:] == rows.series[:-1]) & (rows.time[1:] == rows.time[:-1])
    starts = np.flatnonzero(np.concatenate(([True], ~same)))
    sizes = np.diff(np.append(starts, len(rows)))
    keep = np.ones(len(rows), dtype=bool)
    conflicting = np.zeros(len(rows), dtype=bool) if rows.conflicting is None else rows.conflicting.copy()
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        _judge(rows, range(start, start + size), keep, conflicting)
    first = np.zeros(len(rows), dtype=bool)
    first[starts] = True
    settled = replace(rows, conflicting=conflicting).take(keep)
    return Sorted(settled, first[keep], len(rows) - len(settled))


def _judge(rows: Rows, places: range, keep: Flags, conflicting: Flags) -> None:
    """Leave out the repeats among rows for one moment of one Datastream, and mark those that conflict."""
    prints = column_or(rows.fingerprint, len(rows))
    seen: dict[tuple[int, int], set[int]] = {}
    for place in places:
        end = ABSENT if rows.end is None else int(rows.end[place])
        feature = ABSENT if rows.feature is None else int(rows.feature[place])
        alike = seen.setdefault((end, feature), set())
        if int(prints[place]) in alike:
            keep[place] = False
        else:
            conflicting[place] |= bool(alike)
            alike.add(int(prints[place]))


def are_known(rows: Rows) -> Flags:
    """Tell which rows are about no feature, or one that is there."""
    flags: Flags = column_or(rows.feature, len(rows)) != MISSING
    return flags


def count_known(rows: Rows) -> int:
    """Count those."""
    return int(are_known(rows).sum())


def is_straight(rows: Rows, first: Flags, latest: Mapping[int, datetime | None]) -> Flags:
    """Tell which rows can't be stored yet, as they are newer than their Datastream's latest; cf. `rules.plan`."""
    streams, places = np.unique(rows.series, return_inverse=True)
    newest = np.array(
        [ABSENT if (at := latest[int(stream)]) is None else to_micros(at) for stream in streams], dtype=np.int64
    )
    flags: Flags = first & (rows.time > newest[places])
    return flags


def with_features(rows: Rows, features: Mapping[int, int | None]) -> Rows:
    """Give rows that name no feature their Datastream's default one; their fingerprints stay as they were given."""
    streams, places = np.unique(rows.series, return_inverse=True)
    defaults = np.array([features[int(stream)] or ABSENT for stream in streams], dtype=np.int64)
    if (defaults == ABSENT).all():
        return rows
    given = column_or(rows.feature, len(rows))
    return replace(rows, feature=np.where(given == ABSENT, defaults[places], given))


def summarise(rows: Rows, ids: Ints) -> dict[int, Newest]:
    """Fold rows that were added into one summary for each Datastream; cf. `rules.summarise`."""
    if not len(rows):
        return {}
    order = np.lexsort((rows.time, rows.series))
    rows, ids = rows.take(order), ids[order]
    streams, starts, counts = np.unique(rows.series, return_index=True, return_counts=True)
    lasts = starts + counts - 1
    # The first of those for the newest moment is the newest, as `rules.summarise` has it.
    newest = [int(np.searchsorted(rows.time[a : b + 1], rows.time[b])) + a for a, b in zip(starts, lasts, strict=True)]
    end = column_or(rows.end, len(rows))
    ends = np.maximum.reduceat(np.where(end == ABSENT, rows.time, end), starts)
    stated = column_or(rows.result_time, len(rows))
    first = np.minimum.reduceat(np.where(stated == ABSENT, -(ABSENT + 1), stated), starts)
    last = np.maximum.reduceat(stated, starts)
    return {
        int(stream): Newest(
            int(ids[newest[n]]),
            observation(rows, int(newest[n])),
            to_moment(rows.time[starts[n]]),
            to_moment(ends[n]),
            None if last[n] == ABSENT else to_moment(first[n]),
            None if last[n] == ABSENT else to_moment(last[n]),
            int(counts[n]),
        )
        for n, stream in enumerate(streams)
    }


def observation(rows: Rows, place: int) -> NewObservation:
    """Give one row as the record's writer knows it."""
    result = None if rows.result is None or np.isnan(rows.result[place]) else float(rows.result[place])
    return NewObservation(
        datastream_id=int(rows.series[place]),
        phenomenon_time=to_moment(rows.time[place]),
        result=result,
        result_json=None if rows.result_json is None else rows.result_json[place],
        phenomenon_end=_moment_at(rows.end, place),
        result_time=_moment_at(rows.result_time, place),
        feature_id=None if rows.feature is None or rows.feature[place] == ABSENT else int(rows.feature[place]),
        quality=Quality.NOT_EVALUATED if rows.quality is None else int(rows.quality[place]),
        valid_from=_moment_at(rows.valid_from, place),
        valid_to=_moment_at(rows.valid_to, place),
    )


def _moment_at(column: Ints | None, place: int) -> datetime | None:
    return None if column is None or column[place] == ABSENT else to_moment(column[place])
