"""Reads columns of times: any order of numbers, local time of a zone, each checked as a calendar date."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dothi.core.observations.importing.types import ABSENT, Flags, Ints, Time
from dothi.kernel.errors import InvalidInput

EPOCHS: Final = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Microseconds in one step of each count since 1970."""
_UNITS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
FURTHEST: Final = 2**62
"""Microseconds from 1970 in either direction: no year that is kept is as far."""
FORMATS: Final = frozenset({"iso", *EPOCHS})

FINE, MALFORMED, AMBIGUOUS, NO_SUCH_TIME = range(4)
REASONS: Final = {
    MALFORMED: "not a time of the mapping's format",
    AMBIGUOUS: "this local time comes twice, as clocks were set back",
    NO_SUCH_TIME: "this local time does not exist, as clocks were set forward",
}

_DAY: Final = 86_400_000_000
_DIRECTIVES: Final = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,6})",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_ISO: Final = (
    r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:[T ](?P<H>\d{2}):(?P<M>\d{2})"
    r"(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,6})\d*)?)?)? ?(?P<z>Z|[+-]\d{2}(?::?\d{2})?)?"
)
_PARTS: Final = ("Y", "m", "d", "H", "M", "S", "f", "z")


class Moments(NamedTuple):
    """Moments in microseconds since 1970 (UTC), and for each FINE or what is wrong; what is wrong has no meaning."""

    micros: Ints
    faults: Ints


def pattern_of(form: str) -> str:
    """Turn a format of %-directives into a regular expression. Raises InvalidInput for a directive that is unknown."""
    if form == "iso":
        return _ISO
    pieces = []
    for literal, directive in re.findall(r"([^%]+)|%(.?)", form):
        if literal:
            pieces.append(re.escape(literal))
        elif directive in _DIRECTIVES and (directive == "%" or _DIRECTIVES[directive] not in pieces):
            pieces.append(_DIRECTIVES[directive])
        elif directive in _DIRECTIVES:
            raise InvalidInput(f"[time] format: %{directive} comes twice", place="time.format")
        else:
            known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
            raise InvalidInput(f"[time] format: %{directive} is none of {known}", place="time.format")
    found = "".join(pieces)
    if not all(f"(?P<{part}>" in found for part in "md") or not re.search(r"\(\?P<[Yy]>", found):
        raise InvalidInput("[time] format needs a year, a month and a day", place="time.format")
    return found


def read_times(column: pa.Array, how: Time) -> Moments:
    """Read a column of texts, whole numbers or timestamps; nulls are malformed."""
    if pa.types.is_timestamp(column.type):
        return _of_timestamps(column, how)
    if pa.types.is_integer(column.type) and how.format in EPOCHS:
        return _scaled(column, EPOCHS[how.format])
    encoded = pc.dictionary_encode(pc.fill_null(column.cast(pa.string()), ""))
    words = pc.utf8_trim_whitespace(encoded.dictionary)
    found = _of_counts(words, EPOCHS[how.format]) if how.format in EPOCHS else _of_texts(words, how)
    places = encoded.indices.to_numpy()
    return Moments(found.micros[places], found.faults[places])


def _nulls(column: pa.Array) -> Ints:
    return np.where(column.is_null().to_numpy(zero_copy_only=False), MALFORMED, FINE).astype(np.int64)


def _of_timestamps(column: pa.Array, how: Time) -> Moments:
    found = _scaled(column, _UNITS[column.type.unit])
    if column.type.tz is not None:
        return found
    if not how.zone:
        return Moments(found.micros, np.full_like(found.faults, MALFORMED))
    return _combine(found.faults, _to_utc(found.micros, how))


def _scaled(column: pa.Array, step: float) -> Moments:
    """Give counts of steps of so many microseconds as moments; what is too far away is malformed."""
    faults = _nulls(column)
    counts = column.cast(pa.int64(), safe=False).fill_null(0).to_numpy()
    inside = np.abs(counts.astype(np.float64) * step) < FURTHEST
    counts = np.where(inside, counts, 0)
    micros = counts * int(step) if step >= 1 else counts // round(1 / step)
    return Moments(micros, np.where(inside, faults, MALFORMED).astype(np.int64))


def _of_counts(words: pa.Array, step: int) -> Moments:
    fine = pc.match_substring_regex(words, r"^-?\d{1,18}(\.\d*)?$").to_numpy(zero_copy_only=False)
    numbers = [float(word) * step if ok else 0.0 for word, ok in zip(words.to_pylist(), fine, strict=True)]
    inside = np.abs(np.array(numbers, dtype=np.float64)) < FURTHEST
    micros = np.where(inside, numbers, 0.0).round().astype(np.int64)
    return Moments(micros, np.where(fine & inside, FINE, MALFORMED).astype(np.int64))


