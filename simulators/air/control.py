"""What can be broken of stations by hand, and how it is mended."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from simulators.air.air import HOUR_S
from simulators.air.city import City
from simulators.air.events import Event, Kind
from simulators.outsider.control import BY_HAND, BadFault, both, offer
from simulators.outsider.web import Json

NAMES: Final = {
    Kind.STATION_SILENT: ("Làm một trạm mất liên lạc", "Silence a station"),
    Kind.DEAD_SENSOR: ("Làm hỏng một đầu đo", "Let an instrument die"),
    Kind.EPISODE: ("Gây một đợt ô nhiễm", "Let polluted air come"),
    Kind.STUCK_SENSOR: ("Làm một đầu đo đứng số", "Let an instrument get stuck"),
    Kind.DRIFT: ("Làm một đầu đo trôi", "Let an instrument drift"),
}
"""What can be broken by hand, as (Vietnamese, English), what people try first first."""


class Workbench:
    """Breaks and mends the stations of a city in its own event loop; instruments are those for PM2.5."""

    def __init__(self, city: City, *, now_s: Callable[[], float]) -> None:
        self._city = city
        self._now_s = now_s

    async def break_it(self, body: Json) -> Json:
        """Let something happen from this hour on. Raises BadFault."""
        try:
            return self._told(self._city.break_it(body, self._hour()))
        except (TypeError, ValueError) as error:
            raise BadFault(str(error)) from error

    async def mend(self, which: str) -> list[Json]:
        """End what was broken by hand: at a serial, one event by its id, or all for an empty text."""
        return [self._told(event) for event in self._city.mend(which)]

    async def list_all(self) -> list[Json]:
        """List what befalls the city now."""
        hour = self._hour()
        return [self._told(event) for event in self._city.events(hour, hour)]

    async def list_kinds(self) -> Json:
        """Tell what can be broken, and where, for whoever offers it to people."""
        targets = [{"serial": station.serial, "name": station.name} for station in self._city.stations]
        kinds = [{"id": kind.value, "names": both(names), "targets": targets} for kind, names in NAMES.items()]
        return offer(("Không khí", "Air"), kinds)

    def _hour(self) -> int:
        return int(self._now_s() // HOUR_S)

    def _told(self, event: Event) -> Json:
        """Write an event's truth for people: times as ISO 8601, and whether somebody asked for it."""
        truth = event.truth(self._city.stations)
        times = {name: datetime.fromtimestamp(truth[name], UTC).isoformat() for name in ("at", "until")}
        return truth | times | {"by_hand": event.id.startswith(BY_HAND)}
