"""Where in the city's areas Things stand: looked up for many at once, and anew whenever areas are other ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections

from dothi.core.observations.types import ThingReading
from dothi.core.places import service as places
from dothi.core.places.service import Whereabouts
from dothi.kernel.errors import Unavailable


class Spot(NamedTuple):
    """The codes of the areas that a Thing stands in: of the smallest, "" for none, and of all."""

    area: str = ""
    areas: frozenset[str] = frozenset()


NOWHERE: Final = Spot()
Spotting = Callable[[Sequence[ThingReading]], Mapping[int, Spot]]
"""Says where Things stand, by their ids; one that is left out stands nowhere."""


class Ground:
    """Knows the areas of a day. All methods belong to one event loop."""

    def __init__(self) -> None:
        self._where: Whereabouts | None = None

    @property
    def is_old(self) -> bool:
        """Whether the day for which areas were read is over; False before they are read."""
        return self._where is not None and self._where.day != places.today()

    async def read(self) -> None:
        """Read the areas of today. Raises Unavailable."""
        self._where = await _read()

    def spots(self, things: Iterable[ThingReading]) -> dict[int, Spot]:
        """Say where Things with a place stand."""
        placed = [(thing.id, thing.lon, thing.lat) for thing in things if thing.lon is not None]
        if self._where is None or not placed:
            return {}
        ids, lons, lats = zip(*placed, strict=True)
        found = self._where.of(lons, lats)
        return {thing_id: Spot(codes[0], frozenset(codes)) for thing_id, codes in zip(ids, found, strict=True) if codes}


@sync_to_async
def _read() -> Whereabouts:
    """Read on Django's connection, which long pauses may have ended. Raises Unavailable."""
    close_old_connections()
    try:
        return places.whereabouts()
    except (DatabaseError, InterfaceError) as error:
        raise Unavailable(f"the areas can't be read: {error}") from error
    finally:
        close_old_connections()
