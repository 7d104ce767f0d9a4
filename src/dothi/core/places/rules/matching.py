"""Which known unit a feature of a file is about: by its code, else by its name, with or without marks and kind."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from dothi.core.places.rules import naming
from dothi.core.places.types import Area
from dothi.kernel.errors import InvalidInput

CODE_FIELDS: Final = ("code", "ma", "maxa", "ma_xa", "wardcode", "ward_code", "id_xa")
NAME_FIELDS: Final = ("fullname", "full_name", "name", "ten", "tenxa", "ten_xa", "ward", "ward_name", "name_2")
"""What the fields are called in files that cities have, without marks and in small letters; the first that is there."""


def choose_field(columns: Sequence[str], asked: str, usual: Sequence[str], *, what: str) -> str:
    """Give the column that is asked for, else the first usual one that is there, else "".

    Raises InvalidInput for one that was asked for and is not there.
    """
    if asked:
        if asked not in columns:
            raise InvalidInput(f"there is no field {asked}: there are {', '.join(columns)}", place=what)
        return asked
    folded = {naming.fold(column).replace(" ", "_"): column for column in columns}
    return next((folded[name] for name in usual if name in folded), "")


class Found(NamedTuple):
    """The unit that a feature is about, None for none; `problem` is what is in doubt, `remedy` what was done then."""

    area: Area | None
    problem: str = ""
    remedy: str = ""


class Finder:
    """Finds units by code or name among those of one level and day."""

    def __init__(self, areas: Iterable[Area], parents: Mapping[int, Area] | None = None) -> None:
        """`parents` are the units above, by their ids: they tell apart units that are called the same."""
        self._parents = parents or {}
        self._by_code: dict[str, Area] = {}
        self._by_name: dict[str, list[Area]] = {}
        for area in areas:
            self._by_code[area.code] = area
            for name in {naming.fold(area.full_name("vi")), naming.fold(area.names.vi)}:
                self._by_name.setdefault(name, []).append(area)

    def find(self, code: str, name: str, parent: str = "") -> Found:
        """Give the unit, or none and why: "" where nothing fits, else what is in doubt.

        A code that is known decides, whatever the name. A name must fit one unit alone, of those in `parent` where the
        file names it; one that is called another kind of unit in the file (a commune that became a ward since) is taken
        if its name is the only one such, and told.
        """
        if code and code in self._by_code:
            return Found(self._by_code[code])
        fitting = self._within(parent, self._by_name.get(naming.fold(name), []))
        if len(fitting) == 1:
            return Found(fitting[0])
        kind, bare = naming.part(name)
        alike = [] if fitting or kind is None else self._within(parent, self._by_name.get(naming.fold(bare), []))
        if len(alike) == 1:
            return Found(alike[0], f"the file calls it {name}", f"taken as {alike[0].full_name('vi')}")
        many = len(fitting) or len(alike)
        return Found(None, f"{many} units are called so" if many else "")

    def _within(self, parent: str, areas: list[Area]) -> list[Area]:
        """Keep what lies in a unit of that name, of whatever kind; all of it where no name is given."""
        if not parent:
            return areas
        wanted = _bare(parent)
        above = [(area, self._parents.get(area.parent_id or 0)) for area in areas]
        return [area for area, unit in above if unit is not None and naming.fold(unit.names.vi) == wanted]


def _bare(name: str) -> str:
    return naming.fold(naming.part(name)[1])


def values_of(attributes: Mapping[str, str], code_field: str, name_field: str) -> tuple[str, str]:
    """Give a feature's code and name, "" for what it lacks."""
    code, name = (attributes.get(field, "").strip() if field else "" for field in (code_field, name_field))
    return code.removesuffix(".0"), name  # a spreadsheet made numbers of the codes


def repeated(numbers: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Give, for features (number, unit) that speak of a unit again, the number of the first that did."""
    first: dict[int, int] = {}
    again = {}
    for number, area_id in numbers:
        if area_id in first:
            again[number] = first[area_id]
        else:
            first[area_id] = number
    return again
