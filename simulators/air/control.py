"""A door on the simulator's own machine through which tests and demonstrations break things and mend them."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from simulators.air.city import City

LOOPBACK: Final = "127.0.0.1"
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


class _Handler(BaseHTTPRequestHandler):
    server: Control

    def do_GET(self) -> None:
        self._answer(lambda city, hour, _body: [each.truth(city.stations) for each in city.events(hour, hour)])

    def do_POST(self) -> None:
        self._answer(lambda city, hour, body: city.break_it(body, hour), status=201)

    def do_DELETE(self) -> None:
        self._answer(lambda city, _hour, body: city.mend(str(body.get("id") or body.get("serial", ""))))

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
        if self.path != "/faults" or self.headers.get("Origin"):
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
