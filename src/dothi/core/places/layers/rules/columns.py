"""Which of a file's columns are what: keys, names, coordinates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dothi.core.places.layers.types import Field, FieldType
from dothi.kernel.errors import InvalidInput

KEYS: Final = (
    "id",
    "gid",
    "fid",
    "objectid",
    "ma",
    "ma_thua",
    "mathua",
    "ma_so",
    "code",
    "osm_id",
    "uuid",
    "key",
    "stop_id",
)
LABELS: Final = ("name", "ten", "ten_vi", "name_vi", "ten_duong", "label", "title", "so_thua", "stop_name")
LONS: Final = ("lon", "lng", "long", "longitude", "kinh_do", "x", "stop_lon")
LATS: Final = ("lat", "latitude", "vi_do", "y", "stop_lat")
WKTS: Final = ("wkt", "geometry", "geom", "the_geom", "shape")


def choose(names: Mapping[str, str], asked: str, usual: Iterable[str], *, what: str) -> str:
    """Give the column that is asked for, by its name or title, else the first usual one there is, "" for none.

    `names` are titles by name. Raises InvalidInput for a column that is not there.
    """
    if asked:
        for name, title in names.items():
            if asked in {name, title}:
                return name
        raise InvalidInput(f"there is no column {asked}: there are {', '.join(names.values())}", place=what)
    small = {_bare(name): name for name in reversed(list(names))}
    return next((small[each] for each in usual if each in small), "")


def _bare(name: str) -> str:
    """Take off what a name got because a view has such a column of its own."""
    return name.rstrip("_").casefold()


def merge(known: Sequence[Field], told: Sequence[Field]) -> tuple[Field, ...]:
    """Give the fields of a layer whose features come from both: a field told otherwise becomes text."""
    found = {field.name: field for field in known}
    for field in told:
        old = found.get(field.name)
        found[field.name] = field if old is None or old.type is field.type else Field(field.name, FieldType.TEXT)
    return tuple(found.values())
