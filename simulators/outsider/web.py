"""The devices' requests over HTTP, with their machine key: one connection each thread, kept open."""

import contextlib
import json
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final, cast
from urllib.parse import urlsplit

TIMEOUT_S: Final = 30
TOO_MANY: Final = 429
SERVERS_FAULT: Final = 500
UNAVAILABLE: Final = 503
REFUSED: Final = 400
Json = dict[str, Any]


class NotYet(Exception):
    """The platform is not there, or asks to come back later."""


class Web:
    """One platform's web address, spoken to as one machine; any thread may use it."""

    def __init__(self, url: str, *, key_id: str, key_secret: str) -> None:
        address = urlsplit(url)
        self._connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._host, self._port = address.hostname or "127.0.0.1", address.port
        self._path = address.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key_id}.{key_secret}", "Content-Type": "application/json"}
        self._own = threading.local()

    def get(self, path: str) -> Json:
        """Read an address as JSON. Raises NotYet, or RuntimeError with the platform's refusal."""
        return cast("Json", self._send("GET", path, None))

    def health(self) -> Json:
        """Read how the platform is; it says so, and what time it is, also while a part of it is away. Raises NotYet."""
        found = cast("Json", self._send("GET", "/health/ready", None, accept=UNAVAILABLE))
        if "city_time" not in found:
            raise NotYet("the platform does not know the time")
        return found

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 (whatever JSON the platform answers)
        """Send JSON. Raises NotYet, or RuntimeError with the platform's refusal."""
        return self._send("POST", path, json.dumps(body, ensure_ascii=False).encode())

    def close(self) -> None:
        """Close the connection of the thread that asks."""
        self._hang_up()

    def _send(self, method: str, path: str, body: bytes | None, accept: int = 200) -> Any:  # noqa: ANN401 (see above)
        try:
            status, text = self._exchange(method, path, body)
        except (OSError, HTTPException) as error:
            self._hang_up()
            raise NotYet(f"{type(error).__name__}: {error}") from error
        if status != accept and (status >= SERVERS_FAULT or status == TOO_MANY):
            raise NotYet(f"{status}: {text[:500].decode(errors='replace')}")
        if status != accept and status >= REFUSED:
            raise RuntimeError(f"{method} {path[:300]}: {status}: {text[:500].decode(errors='replace')}")
        try:
            return json.loads(text or b"{}")
        except ValueError as error:
            raise NotYet(f"{status}: no JSON") from error

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Ask over the thread's connection. What only reads is asked anew if a kept connection turns out closed.

        What was sent may have been done though its answer is lost, so whoever sends looks before sending again.
        """
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None and method == "GET":
            with contextlib.suppress(OSError, HTTPException):
                return self._ask(kept, method, path, body)
            self._hang_up()
            kept = None
        if kept is None:
            kept = self._own.connection = self._connect(self._host, self._port, timeout=TIMEOUT_S)
        return self._ask(kept, method, path, body)

    def _ask(self, connection: HTTPConnection, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection.request(method, self._path + path, body=body, headers=self._headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _hang_up(self) -> None:
        connection: HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
        self._own.connection = None
