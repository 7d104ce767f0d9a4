"""The columns of an exported file, and what is said of them in it."""

from datetime import datetime
from typing import Any, Final

import msgspec
import pyarrow as pa

from dothi.kernel.errors import InvalidInput

VERSION: Final = 1
KEY: Final = b"dothi"
"""Under this name a file's metadata holds its `Contents` as JSON."""

_MOMENT: Final = pa.timestamp("us", "UTC")
_WORD: Final = pa.dictionary(pa.int32(), pa.string())

COLUMNS: Final[tuple[tuple[str, pa.DataType, str, str], ...]] = (
    ("id", pa.int64(), "", "number of the Observation"),
    ("datastream_id", pa.int64(), "", "number of the Datastream"),
    ("thing", _WORD, "", "name of the Thing"),
    ("datastream", _WORD, "", "name of the Datastream"),
    ("observed_property", _WORD, "", "name of the ObservedProperty"),
    ("phenomenon_time", _MOMENT, "UTC", "when the phenomenon was, or began"),
    ("phenomenon_end", _MOMENT, "UTC", "when it ended; empty for a moment"),
    ("result_time", _MOMENT, "UTC", "when the result was made, where stated"),
    ("result", pa.float64(), "", "a result that is a number"),
    ("unit", _WORD, "", "symbol of the unit of the result"),
    ("result_json", pa.string(), "", "any other result, as JSON"),
    ("quality", pa.int16(), "", "QARTOD flag: 1 good, 2 not evaluated, 3 suspect, 4 bad, 9 missing"),
    ("conflicting", pa.bool_(), "", "whether another result for the same moment was stored before"),
    ("feature_id", pa.int64(), "", "number of the FeatureOfInterest; empty where the Thing had no place"),
    ("valid_from", _MOMENT, "UTC", "begin of validTime"),
    ("valid_to", _MOMENT, "UTC", "end of validTime"),
    ("result_quality", pa.string(), "", "resultQuality, as JSON"),
    ("parameters", pa.string(), "", "parameters, as JSON"),
    ("fingerprint", pa.int64(), "", "what makes it itself besides Datastream and phenomenonTime"),
)
"""Name, type, unit and meaning of each column."""


class Stream(msgspec.Struct, frozen=True):
    """A Datastream that has rows in a file, with all that its numbers mean."""

    id: int
    name: str
    thing_id: int
    thing: str
    observed_property: str = ""
    definition: str = ""
    unit: Any = None
    ucum: str | None = None

    @property
    def symbol(self) -> str:
        """The unit's symbol; of a MultiDatastream all of them."""
        units = self.unit if isinstance(self.unit, list) else [self.unit]
        return ", ".join(str(unit.get("symbol") or "") for unit in units if isinstance(unit, dict))


class Contents(msgspec.Struct, frozen=True):
    """What a file holds: a partition, or the part of it that was asked for (half open), as it stood."""

    version: int
    partition: str
    begin: datetime
    end: datetime
    asked: tuple[int, ...]
    """The Datastreams that were asked for; empty for all."""
    rows: int
    newest_id: int
    streams: tuple[Stream, ...] = ()


def schema_of(contents: Contents) -> pa.Schema:
    """Give the schema with units and contents in its metadata."""
    symbols = {stream.symbol for stream in contents.streams}
    units = {"result": symbols.pop() if len(symbols) == 1 else "see the column unit"}
    fields = [
        pa.field(name, kind, metadata={"unit": units.get(name, unit), "description": meaning})
        for name, kind, unit, meaning in COLUMNS
    ]
    return pa.schema(fields, metadata={KEY: msgspec.json.encode(contents)})


def contents_of(schema: pa.Schema) -> Contents | None:
    """Read what a file says it holds; None if it is no export of Dothi. Raises InvalidInput."""
    text = (schema.metadata or {}).get(KEY)
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=Contents)
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"what the file says of itself can't be read: {error}") from error
    if found.version != VERSION:
        raise InvalidInput(f"the file is of version {found.version}; this program reads version {VERSION}")
    return found
