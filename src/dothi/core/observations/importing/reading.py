"""Turns a file's chunks into Observations by a mapping; what can't be used is reported, and the rest goes on."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dothi.core.observations import rules as record_rules
from dothi.core.observations.importing import times
from dothi.core.observations.importing.files import Chunk, Report, format_of, read_csv, read_parquet
from dothi.core.observations.importing.mapping import needed_columns, time_columns
from dothi.core.observations.importing.numbers import LONGEST_TEXT, Values, is_storable, read_values
from dothi.core.observations.importing.types import Bad, Flags, Ints, Mapping, Rows, Series, Texts
from dothi.core.observations.rules import to_micros

OUTSIDE: Final = "outside of the years that are kept"
REASONS: Final = {
    "number": "not a number",
    "truth": "neither true nor false",
    "text": f"holds the character NUL, or more than {LONGEST_TEXT} characters",
}
LONGEST_STATION: Final = 1_000
UNUSABLE_STATION: Final = f"no word for a station: the character NUL, or more than {LONGEST_STATION} characters"


class Portion(NamedTuple):
    """Observations whose series are numbers in `series`, and which part of the file is read (0 to 1)."""

    rows: Rows
    series: list[Series]
    done: float


class Reader:
    """Reads one file by its mapping; `now` bounds the years."""

    def __init__(self, path: Path, mapping: Mapping, *, report: Report, now: datetime) -> None:
        self.series: Final[list[Series]] = []
        self._numbers: dict[Series, int] = {}
        self._path = path
        self._mapping = mapping
        self._report = report
        self._least = to_micros(record_rules.EARLIEST)
        self._most = to_micros(now + record_rules.FURTHEST_AHEAD)
        self._codes = {stream.key: number for number, stream in enumerate(mapping.datastreams)}

    def portions(self) -> Iterator[Portion]:
        """Read the file from its beginning. Raises InvalidInput if it can't be read further."""
        for chunk in self._chunks():
            parts = [part for part in self._parts(chunk) if len(part)]
            if parts:
                yield Portion(Rows.join(parts), self.series, chunk.done)

    def _chunks(self) -> Iterator[Chunk]:
        columns = needed_columns(self._mapping)
        if format_of(self._path, self._mapping.format) == "parquet":
            return read_parquet(self._path, columns=columns)
        return read_csv(self._path, self._mapping.csv, columns=columns, report=self._report)

    def _parts(self, chunk: Chunk) -> Iterator[Rows]:
        """Give the Observations of a chunk, one part for each of the mapping's streams that occurs."""
        chunk = self._without_empty_lines(chunk)
        moments, fine = self._moments(chunk)
        stations, known = self._stations(chunk)
        fine &= known
        if self._mapping.long is None:
            for number, stream in enumerate(self._mapping.datastreams):
                yield self._values(chunk, _column(chunk, stream.column), number, moments, stations, fine)
            return
        values = _column(chunk, self._mapping.long.value)
        for number, flags in self._by_code(chunk, fine):
            picked = Chunk(chunk.table, chunk.lines[flags], chunk.done)
            part = pc.filter(values, pa.array(flags))
            yield self._values(picked, part, number, moments[flags], stations[flags], fine[flags])

    def _without_empty_lines(self, chunk: Chunk) -> Chunk:
        """Pass over lines that have nothing at all: files often end in some."""
        columns = [chunk.table.column(name) for name in chunk.table.column_names]
        if not all(pa.types.is_string(column.type) for column in columns):
            return chunk
        filled = np.zeros(len(chunk.lines), dtype=bool)
        for column in columns:
            filled |= pc.not_equal(pc.binary_length(column), 0).fill_null(False).to_numpy()
        return chunk if filled.all() else Chunk(chunk.table.filter(pa.array(filled)), chunk.lines[filled], chunk.done)

    def _moments(self, chunk: Chunk) -> tuple[Ints, Flags]:
        """Read the times; gives them in microseconds, and which of them are fine."""
        names = time_columns(self._mapping)
        column = _column(chunk, names[0])
        if len(names) > 1:
            texts = [
                pc.utf8_trim_whitespace(pc.fill_null(_column(chunk, name).cast(pa.string()), "")) for name in names
            ]
            column = pc.binary_join_element_wise(*texts, " ")
        found = times.read_times(column, self._mapping.time)
        outside = (found.faults == times.FINE) & ((found.micros < self._least) | (found.micros > self._most))
        fine = (found.faults == times.FINE) & ~outside
        name = " ".join(names)
        for place in np.flatnonzero(~fine):
            reason = OUTSIDE if outside[place] else times.REASONS[int(found.faults[place])]
            self._tell(chunk.lines[place], name, reason, column[place])
        return found.micros, fine

    def _stations(self, chunk: Chunk) -> tuple[Texts, Flags]:
        """Read the stations' words, and which rows have one."""
        thing = self._mapping.thing
        if not thing.column:
            words = np.full(len(chunk.lines), thing.key, dtype=object)
            return words, np.ones(len(words), dtype=bool)
        column = _words(chunk, thing.column)
        encoded = column.dictionary_encode()
        words = np.array(encoded.dictionary.to_pylist(), dtype=object)[encoded.indices.to_numpy()]
        named = {word: is_storable(word, most=LONGEST_STATION) for word in set(words.tolist()) - {""}}
        known = np.array([named.get(word, False) for word in words], dtype=bool)
        for place in np.flatnonzero(~known):
            reason = UNUSABLE_STATION if words[place] else "no station is named"
            self._tell(chunk.lines[place], thing.column, reason, column[place])
        return words, known

    def _by_code(self, chunk: Chunk, fine: Flags) -> Iterator[tuple[int, Flags]]:
        """Give the rows of each stream in a long file; `fine` loses those that the mapping does not know."""
        long = self._mapping.long
        assert long is not None  # noqa: S101  only called for long files
        column = _words(chunk, long.property)
        encoded = column.dictionary_encode()
        words = encoded.dictionary.to_pylist()
        numbers = np.array([self._codes.get(word, -1) for word in words], dtype=np.int64)[encoded.indices.to_numpy()]
        if long.others == "report":
            for place in np.flatnonzero(fine & (numbers < 0)):
                self._tell(chunk.lines[place], long.property, "the mapping has no such code", column[place])
        for number in np.unique(numbers[numbers >= 0]):
            yield int(number), numbers == number

    def _values(self, chunk: Chunk, column: pa.Array, stream: int, moments: Ints, stations: Texts, fine: Flags) -> Rows:
        """Give the Observations of one stream; a bad value is reported even where its time is bad too."""
        how = self._mapping.datastreams[stream]
        found: Values = read_values(column, how, how=self._mapping.csv, missing=self._mapping.missing)
        name = how.column or (self._mapping.long.value if self._mapping.long else "")
        for place in np.flatnonzero(found.bad):
            self._tell(chunk.lines[place], name, REASONS[how.kind], column[place])
        good = fine & ~found.missing & ~found.bad
        micros = moments[good]
        lasts = round(self._mapping.time.lasts_s * 1_000_000)
        return Rows(
            series=self._series_of(stations[good], stream),
            time=micros,
            result=None if found.numbers is None else found.numbers[good],
            result_json=None if found.texts is None else found.texts[good],
            end=micros + lasts if lasts else None,
        )

    def _series_of(self, stations: Texts, stream: int) -> Ints:
        words, places = np.unique(stations.astype(str), return_inverse=True)
        numbers = []
        for word in words:
            series = Series(str(word), stream)
            if series not in self._numbers:
                self._numbers[series] = len(self.series)
                self.series.append(series)
            numbers.append(self._numbers[series])
        return np.array(numbers, dtype=np.int64)[places]

    def _tell(self, line: np.int64, column: str, reason: str, value: pa.Scalar | None) -> None:
        self._report(Bad(int(line), column, reason, _text_of(value)[:200]))


def _text_of(value: pa.Scalar | None) -> str:
    if value is None or not value.is_valid:
        return ""
    try:
        return str(value.as_py())
    except (ValueError, OverflowError):  # a time that Python has none for
        return str(value.cast(pa.string()).as_py())


def _column(chunk: Chunk, name: str) -> pa.Array:
    return chunk.table.column(name).combine_chunks()


def _words(chunk: Chunk, name: str) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.fill_null(_column(chunk, name).cast(pa.string()), ""))
