"""Observations as machines send them, as fast as a server takes them: single, in batches, and by MQTT."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from bench._devices import Device, publish_packets
from bench._posts import post, send_all
from bench._running import free_ports

STREAMS: Final = 1000
"""Datastreams that single messages are of."""
GATEWAYS: Final = 8
"""Connections that send batches, each of as many Datastreams of its own: what a device measures comes one way."""
CONNECTIONS: Final = 32
DEVICES: Final = 64
PATIENCE_S: Final = 120

Observation = tuple[int, str, float]
"""Datastream, time and result."""


@dataclass(frozen=True)
class Target:
    """A server that takes Observations by HTTP: its port on loopback, its API's path, and what opens the door."""

    port: int
    api: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Broker:
    """Where devices publish."""

    port: int
    username: str
    password: str


class Load:
    """The load of a measurement: no Observation is sent twice but those that are meant to be.

    It is of (1 + GATEWAYS) * STREAMS Datastreams whose ids follow each other, from a time on at which they have none.
    """

    def __init__(self, target: Target, *, first_stream: int, start: datetime) -> None:
        self._target, self._first_stream, self._start = target, first_stream, start
        self._moments = count()
        self._batched = [count() for _ in range(GATEWAYS)]

    def observations(self, number: int, *, every: int, gateway: int | None = None) -> Iterator[Observation]:
        """Give so many Observations; each `every`-th (0: none) is the one before it once more."""
        moments = self._moments if gateway is None else self._batched[gateway]
        first = self._first_stream + (0 if gateway is None else (1 + gateway) * STREAMS)
        last = None
        for place in range(number):
            if last is None or not every or place % every != every - 1:
                moment = next(moments)
                at = self._start + timedelta(milliseconds=moment // STREAMS * 10)
                last = (first + moment % STREAMS, at.isoformat().replace("+00:00", "Z"), moment % 977 / 10)
            yield last

    async def singles(self, total: int, *, every: int = 0, port: int | None = None) -> float:
        """Send single POSTs by 32 connections; gives how many a second were answered, all with 201."""
        requests: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
        headers = {"Content-Type": "application/json", **self._target.headers}
        for place, (stream, at, result) in enumerate(self.observations(total, every=every)):
            path = f"{self._target.api}/Datastreams({stream})/Observations"
            requests[place % CONNECTIONS].append(post(path, _body(at, result), headers))
        return await self._timed(requests, total, port=port)

    async def batches(self, total: int, *, every: int = 0) -> float:
        """Send batches of 1,000; gives how many Observations a second were answered, all with 201."""
        each = total // GATEWAYS
        requests = []
        for gateway in range(GATEWAYS):
            rows = list(self.observations(each, every=every, gateway=gateway))
            parts = [rows[place : place + 1000] for place in range(0, each, 1000)]
            requests.append([self._batch(part) for part in parts])
        return await self._timed(requests, each * GATEWAYS)

    def _batch(self, rows: Sequence[Observation]) -> bytes:
        groups: dict[int, list[list[object]]] = {}
        for stream, at, result in rows:
            groups.setdefault(stream, []).append([at, result])
        body = [
            {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result"], "dataArray": values}
            for stream, values in groups.items()
        ]
        headers = {"Content-Type": "application/json", **self._target.headers}
        return post(f"{self._target.api}/CreateObservations", json.dumps(body).encode(), headers)

    async def _timed(self, requests: list[list[bytes]], total: int, *, port: int | None = None) -> float:
        begin = time.perf_counter()
        statuses = await send_all(port or self._target.port, requests)
        taken = time.perf_counter() - begin
        if set(statuses) != {201}:
            raise RuntimeError(f"not all were stored: {statuses}")
        return total / taken

    async def devices(self, total: int, broker: Broker, stored: Callable[[], int], *, every: int = 0) -> float:
        """Publish by 64 devices at QoS 1; gives how many a second, from the first message to the last one stored."""
        messages = self._messages(total, every)
        wanted = stored() + len({message for own in messages for message in own})
        begin = time.perf_counter()
        await publish_all(broker, messages)
        while stored() < wanted:
            if time.perf_counter() - begin > PATIENCE_S:
                raise TimeoutError(f"{wanted - stored()} messages are not in the table")
            await asyncio.sleep(0.05)
        return total / (time.perf_counter() - begin)

    async def published(self, total: int, broker: Broker, *, every: int = 0) -> float:
        """Publish so; gives how many a second the broker acknowledged."""
        messages = self._messages(total, every)
        begin = time.perf_counter()
        await publish_all(broker, messages)
        return total / (time.perf_counter() - begin)

    def _messages(self, total: int, every: int) -> list[list[tuple[str, bytes]]]:
        messages: list[list[tuple[str, bytes]]] = [[] for _ in range(DEVICES)]
        for place, (stream, at, result) in enumerate(self.observations(total, every=every)):
            topic = f"v1.1/Datastreams({stream})/Observations"
            messages[place // (every or 1) % DEVICES].append((topic, _body(at, result)))
        return messages


async def publish_all(broker: Broker, messages: Sequence[Sequence[tuple[str, bytes]]]) -> None:
    """Publish each device's messages, all devices at once, until the broker has acknowledged every one."""
    loop = asyncio.get_running_loop()
    made = []
    for place, packets in enumerate([publish_packets(iter(own)) for own in messages]):
        device = Device(packets, f"bench-{place}", broker.username, broker.password)
        made.append(device)
        await loop.create_connection(lambda device=device: device, "127.0.0.1", broker.port)  # type: ignore[misc]
    await asyncio.gather(*(device.done for device in made))


@asynccontextmanager
async def empty_server() -> AsyncIterator[int]:
    """Run a server that answers without doing anything; gives its port."""
    port = free_ports()
    program = str(Path(__file__).with_name("_empty.py"))
    server = await asyncio.create_subprocess_exec(sys.executable, program, str(port))
    try:
        async with httpx.AsyncClient(trust_env=False) as web:
            for _ in range(100):
                try:
                    await web.get(f"http://127.0.0.1:{port}/")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield port
    finally:
        server.terminate()
        await server.wait()


def _body(at: str, result: float) -> bytes:
    return b'{"phenomenonTime":"%s","result":%f}' % (at.encode(), result)
