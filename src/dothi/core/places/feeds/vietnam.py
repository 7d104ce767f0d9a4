"""Units of Vietnam before and after a reform, as the package `vietnamadminunits` has them, with illustrative cells."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import shapely
from msgspec.structs import replace

from dothi.core.places.rules import cells, naming
from dothi.core.places.types import (
    COMMUNE,
    DISTRICT,
    PROVINCE,
    AreaDraft,
    Gazetteer,
    Period,
    ShareBasis,
    SuccessionDraft,
)
from dothi.kernel.city import CityAreas
from dothi.kernel.errors import InvalidInput, Unavailable
from dothi.kernel.manifest import Names

PACKAGE: Final = "vietnamadminunits"
METHOD: Final = "cells-2, areas"
"""Names how cells are made and what is read: where that changes, what was loaded is loaded anew."""
GRID: Final = 1e-6
"""Degrees, some 10 cm: what is nearer than that is the same point."""
_OLD: Final = (
    "SELECT DISTINCT provinceCode, districtCode, wardCode, province, district, ward, provinceKey, districtKey, wardKey,"
    " wardLat, wardLon FROM admin_units_legacy WHERE provinceCode = ? ORDER BY wardCode"
)
_NEW: Final = (
    "SELECT DISTINCT provinceCode, wardCode, province, ward, wardKey, wardLat, wardLon, wardAreaKm2"
    " FROM admin_units"
    " WHERE provinceKey = ? ORDER BY wardCode"
)


class _Old(NamedTuple):
    """One commune before the reform, with all it belonged to."""

    province_code: str
    district_code: str
    code: str
    province: str
    district: str
    name: str
    province_key: str
    district_key: str
    commune_key: str
    lat: float
    lon: float

    @property
    def key(self) -> str:
        """What the package's conversion calls it."""
        return f"{self.province_key}_{self.district_key}_{self.commune_key}"


class _New(NamedTuple):
    """One commune after the reform."""

    province_code: str
    code: str
    province: str
    name: str
    commune_key: str
    lat: float
    lon: float
    km2: float | None


def read(asked: CityAreas, outline: shapely.Geometry) -> Gazetteer:
    """Read a city's units before and after its reform; their cells fill the outline, WGS 84, and are illustrative.

    Old communes get the cells of their official centres, and new ones the cells of the communes that went to them; one
    that the law divides is divided by what lies nearest to the new centres, and the shares are estimated so. Raises
    Unavailable where the package is not there, InvalidInput for a province it doesn't know.
    """
    folder = _folder()
    with closing(sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)) as connection:
        old = [_Old(*row) for row in connection.execute(_OLD, [asked.province])]
        if not old:
            raise InvalidInput(f"{PACKAGE} knows no province {asked.province}", place="areas.province")
        conversion = json.loads((folder / "converter_2025.json").read_text("utf-8"))
        province = _successor_of(old[0].province_key, conversion["DICT_PROVINCE"])
        new = [_New(*row) for row in connection.execute(_NEW, [province])]
    whole = conversion["DICT_PROVINCE_WARD_NO_DIVIDED"][province]
    divided = conversion["DICT_PROVINCE_WARD_DIVIDED"][province]
    successors = _successors(old, whole, divided)
    wanted = {key for keys in successors.values() for key in keys}
    reform = _Reform(asked, old, [unit for unit in new if unit.commune_key in wanted], successors, outline)
    return Gazetteer(
        source=f"{PACKAGE} {version(PACKAGE)}",
        digest=_digest(asked, outline),
        areas=tuple(reform.areas()),
        successions=tuple(reform.successions()),
    )


def digest(asked: CityAreas, outline: shapely.Geometry) -> str:
    """Name what `read` would give, without reading it."""
    return _digest(asked, outline)


def _digest(asked: CityAreas, outline: shapely.Geometry) -> str:
    told = f"{PACKAGE} {version(PACKAGE)} {METHOD} {asked} {shapely.to_wkt(outline, rounding_precision=6)}"
    return hashlib.sha256(told.encode()).hexdigest()


