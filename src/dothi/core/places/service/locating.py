"""Which unit points lie in, as of a day: looked up from shapes that are kept in memory, and so never out of date."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from django.utils.translation import get_language
from numpy.typing import ArrayLike

from dothi.core.places.rules.locating import Locator
from dothi.core.places.service import permissions
from dothi.core.places.store import reading
from dothi.core.places.types import COMMUNE, AsOf


class Whereabouts(NamedTuple):
    """Answers in which units points lie, as of a day, those above their communes as well."""

    day: date
    locator: Locator
    above: Mapping[str, tuple[str, ...]]
    """The codes of what a commune belongs to, the nearest first."""

    def of(self, lons: ArrayLike, lats: ArrayLike) -> list[tuple[str, ...]]:
        """Give of points [n], WGS 84 degrees, the codes of the units they lie in, the smallest first; () for none."""
        codes = self.locator.codes_of(lons, lats)
        return [(code, *self.above.get(code, ())) if code else () for code in codes]


def areas_of(lons: ArrayLike, lats: ArrayLike, *, on: date | None = None, level: int = COMMUNE) -> list[str]:
    """Give the codes [n] of the units of a level that points [n] lie in on a day (today if not given); "" for none.

    WGS 84 degrees. Where areas changed since the last call, in whatever process, the answer follows; that is asked by
    one small query. Asks for no permission: whoever holds the points has been let in to them.
    """
    return locator(on=on, level=level).codes_of(lons, lats)


def locator(*, on: date | None = None, level: int = COMMUNE) -> Locator:
    """Give what answers for many points, and for as long as a caller knows that areas did not change."""
    return _locator(reading.revision(), _last_change(on or permissions.today()), level)


def whereabouts() -> Whereabouts:
    """Give what answers for many points in which units of today they lie, until areas change or the day is over."""
    day = permissions.today()
    areas = {area.id: area for area in reading.list_areas(AsOf(day))}
    above = {}
    for area in areas.values():
        found: list[str] = []
        parent = areas.get(area.parent_id or 0)
        while parent is not None and parent.code not in found:
            found.append(parent.code)
            parent = areas.get(parent.parent_id or 0)
        if area.level == COMMUNE:
            above[area.code] = tuple(found)
    return Whereabouts(day, locator(on=day), above)


def area_names_of(lons: ArrayLike, lats: ArrayLike, *, on: date | None = None, level: int = COMMUNE) -> list[str]:
    """Give the names [n], with their kind and in the reader's language, of the units that points lie in; "" for none.

    As `areas_of`, and asks for no permission either.
    """
    if not np.size(lons):
        return []
    day, number = _last_change(on or permissions.today()), reading.revision()
    names = _names(number, day, level, get_language() or "")
    return [names.get(code, "") for code in _locator(number, day, level).codes_of(lons, lats)]


@lru_cache(maxsize=16)
def _names(_revision: int, day: date, level: int, language: str) -> dict[str, str]:
    return {area.code: area.full_name(language) for area in reading.list_areas(AsOf(day), level=level)}


def revision() -> int:
    """Give a number that is another one whenever areas or the base map have changed."""
    return reading.revision()


def _last_change(day: date) -> date:
    """Give the day since which all is as on a day, so that many days share what was made for one."""
    return max((limit for limit in reading.list_limits() if limit <= day), default=date.min)


@lru_cache(maxsize=8)
def _locator(_revision: int, day: date, level: int) -> Locator:
    areas = [area for area in reading.list_areas(AsOf(day), level=level) if area.has_shape]
    return Locator([area.code for area in areas], reading.list_shapes([area.version_id for area in areas]))
