"""What can be broken of lamps and cabinets by hand, and how it is mended."""

import itertools
from collections.abc import Callable
from typing import Any, Final

from simulators.lighting.city import City
from simulators.lighting.faults import CABINET_FAULTS, FAULTS, Event, Kind, members_of
from simulators.lighting.fleet import PHASES, Fleet
from simulators.outsider.control import BY_HAND, BadFault, both, offer
from simulators.outsider.web import Json

UNTIL_MENDED_MIN: Final = 30 * 24 * 60.0
USUAL: Final = {
    Kind.LAMP_OUT: 0.5,
    Kind.CYCLING: 6.0,
    Kind.DIMMING_NOT_OBEYED: 100.0,
    Kind.POWER_DRIFT: -0.3,
    Kind.GRID_DIP: 0.7,
}
"""How strong a fault is if that is not said; see `Event.strength`."""
_numbers = itertools.count(1)
NAMES: Final = {
    Kind.FEEDER_LOST: ("Cắt một pha của tủ", "Cut a cabinet's phase"),
    Kind.GATEWAY_SILENT: ("Làm tủ mất liên lạc", "Silence a cabinet"),
    Kind.LAMP_OUT: ("Làm tắt một đèn", "Put a lamp out"),
    Kind.DAY_BURNING: ("Để một đèn sáng ban ngày", "Let a lamp burn by day"),
    Kind.CYCLING: ("Làm một đèn chập chờn", "Let a lamp go on and off"),
    Kind.DIMMING_NOT_OBEYED: ("Để một đèn không giảm sáng", "Let a lamp not dim"),
    Kind.POWER_DRIFT: ("Làm lệch công suất một đèn", "Let a lamp's power drift"),
    Kind.LAMP_SILENT: ("Làm một đèn mất liên lạc", "Silence a lamp"),
    Kind.GRID_DIP: ("Làm sụt áp lưới ở một tủ", "Let the grid sag at a cabinet"),
}
"""What can be broken by hand, as (Vietnamese, English), what people try first first."""
SHOWN_TARGETS: Final = 300
"""How many devices are named to choose from; any other is taken by its serial."""


def read_fault(fleet: Fleet, body: Json, now_s: float) -> Event:
    """Read `{"kind", "serial"}` with, if wanted, "phase", "minutes", "strength" and "variant". Raises BadFault."""
    try:
        kind = Kind(str(body.get("kind")))
        serial, phase = str(body.get("serial")), str(body.get("phase", "A"))
        minutes = float(body.get("minutes", UNTIL_MENDED_MIN))
        strength = float(body.get("strength", USUAL.get(kind, 0.0)))
        variant = int(body.get("variant", 0))
    except (TypeError, ValueError) as error:
        raise BadFault(str(error)) from error
    if kind not in (*FAULTS, Kind.GRID_DIP):
        raise BadFault(f"{kind} is a command: give it to the platform")
    return Event(
        id=f"{BY_HAND}{kind}-{serial}-{int(now_s)}-{next(_numbers)}",
        kind=kind,
        begin_s=now_s,
        end_s=now_s + minutes * 60,
        strength=strength,
        variant=variant,
        full_s=now_s + 600.0,
        visible_s=now_s,
        **_where(fleet, kind, serial, phase),
    )


def _where(fleet: Fleet, kind: Kind, serial: str, phase: str) -> dict[str, Any]:
    if kind in (*CABINET_FAULTS, Kind.GRID_DIP):
        if serial not in fleet.cabinet_serials:
            raise BadFault(f"there is no cabinet {serial}")
        cabinet = fleet.cabinet_serials.index(serial)
        if kind is Kind.GRID_DIP:
            return {"lamps": members_of(fleet, cabinet), "cabinets": (cabinet,)}
        if kind is Kind.GATEWAY_SILENT:
            return {"lamps": members_of(fleet, cabinet), "cabinet": cabinet}
        if phase not in tuple(PHASES):
            raise BadFault(f"there is no phase {phase}")
        number = PHASES.index(phase)
        return {"lamps": members_of(fleet, cabinet, number), "cabinet": cabinet, "phase": number}
    if serial not in fleet.serials:
        raise BadFault(f"there is no lamp {serial}")
    return {"lamps": (fleet.serials.index(serial),)}


class Workbench:
    """Breaks and mends a city in its own event loop, and tells when something changed."""

    def __init__(self, city: City, *, now_s: Callable[[], float], changed: Callable[[tuple[Event, ...]], None]) -> None:
        self._city = city
        self._now_s = now_s
        self._changed = changed

    async def break_it(self, body: Json) -> Json:
        """Let a fault begin. Raises BadFault."""
        event = read_fault(self._city.fleet, body, self._now_s())
        if not self._city.begin(event, self._now_s()):
            raise BadFault("one of its lamps has another fault: mend that first")
        self._changed((event,))
        return self._describe(event)

    async def mend(self, which: str) -> list[Json]:
        """End whatever acts on a lamp or cabinet by its serial, or one event by its id; all for an empty text."""
        ended = tuple(
            event for event in self._city.active.values() if which in ("", event.id, event.serial(self._city.fleet))
        )
        for event in ended:
            self._city.end(event.id, self._now_s())
        self._changed(ended)
        return [self._describe(event) for event in ended]

    async def list_all(self) -> list[Json]:
        """List what acts now."""
        return [self._describe(event) for event in self._city.active.values()]

    async def list_kinds(self) -> Json:
        """Tell what can be broken, where, and with which choices, for whoever offers it to people."""
        fleet = self._city.fleet
        cabinets = list(zip(fleet.cabinet_serials, fleet.cabinet_names, strict=True))
        lamps = list(zip(fleet.serials, fleet.names, strict=True))
        kinds = [
            {
                "id": str(kind),
                "names": both(names),
                "targets": _targets(cabinets if kind in (*CABINET_FAULTS, Kind.GRID_DIP) else lamps),
                "choices": {"phase": list(PHASES)} if kind is Kind.FEEDER_LOST else {},
            }
            for kind, names in NAMES.items()
        ]
        return offer(("Chiếu sáng", "Lighting"), kinds)

    def _describe(self, event: Event) -> Json:
        told = event.truth(self._city.fleet, event="begin", at_s=event.begin_s)
        return told | {"by_hand": event.id.startswith(BY_HAND)}


def _targets(devices: list[tuple[str, str]]) -> list[Json]:
    return [{"serial": serial, "name": name} for serial, name in devices[:SHOWN_TARGETS]]
