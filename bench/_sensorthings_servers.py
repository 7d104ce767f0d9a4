"""The servers that `bench sensorthings` compares: how each is reached, and its own statements."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from bench._load import Broker, Target
from bench._running import Running, running

PERMISSIONS: Final = ("observations.thing.view", "observations.observation.create")
TIMEOUT_S: Final = 900
_PLAIN: Final = "(),;/'$=:"
"""What stays as it is in a query's value."""


@dataclass(frozen=True)
class Server:
    """A SensorThings server that is up, with the same data as the other."""

    name: str
    target: Target
    broker: Broker | None
    """Where devices publish; None where it has no way in by MQTT."""
    database_url: str
    """Its database, as the owner of its tables."""
    dothi: Running | None = field(default=None, repr=False)
    """Dothi itself, None of another server."""

    @contextmanager
    def reader(self) -> Iterator["Reader"]:
        """Open one connection to read by."""
        connection = http.client.HTTPConnection("127.0.0.1", self.target.port, timeout=TIMEOUT_S)
        try:
            yield Reader(connection, self.target.api, self.target.headers)
        finally:
            connection.close()


@dataclass(frozen=True)
class Reader:
    """A client that keeps its connection and asks for what is not compressed."""

    connection: http.client.HTTPConnection
    api: str
    headers: Mapping[str, str]

    def get(self, path: str, **options: str) -> bytes:
        """Read what the API has at a path; options are without their `$`. Raises RuntimeError unless it is 200."""
        query = "&".join(f"${name}={quote(value, safe=_PLAIN)}" for name, value in options.items())
        return self._read(f"{self.api}/{path}?{query}")

    def pages(self, path: str, **options: str) -> Iterator[dict[str, Any]]:
        """Read a list page by page, as far as it goes."""
        page: dict[str, Any] = json.loads(self.get(path, **options))
        yield page
        while following := page.get("@iot.nextLink"):
            parts = urlsplit(following)
            page = json.loads(self._read(f"{parts.path}?{parts.query}"))
            yield page

    def _read(self, address: str) -> bytes:
        self.connection.request("GET", address, headers=dict(self.headers))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {address}: {body[:500]!r}")
        return body


@contextmanager
def dothi() -> Iterator[Server]:
    """Run a Dothi of its own, with a key that may look and store."""
    with running() as found:
        key = found.create_key(PERMISSIONS)
        yield Server(
            name="Dothi",
            target=Target(found.port, "/v1.1", key.headers),
            broker=Broker(found.devices_port, key.id, key.secret),
            database_url=found.database_url,
            dothi=found,
        )