def _of_texts(words: pa.Array, how: Time) -> Moments:
    """Read texts by the format's expression, all at once."""
    matched = pc.extract_regex(words, f"^{pattern_of(how.format)}$")
    found = {part: _texts_of(matched, part) for part in (*_PARTS, "y")}
    year = _number(found["Y"], 0) if found["Y"] is not None else _number(found["y"], 0) + 2000
    micros, fine = _calendar(
        year, *(_number(found[part], least) for part, least in zip("mdHMS", (1, 1, 0, 0, 0), strict=True))
    )
    if found["f"] is not None:
        micros = micros + _number(pc.utf8_rpad(found["f"], 6, "0"), 0)
    fine &= ~matched.is_null().to_numpy(zero_copy_only=False)
    return _in_zone(Moments(micros, np.where(fine, FINE, MALFORMED).astype(np.int64)), found["z"], how)


def _texts_of(matched: pa.StructArray, part: str) -> pa.Array | None:
    if matched.type.get_field_index(part) < 0:
        return None
    return pc.fill_null(pc.struct_field(matched, part), "")


def _number(texts: pa.Array | None, least: int) -> Ints:
    """Turn digits into numbers, nothing into the least there is."""
    if texts is None:
        return np.int64(least)  # type: ignore[return-value]  # one number for all rows
    filled: Ints = pc.if_else(pc.equal(texts, ""), str(least), texts).cast(pa.int64()).to_numpy()
    return filled


def _calendar(year: Ints, month: Ints, day: Ints, hour: Ints, minute: Ints, second: Ints) -> tuple[Ints, Flags]:
    """Give microseconds since 1970 of calendar dates, and which of them there are (proleptic Gregorian calendar)."""
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    fine = (
        (month >= 1) & (month <= 12) & (day >= 1) & (day <= after - first) & (hour < 24) & (minute < 60) & (second < 60)
    )
    return (first + day - 1) * _DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000, fine


def _in_zone(local: Moments, zones: pa.Array | None, how: Time) -> Moments:
    """Turn local times into moments: by the zone that stands in the text, else by the mapping's."""
    texts = None if zones is None else zones.to_pylist()
    if texts is None or not any(texts):
        if not how.zone:
            return Moments(local.micros, np.full_like(local.faults, MALFORMED))
        return _combine(local.faults, _to_utc(local.micros, how))
    offsets = np.array([_offset_of(text) for text in texts], dtype=np.int64)
    if all(texts):
        return Moments(local.micros - offsets, local.faults)
    bare = np.array([not text for text in texts])
    rest = _to_utc(local.micros, how) if how.zone else Moments(local.micros, np.full_like(local.faults, MALFORMED))
    micros = np.where(bare, rest.micros, local.micros - offsets)
    return _combine(local.faults, Moments(micros, np.where(bare, rest.faults, FINE)))


def _offset_of(text: str) -> int:
    if text in ("", "Z"):
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:] if len(text) > 3 else 0)
    return (-minutes if text[0] == "-" else minutes) * 60_000_000


def _combine(faults: Ints, found: Moments) -> Moments:
    return Moments(found.micros, np.where(faults != FINE, faults, found.faults))


def _to_utc(local: Ints, how: Time) -> Moments:
    """Turn local times of the mapping's zone into moments; days on which no clock is set go by one offset each."""
    zone = ZoneInfo(how.zone)
    days, places = np.unique(local // _DAY, return_inverse=True)
    steady = np.array([_steady_offset(int(day), zone) for day in days], dtype=np.int64)
    offsets = steady[places]
    faults = np.zeros(len(local), dtype=np.int64)
    for place in np.flatnonzero(offsets == ABSENT):
        offsets[place], faults[place] = _offset_at(int(local[place]), zone, how.ambiguous)
    return Moments(local - offsets, faults)


def _steady_offset(day: int, zone: ZoneInfo) -> int:
    """Give the zone's offset on a local day, `ABSENT` if it changes on the day or near it."""
    try:
        around = {_utc(day * _DAY + step * _DAY).astimezone(zone).utcoffset() for step in (-1, 0, 1, 2)}
    except OverflowError:
        return 0  # outside of what calendars hold, and so of the years that are kept
    found = around.pop()
    return ABSENT if around or found is None else found // timedelta(microseconds=1)


def _offset_at(local: int, zone: ZoneInfo, ambiguous: str) -> tuple[int, int]:
    """Give the offset of one local time and what is wrong with it."""
    naive = _utc(local).replace(tzinfo=None)
    early, late = (naive.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    chosen = late if ambiguous == "later" else early
    fault = FINE
    if early < late:
        fault = NO_SUCH_TIME
    elif early > late and ambiguous == "report":
        fault = AMBIGUOUS
    return chosen // timedelta(microseconds=1), fault


def _utc(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