def _folder() -> Path:
    """Find the package's data. Its code is not imported: it reads all of the country into memory at once."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(f"the package {PACKAGE} is not installed")
    return Path(found.submodule_search_locations[0]) / "data"


def _successor_of(province_key: str, provinces: Mapping[str, Sequence[str]]) -> str:
    return next(new for new, olds in provinces.items() if province_key in olds)


def _successors(
    old: Iterable[_Old], whole: Mapping[str, Sequence[str]], divided: Mapping[str, Sequence[Mapping[str, object]]]
) -> dict[str, list[str]]:
    """Give, by old commune, the keys of the new ones that it, or parts of it, went to."""
    of = {key: [new] for new, keys in whole.items() for key in keys}
    of |= {key: [str(each["newWardKey"]) for each in parts] for key, parts in divided.items()}
    return {unit.key: of[unit.key] for unit in old}


class _Reform:
    """Makes drafts of all units and successions of one reform."""

    def __init__(
        self,
        asked: CityAreas,
        old: Sequence[_Old],
        new: Sequence[_New],
        successors: Mapping[str, Sequence[str]],
        outline: shapely.Geometry,
    ) -> None:
        self.asked: Final = asked
        self.old: Final = old
        self.new: Final = new
        self.successors: Final = successors
        self.outline: Final = outline
        self.before: Final = Period(None, asked.reformed_on)
        self.after: Final = Period(asked.reformed_on, None)

    @cached_property
    def old_cells(self) -> dict[str, shapely.MultiPolygon]:
        """The cell of each old commune."""
        made = cells.cells([(unit.lon, unit.lat) for unit in self.old], self.outline)
        return dict(zip((unit.key for unit in self.old), made, strict=True))

    @cached_property
    def parts(self) -> dict[tuple[str, str], shapely.MultiPolygon]:
        """The part of each old commune's cell that went to each of its successors, by their keys."""
        centres = {unit.commune_key: (unit.lon, unit.lat) for unit in self.new}
        found = {}
        for old_key, new_keys in self.successors.items():
            cell = self.old_cells[old_key]
            whole = {new_keys[0]: cell}
            parted = cells.divide(cell, {key: centres[key] for key in new_keys}) if len(new_keys) > 1 else whole
            found.update({(old_key, new_key): part for new_key, part in parted.items()})
        return found

    def areas(self) -> Iterable[AreaDraft]:
        """Give all units, each after the one it belongs to."""
        first = self.old[0]
        yield self._draft("old", PROVINCE, first.province_code, first.province, shape=self.outline)
        for code, name in {unit.district_code: unit.district for unit in self.old}.items():
            members = [self.old_cells[unit.key] for unit in self.old if unit.district_code == code]
            yield self._draft("old", DISTRICT, code, name, parent=first.province_code, shape=shapely.union_all(members))
        for old in self.old:
            cell, centre = self.old_cells[old.key], (old.lon, old.lat)
            yield self._draft("old", COMMUNE, old.code, old.name, parent=old.district_code, shape=cell, centre=centre)
        top = self.new[0]
        yield self._draft("new", PROVINCE, top.province_code, top.province)
        for new in self.new:
            mine = [part for (_, key), part in self.parts.items() if key == new.commune_key]
            # Where a divided cell meets its neighbours, their corners are a hair off each other's edges.
            united = shapely.union_all(mine, grid_size=GRID)
            centre = (new.lon, new.lat)
            told = self._draft(
                "new", COMMUNE, new.code, new.name, parent=top.province_code, shape=united, centre=centre
            )
            yield replace(told, stated_km2=new.km2)

    def successions(self) -> Iterable[SuccessionDraft]:
        """Give what became of each province and commune; districts have no successors."""
        day = self.asked.reformed_on
        top, under = self.old[0].province_code, self.new[0].province_code
        yield SuccessionDraft(
            _key("old", PROVINCE, top), _key("new", PROVINCE, under), on=day, share=1.0, basis=ShareBasis.WHOLE
        )
        olds = {unit.key: unit.code for unit in self.old}
        news = {unit.commune_key: unit.code for unit in self.new}
        for (old_key, new_key), part in self.parts.items():
            is_whole = len(self.successors[old_key]) == 1
            yield SuccessionDraft(
                predecessor=_key("old", COMMUNE, olds[old_key]),
                successor=_key("new", COMMUNE, news[new_key]),
                on=day,
                share=1.0 if is_whole else part.area / self.old_cells[old_key].area,
                basis=ShareBasis.WHOLE if is_whole else ShareBasis.CELLS,
            )

    def _draft(
        self,
        time: str,
        level: int,
        code: str,
        full_name: str,
        *,
        parent: str = "",
        shape: shapely.Geometry | None = None,
        centre: tuple[float, float] | None = None,
    ) -> AreaDraft:
        kind, name = naming.part(full_name)
        # Communes of old belong to districts; all else belongs to a province.
        above = DISTRICT if time == "old" and level == COMMUNE else PROVINCE
        return AreaDraft(
            key=_key(time, level, code),
            level=level,
            code=code,
            names=Names(vi=name, en=name),
            kind=kind or Names(vi="Đơn vị", en="Unit"),
            valid=self.before if time == "old" else self.after,
            parent=_key(time, above, parent) if parent else "",
            legal_basis=self.asked.legal_basis if time == "new" else "",
            shape=None if shape is None else cells.as_multipolygon(shape),
            is_illustrative=shape is not None,
            centre=centre,
        )


def _key(time: str, level: int, code: str) -> str:
    return f"{time}/{level}/{code}"
