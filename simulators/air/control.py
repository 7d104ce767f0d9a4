"""A door on the simulator's own machine through which tests and demonstrations break things and mend them."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from simulators.air.city import City
from simulators.air.events import Kind

LOOPBACK: Final = "127.0.0.1"
FAULTS_PATH: Final = "/faults"
KINDS_PATH: Final = "/faults/kinds"
NAMES: Final = {
    Kind.STATION_SILENT: ("Làm một trạm mất liên lạc", "Silence a station"),
    Kind.DEAD_SENSOR: ("Làm hỏng một đầu đo", "Let an instrument die"),
    Kind.EPISODE: ("Gây một đợt ô nhiễm", "Let polluted air come"),
    Kind.DRIFT: ("Làm một đầu đo trôi", "Let an instrument drift"),
}
"""What can be broken by hand, as (Vietnamese, English), what people try first first."""
BY_HAND: Final = "control-"
"""What the ids of events that somebody asked for begin with."""
MOST_BYTES: Final = 10_000
HOUR_S: Final = 3_600


class Control(ThreadingHTTPServer):
    """GET, POST and DELETE of /faults on the loopback interface; a lock keeps it apart from the hour's work."""

    daemon_threads = True

    def __init__(self, port: int, city: City, *, now_s: Callable[[], float], lock: threading.Lock) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.city, self.lock, self._now_s = city, lock, now_s

    @property
    def hour(self) -> int:
        """The Unix hour that the city is in."""
        return int(self._now_s() // HOUR_S)

    def start(self) -> None:
        """Begin to listen, in a thread of its own."""
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


def kinds(city: City) -> dict[str, Any]:
    """Tell what can be broken, and where, for whoever offers it to people; instruments are those for PM2.5."""
    targets = [{"serial": station.serial, "name": station.name} for station in city.stations]
    return {
        "names": {"vi": "Không khí", "en": "Air"},
        "kinds": [
            {"id": kind.value, "names": {"vi": vi, "en": en}, "targets": targets} for kind, (vi, en) in NAMES.items()
        ],
    }


def told(truth: dict[str, Any]) -> dict[str, Any]:
    """Write an event's truth for people: times as ISO 8601, and whether somebody asked for it."""
    times = {name: datetime.fromtimestamp(truth[name], UTC).isoformat() for name in ("at", "until")}
    return truth | times | {"by_hand": str(truth["id"]).startswith(BY_HAND)}


class _Handler(BaseHTTPRequestHandler):
    server: Control

    def do_GET(self) -> None:
        if self.path == KINDS_PATH:
            self._answer(lambda city, _hour, _body: kinds(city))
        else:
            self._answer(
                lambda city, hour, _body: [told(each.truth(city.stations)) for each in city.events(hour, hour)]
            )

    def do_POST(self) -> None:
        self._answer(lambda city, hour, body: told(city.break_it(body, hour)), status=201)

    def do_DELETE(self) -> None:
        self._answer(
            lambda city, _hour, body: [told(each) for each in city.mend(str(body.get("id") or body.get("serial", "")))]
        )

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the truth file tells what happened."""

    def _answer(self, work: Callable[[City, int, dict[str, Any]], object], status: int = 200) -> None:
        try:
            body = self._body()
            with self.server.lock:
                found = work(self.server.city, self.server.hour, body)
            self._send(status, found)
        except ValueError as error:
            self._send(400, {"code": 400, "message": str(error)})

    def _body(self) -> dict[str, Any]:
        is_known = self.path == FAULTS_PATH or (self.path == KINDS_PATH and self.command == "GET")
        if not is_known or self.headers.get("Origin"):
            raise ValueError("the address is /faults, and no page of a browser may ask")
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        body = json.loads(self.rfile.read(length) or b"{}")
        if not isinstance(body, dict):
            raise ValueError("the body is a JSON object")
        return body

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
