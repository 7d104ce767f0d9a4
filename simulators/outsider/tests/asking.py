"""Asks a simulator's door as a page or a test does: over real HTTP, from another thread than the city's."""

import asyncio
import json
from http.client import HTTPConnection
from typing import Any

from simulators.outsider.control import Control


async def ask(
    control: Control, method: str, body: Any = None, path: str = "/faults", **headers: str
) -> tuple[int, Any]:
    """Give the status and the JSON that a door answers with."""
    return await asyncio.to_thread(_ask, control.server_port, method, body, path, headers)


def _ask(port: int, method: str, body: Any, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found
