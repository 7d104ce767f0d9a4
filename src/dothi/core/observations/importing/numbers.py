"""Reads columns of values: numbers with a decimal point or comma, words for nothing, truths and texts."""

from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dothi.core.observations.importing.types import Csv, Flags, Floats, Stream, Texts

LONGEST_TEXT: Final = 1_000_000
"""Characters of a result that is a text; by HTTP and MQTT it is no longer either."""
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?$"


class Values(NamedTuple):
    """Values, and for each whether it is missing or can't be read; neither of these has a meaning."""

    numbers: Floats | None
    texts: Texts | None
    missing: Flags
    bad: Flags


def read_values(column: pa.Array, stream: Stream, *, how: Csv, missing: tuple[str, ...]) -> Values:
    """Read the values of one Datastream, from texts or from a column of numbers or truths."""
    if stream.kind == "number":
        return read_numbers(column, how=how, missing=missing)
    words = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), ""))
    absent = _flags(pc.is_in(words, pa.array(missing)))
    texts = np.array(words.to_pylist(), dtype=object)
    if stream.kind == "text":
        encoded = [msgspec.json.encode(text).decode() for text in texts]
        return Values(None, _objects(encoded), absent, np.array([not is_storable(text) for text in texts], dtype=bool))
    known = {word.casefold(): "true" for word in stream.true} | {word.casefold(): "false" for word in stream.false}
    truths = [known.get(text.casefold(), "") for text in texts]
    return Values(None, _objects(truths), absent, ~absent & np.array([not truth for truth in truths], dtype=bool))


def read_numbers(column: pa.Array, *, how: Csv, missing: tuple[str, ...]) -> Values:
    """Read numbers; in a column that is of numbers already, null and NaN are missing."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        numbers = column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
        return Values(numbers, None, np.isnan(numbers), np.isinf(numbers))
    words = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), ""))
    absent = pc.is_in(words, pa.array(missing))
    if how.thousands:
        words = pc.replace_substring(words, how.thousands, "")
    if how.decimal != ".":
        # What had a point before is no number then: a point read as a comma would be a thousandfold value.
        words = pc.if_else(pc.match_substring(words, "."), "", pc.replace_substring(words, how.decimal, "."))
    fine = pc.and_(pc.match_substring_regex(words, _NUMBER), pc.invert(absent))
    numbers = pc.if_else(fine, words, None).cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    gone = _flags(absent)
    return Values(numbers, None, gone, ~gone & ~np.isfinite(numbers))


def is_storable(text: str, *, most: int = LONGEST_TEXT) -> bool:
    """Tell whether the database takes a text: it knows no NUL."""
    return len(text) <= most and "\0" not in text


def _flags(found: pa.Array) -> Flags:
    flags: Flags = found.to_numpy(zero_copy_only=False)
    return flags


def _objects(texts: list[str]) -> Texts:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array
