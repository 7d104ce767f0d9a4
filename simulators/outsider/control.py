"""A door on the simulator's own machine through which tests and demonstrations break things and mend them."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol, TypeVar

from simulators.outsider.web import Json

T = TypeVar("T")
LOOPBACK: Final = "127.0.0.1"
FAULTS_PATH: Final = "/faults"
KINDS_PATH: Final = "/faults/kinds"
PATIENCE_S: Final = 10
MOST_BYTES: Final = 10_000
BY_HAND: Final = "control-"
"""What the ids of faults that somebody asked for begin with."""


class BadFault(ValueError):
    """What is asked for can't be broken; the message says why."""


class Workbench(Protocol):
    """What a simulator lets be done to it; each is asked in its event loop."""

    async def break_it(self, body: Json) -> Json:
        """Let a fault begin that `{"kind", "serial", …}` describes. Raises BadFault."""

    async def mend(self, which: str) -> list[Json]:
        """End what acts on a serial, or one fault by its id; all for an empty text."""

    async def list_all(self) -> list[Json]:
        """List what acts now."""

    async def list_kinds(self) -> Json:
        """Tell what can be broken, where, and with which choices, for whoever offers it to people."""


def offer(names: tuple[str, str], kinds: list[Json]) -> Json:
    """Write what `list_kinds` tells: the simulator's names and its kinds, in Vietnamese and English."""
    return {"names": both(names), "kinds": kinds}


def both(names: tuple[str, str]) -> Json:
    """Write a Vietnamese and an English name."""
    return dict(zip(("vi", "en"), names, strict=True))


class Control(ThreadingHTTPServer):
    """The HTTP side on the loopback interface: GET, POST and DELETE of /faults, GET of /faults/kinds."""

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
        if self.path == KINDS_PATH:
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
        is_known = self.path == FAULTS_PATH or (self.path == KINDS_PATH and self.command == "GET")
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
