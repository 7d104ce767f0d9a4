"""Which columns of a KML file are its own: its driver gives every placemark a dozen more, mostly empty."""

from pathlib import Path
from typing import Final

import pyogrio

HINTS: Final = frozenset({"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"})
"""How a globe draws a placemark: nothing that is said of it."""
_KEY: Final = "id"
_OFTEN_EMPTY: Final = (_KEY, "description", "timestamp", "begin", "end")


def left_out(path: Path, sublayer: str) -> frozenset[str]:
    """Give the columns that are not taken: hints, those that are empty throughout, and ids that some lack."""
    told = set(pyogrio.read_info(path, layer=sublayer)["fields"])
    asked = [name for name in _OFTEN_EMPTY if name in told]
    filled = dict.fromkeys(asked, 0)
    count = 0
    with pyogrio.raw.open_arrow(path, layer=sublayer, columns=asked, read_geometry=False, use_pyarrow=True) as (
        _meta,
        reader,
    ):
        for batch in reader:
            count += batch.num_rows
            for name in asked:
                values = batch.column(batch.schema.get_field_index(name)).to_pylist()
                filled[name] += sum(value not in {None, ""} for value in values)
    empty = {name for name, number in filled.items() if not number}
    return HINTS | empty | ({_KEY} if filled.get(_KEY, 0) < count else set())
