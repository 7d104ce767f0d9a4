"""What a mapping says of a file, what is read from it, and what became of that."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dothi.core.observations.types import Quality

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

Word = Annotated[str, msgspec.Meta(min_length=1)]
ABSENT = -(2**63)
"""Stands in an array of moments or ids for one that is not there."""
MISSING = ABSENT + 1
"""Stands in place of a feature's id that nothing has: its row is left out when its batch is stored, so that whatever
becomes of features a file is cut in the same batches."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a mapping; a key that it does not know is refused."""


class Csv(Part, frozen=True):
    """How a CSV file is written."""

    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    quote: Annotated[str, msgspec.Meta(max_length=1)] = '"'
    encoding: Word = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Annotated[str, msgspec.Meta(max_length=1)] = ""
    skip_lines: Annotated[int, msgspec.Meta(ge=0)] = 0
    columns: tuple[Word, ...] = ()
    line_breaks: bool = False


class Time(Part, frozen=True):
    """Where the time of a row stands; `format` is `iso`, `epoch_s`, `epoch_ms`, `epoch_us` or made of %-directives."""

    column: str = ""
    columns: tuple[Word, ...] = ()
    format: Word = "iso"
    zone: str = ""
    ambiguous: Literal["report", "earlier", "later"] = "report"
    lasts_s: Annotated[float, msgspec.Meta(ge=0)] = 0


class Thing(Part, frozen=True):
    """Which Thing a row is of; `name` and `description` may hold {key}, the station's word in the file."""

    column: str = ""
    key: str = ""
    name: Word = "{key}"
    description: str = ""
    kind: str = ""
    properties: Dict[str, Any] = {}
    department: str = ""
    public: bool = False


class Station(Part, frozen=True):
    """What is known of one station besides the file; degrees are WGS 84."""

    key: Word
    name: str = ""
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None


class Sensor(Part, frozen=True):
    """The procedure that made the values."""

    name: Word
    description: str = ""
    encoding_type: str = "text/plain"
    metadata: str = ""


class Property(Part, frozen=True):
    """The phenomenon; Datastreams with one `definition` share one ObservedProperty."""

    name: Word
    definition: Word
    description: str = ""


class Unit(Part, frozen=True):
    """The unit as the file's owner names it."""

    name: str = ""
    symbol: str = ""
    definition: str = ""


class Stream(Part, frozen=True):
    """One Datastream of each station: a `column` of a wide file, or a `code` of a long one's property column."""

    observed_property: Property
    column: str = ""
    code: str = ""
    name: str = ""
    description: str = ""
    unit: Unit = Unit()
    sensor: Sensor | None = None
    kind: Literal["number", "text", "truth"] = "number"
    true: tuple[str, ...] = ("true", "1", "yes")
    false: tuple[str, ...] = ("false", "0", "no")

    @property
    def key(self) -> str:
        """What the file calls it."""
        return self.column or self.code


class Long(Part, frozen=True):
    """Where a long file has what is measured and the value."""

    property: Word
    value: Word
    others: Literal["report", "ignore"] = "report"


class Mapping(Part, frozen=True):
    """What the columns of a file are."""

    source: Word
    time: Time
    thing: Thing
    sensor: Sensor
    datastreams: Annotated[tuple[Stream, ...], msgspec.Meta(min_length=1)]
    format: Literal["", "csv", "parquet"] = ""
    csv: Csv = Csv()
    long: Long | None = None
    missing: tuple[str, ...] = ("",)
    things: tuple[Station, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Observations side by side; moments are microseconds since 1970 in UTC, `ABSENT` where there is none.

    Before registration `series` is a number in the file's list of series, afterwards the Datastream's id. A column
    that is None has no value in any row.
    """

    series: Ints
    time: Ints
    result: Floats | None = None
    """NaN where the result is no number."""
    result_json: Texts | None = None
    end: Ints | None = None
    result_time: Ints | None = None
    feature: Ints | None = None
    valid_from: Ints | None = None
    valid_to: Ints | None = None
    quality: Ints | None = None
    result_quality: Texts | None = None
    parameters: Texts | None = None
    fingerprint: Ints | None = None
    conflicting: Flags | None = None

    def __len__(self) -> int:
        return len(self.series)

    def take(self, places: Ints | Flags | slice) -> "Rows":
        """Give some of the rows, by place or flag."""
        columns = self.columns().items()
        taken: dict[str, Any] = {name: None if column is None else column[places] for name, column in columns}
        return Rows(**taken)

    def columns(self) -> dict[str, Any]:
        """Give the columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @staticmethod
    def join(parts: "list[Rows]") -> "Rows":
        """Put rows one after another; a column that only some have is filled with what stands for nothing."""
        columns = [part.columns() for part in parts]
        joined: dict[str, Any] = {}
        for name, nothing in _NOTHING.items():
            if any(part[name] is not None for part in columns):
                pieces = [
                    np.full(len(part["series"]), nothing) if part[name] is None else part[name] for part in columns
                ]
                joined[name] = np.concatenate(pieces)
        return Rows(**joined)


def _filled(part: dict[str, Any], name: str, nothing: object) -> NDArray[Any]:
    column: NDArray[Any] = np.full(len(part["series"]), nothing) if part[name] is None else part[name]
    return column


_NOTHING: Final[dict[str, object]] = {
    **dict.fromkeys((field.name for field in fields(Rows)), ABSENT),
    **dict.fromkeys(("result_json", "result_quality", "parameters")),
    "result": np.nan,
    "quality": Quality.NOT_EVALUATED,
    "conflicting": False,
}


class Bad(msgspec.Struct, frozen=True):
    """What could not be used: the line in the file (the row, from 1, in Parquet), the column, why, and the value."""

    line: int
    column: str
    reason: str
    value: str


class Series(msgspec.Struct, frozen=True):
    """One Datastream as the file knows it: the station's word, and which of the mapping's streams."""

    station: str
    stream: int


class Tally(msgspec.Struct):
    """What became of a file, in Observations; `bad` counts the entries of the report."""

    read: int = 0
    added: int = 0
    present: int = 0
    conflicting: int = 0
    bad: int = 0
    things: int = 0
    datastreams: int = 0
    resumed: bool = False
    thing_ids: set[int] = msgspec.field(default_factory=set)
