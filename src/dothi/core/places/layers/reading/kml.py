"""Which columns of a KML file are its own: its driver gives every placemark a dozen more, mostly empty."""

from pathlib import Path
from typing import Final

import pyogrio

HINTS: Final = frozenset({"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "id"})
"""How a globe draws a placemark, and what the file calls it within itself, otherwise at each export."""
_OFTEN_EMPTY: Final = ("Name", "description", "timestamp", "begin", "end")


def left_out(path: Path, sublayer: str) -> frozenset[str]:
    """Give the columns that are not taken: hints, and those of the format's own that are empty throughout."""
    told = set(pyogrio.read_info(path, layer=sublayer)["fields"])
    asked = [name for name in _OFTEN_EMPTY if name in told]
    filled = dict.fromkeys(asked, 0)
    with pyogrio.raw.open_arrow(path, layer=sublayer, columns=asked, read_geometry=False, use_pyarrow=True) as (
        _meta,
        reader,
    ):
        for batch in reader:
            for name in asked:
                values = batch.column(batch.schema.get_field_index(name)).to_pylist()
                filled[name] += sum(value not in {None, ""} for value in values)
    return HINTS | {name for name, number in filled.items() if not number}
