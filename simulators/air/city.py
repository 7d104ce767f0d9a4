"""The simulated city's air as its stations send it: the same hours for the same seed, whenever they are asked for."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from simulators.air.air import POLLUTANTS, Floats, Ints, air_of, noise, read_stations
from simulators.air.events import Event, Kind, befall, gaps, plan
from simulators.outsider.control import BY_HAND

DIGITS: Final = 1
USUAL: Final = {Kind.DRIFT: 0.02, Kind.STUCK_SENSOR: 20.0}
"""How strong what is broken by hand is if that is not said; see `Event.strength`."""


class City:
    """Stations with what befalls them; what people break by hand comes to what is planned."""

    def __init__(self, stations: int, seed: int, *, has_events: bool = True) -> None:
        self.stations = read_stations(stations)
        self.by_hand: dict[str, Event] = {}
        self._seed = seed
        self._has_events = has_events
        self._told: set[str] = set()

    def measure(self, hours: Ints) -> Floats:
        """Give what the stations send, [stations, pollutants, hours]; NaN where nothing comes."""
        true = air_of(self.stations, hours, seed=self._seed)
        measured = true * noise(len(self.stations), hours, seed=self._seed)
        found = befall(measured, hours, self.events(int(hours.min()), int(hours.max())))
        if self._has_events:
            lost = gaps(len(self.stations), hours, seed=self._seed)
            found = np.where(lost[:, None, :], np.nan, found)
        return np.round(found, DIGITS)

    def events(self, first: int, last: int) -> list[Event]:
        """Give what befalls the city between two Unix hours."""
        planned = plan(len(self.stations), first, last, seed=self._seed) if self._has_events else []
        return [*planned, *self.by_hand.values()]

    def truths(self, first: int, last: int) -> Iterator[dict[str, Any]]:
        """Give the truth of events between two hours that were not told yet."""
        for event in self.events(first, last):
            if event.id not in self._told and event.begin <= last:
                self._told.add(event.id)
                yield event.truth(self.stations)

    def break_it(self, body: dict[str, Any], hour: int) -> Event:
        """Let something happen from an hour on: `{"kind", "serial"?, "pollutant"?, "hours"?, "strength"?}`.

        Raises ValueError with what is wrong.
        """
        kind = Kind(str(body.get("kind")))
        serials = [station.serial for station in self.stations]
        serial, pollutant = str(body.get("serial", "")), str(body.get("pollutant", "PM2.5"))
        if kind is not Kind.EPISODE and serial not in serials:
            raise ValueError(f"there is no station {serial}")
        if pollutant not in POLLUTANTS:
            raise ValueError(f"there is no instrument for {pollutant}")
        station = serials.index(serial) if serial in serials else -1
        length = int(body.get("hours", 24))
        usual = USUAL.get(kind, 4.0)
        name = f"{BY_HAND}{kind}-{hour}-{len(self._told)}-{len(self.by_hand)}"
        event = Event(name, kind, station, pollutant, hour, hour + length, float(body.get("strength", usual)))
        # A thread may be reading for the past meanwhile: what it reads is never changed, but replaced.
        self.by_hand = {**self.by_hand, name: event}
        return event

    def mend(self, which: str) -> list[Event]:
        """End what was broken by hand: one event by its id, what concerns a serial, or all for an empty text."""
        serials = [station.serial for station in self.stations]
        gone = [
            event for event in self.by_hand.values()
            if which in ("", event.id, serials[event.station] if event.station >= 0 else "")
        ]  # fmt: skip
        self.by_hand = {name: event for name, event in self.by_hand.items() if event not in gone}
        return gone
