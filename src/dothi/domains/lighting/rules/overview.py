"""Lamps by street, and cabinets, as the pages show them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from dothi.core.alarms.types import Tally
from dothi.core.observations.series.types import NamedThing
from dothi.domains.lighting.rules.readings import programme_of, text_of
from dothi.domains.lighting.types import Lamp, LampState
from dothi.domains.lighting.types.overview import CabinetPlace, StreetRow
from dothi.domains.lighting.types.schedule import Floats
from dothi.kernel.text import fold

NOWHERE: Final = ""
"""The slug of lamps whose street isn't registered."""


def cabinets_of(things: Iterable[NamedThing]) -> list[CabinetPlace]:
    """Read Things as cabinets, by name."""
    found = [
        CabinetPlace(
            id=thing.id,
            name=thing.name,
            serial=text_of(thing.properties, "serial"),
            street=text_of(thing.properties, "street"),
            programme=text_of(thing.properties, "programme"),
            programme_name=programme_of(thing.properties),
            simulated=bool(thing.properties.get("simulated")),
        )
        for thing in things
    ]
    return sorted(found, key=lambda cabinet: (fold(cabinet.name), cabinet.id))


def along(lamps: Iterable[Lamp]) -> list[Lamp]:
    """Put a street's lamps into the order in which they stand: that of their serials."""
    return sorted(lamps, key=lambda lamp: (lamp.serial or lamp.name, lamp.id))


def streets_of(
    lamps: Sequence[Lamp],
    cabinets: Iterable[CabinetPlace],
    kwh: Floats,
    tallies: Mapping[int, Tally] | None,
) -> tuple[StreetRow, ...]:
    """Give each street by its name; `kwh` is what each lamp used, NaN where it isn't known."""
    places: dict[str, list[int]] = {}
    for place, lamp in enumerate(lamps):
        places.setdefault(lamp.street, []).append(place)
    stands: dict[str, list[int]] = {}
    for cabinet in cabinets:
        stands.setdefault(cabinet.street, []).append(cabinet.id)
    rows = [
        _street([lamps[place] for place in here], kwh[here], stands.get(slug, ()), tallies)
        for slug, here in places.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.slug == NOWHERE, fold(row.name))))


def _street(
    lamps: Sequence[Lamp], kwh: Floats, cabinet_ids: Iterable[int], tallies: Mapping[int, Tally] | None
) -> StreetRow:
    first = lamps[0]
    own = [tally for each in (*(lamp.id for lamp in lamps), *cabinet_ids) if tallies and (tally := tallies.get(each))]
    worst = min(own, key=lambda tally: tally.priority, default=None)
    known = ~np.isnan(kwh)
    [((programme, programme_name), _)] = Counter((lamp.programme, lamp.programme_name) for lamp in lamps).most_common(1)
    return StreetRow(
        slug=first.street,
        name=first.street_name,
        programme=programme,
        programme_name=programme_name,
        lamps=len(lamps),
        on=sum(lamp.is_on for lamp in lamps),
        late=sum(lamp.is_late for lamp in lamps),
        unknown=sum(lamp.state is LampState.UNKNOWN and not lamp.is_late for lamp in lamps),
        kwh=float(kwh[known].sum()) if known.any() else None,
        alarms=None if tallies is None else sum(tally.about for tally in own),
        priority=worst.priority if worst else None,
        alarm_state=worst.state if worst else None,
    )
