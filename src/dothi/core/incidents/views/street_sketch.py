"""The sketch of streets around an order's Thing, from the city's base map, which is read once."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from dothi.core.incidents.rules import sketch
from dothi.core.incidents.types import Account
from dothi.kernel.city import City


def sketch_around(account: Account, *, city: City, language: str) -> sketch.Sketch | None:
    """Draw where an order's Thing is, with those that its groups speak for; None where no place is known."""
    place = account.places.get(account.order.thing_id)
    others = [account.places[each] for each in account.members if each in account.places]
    if place is None:
        if not others:
            return None
        place = others[len(others) // 2]
    return sketch.draw(_base_map(city.base_map), place=place, others=others, language=language)


@lru_cache(maxsize=4)
def _base_map(file: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(file.read_bytes()).get("features", ()))
