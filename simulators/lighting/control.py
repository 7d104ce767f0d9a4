"""A door on the simulator's own machine through which tests and demonstrations break things and mend them."""

import asyncio
import itertools
import json
import threading
from collections.abc import Callable, Coroutine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeVar

from simulators.lighting.city import City
from simulators.lighting.faults import CABINET_FAULTS, FAULTS, Event, Kind, members_of
from simulators.lighting.fleet import PHASES, Fleet
from simulators.lighting.web import Json

T = TypeVar("T")
LOOPBACK: Final = "127.0.0.1"
FAULTS_PATH: Final = "/faults"
KINDS: Final = "/faults/kinds"
UNTIL_MENDED_MIN: Final = 30 * 24 * 60.0
PATIENCE_S: Final = 10
MOST_BYTES: Final = 10_000
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
BY_HAND: Final = "control-"
"""What the ids of faults that somebody asked for begin with."""
SHOWN_TARGETS: Final = 300
"""How many devices are named to choose from; any other is taken by its serial."""


class BadFault(ValueError):
    """What is asked for can't be broken; the message says why."""


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

    async def mend(self, serial: str) -> list[Json]:
        """End whatever acts on a lamp or cabinet by its serial, or one event by its id; all for an empty text."""
        ended = tuple(
            event for event in self._city.active.values() if serial in ("", event.id, event.serial(self._city.fleet))
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
        return {
            "names": {"vi": "Chiếu sáng", "en": "Lighting"},
            "kinds": [
                {
                    "id": str(kind),
                    "names": {"vi": vi, "en": en},
                    "targets": _targets(cabinets if kind in (*CABINET_FAULTS, Kind.GRID_DIP) else lamps),
                    "choices": {"phase": list(PHASES)} if kind is Kind.FEEDER_LOST else {},
                }
                for kind, (vi, en) in NAMES.items()
            ],
        }

    def _describe(self, event: Event) -> Json:
        told = event.truth(self._city.fleet, event="begin", at_s=event.begin_s)
        return told | {"by_hand": event.id.startswith(BY_HAND)}


def _targets(devices: list[tuple[str, str]]) -> list[Json]:
    return [{"serial": serial, "name": name} for serial, name in devices[:SHOWN_TARGETS]]


class Control(ThreadingHTTPServer):
    """The HTTP side on the loopback interface: GET, POST and DELETE of /faults, GET of /faults/kinds.

    Each is asked in the city's event loop.
    """

    daemon_threads = True

    def __init__(self, port: int, workbench: Workbench, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.workbench = workbench
        self._loop = loop

    def start(self) -> None:
        """Begin to listen, in a thread of its own."""
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the event loop do something. Raises what that raises, and TimeoutError."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    server: Control

    def do_GET(self) -> None:
        if self.path == KINDS:
            self._answer(lambda bench, _body: self.server.ask(bench.list_kinds()))
        else:
            self._answer(lambda bench, _body: self.server.ask(bench.list_all()))

    def do_POST(self) -> None:
        self._answer(lambda bench, body: self.server.ask(bench.break_it(body)), status=201)

    def do_DELETE(self) -> None:
        self._answer(lambda bench, body: self.server.ask(bench.mend(str(body.get("serial", "")))))

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the truth file tells what happened."""

    def _answer(self, work: Callable[[Workbench, Json], object], status: int = 200) -> None:
        try:
            self._send(status, work(self.server.workbench, self._body()))
        except (BadFault, json.JSONDecodeError) as error:
            self._send(400, {"code": 400, "message": str(error)})
        except TimeoutError:
            self._send(503, {"code": 503, "message": "the simulator does not answer"})

    def _body(self) -> Json:
        is_known = self.path == FAULTS_PATH or (self.path == KINDS and self.command == "GET")
        if not is_known or self.headers.get("Origin"):
            raise BadFault("the address is /faults, and no page of a browser may ask")
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        body = json.loads(self.rfile.read(length) or b"{}")
        if not isinstance(body, dict):
            raise BadFault("the body is a JSON object")
        return body

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
