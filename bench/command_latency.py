"""From a command over HTTP to the device and back: how long until a whole street has answered."""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any, Final

import gmqtt
import httpx

from bench._running import Key, Running, running, thing
from bench.report import Figure, figure

API: Final = "/sensorthings/v1.1"
PERMISSIONS: Final = (
    "observations.thing.create",
    "observations.thing.view",
    "observations.task.create",
    "observations.task.view",
    "observations.task.answer",
)
GOAL_S: Final = 5
"""Seconds until all lamps of a street have acknowledged their command."""
PATIENCE_S: Final = 60
LOOK_S: Final = 0.02
LEVEL: Final = {
    "type": "DataRecord",
    "field": [{"name": "level", "type": "Quantity", "constraint": {"interval": [[0, 100]]}}],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--lamps", type=int, default=200)
    parser.add_argument("--gateways", type=int, default=4, help="controllers that speak for the lamps")
    parser.add_argument("--connections", type=int, default=8, help="HTTP connections that command at once")
    parser.add_argument("--runs", type=int, default=7)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure with the whole of Dothi between the one who commands and the lamps."""
    with running() as dothi:
        return asyncio.run(_measure(dothi, options))


async def _measure(dothi: Running, options: argparse.Namespace) -> list[Figure]:
    key = dothi.create_key(PERMISSIONS)
    limits = httpx.Limits(max_connections=options.connections)
    base = f"{dothi.url}{API}/"
    street, heard, one = [], [], []
    async with httpx.AsyncClient(base_url=base, headers=key.headers, trust_env=False, limits=limits) as web:
        capabilities = await _register(web, options.lamps)
        gateways = [
            Gateway(capabilities[number :: options.gateways], number, key) for number in range(options.gateways)
        ]
        for gateway in gateways:
            await gateway.connect(dothi.devices_port)
        for run in range(options.runs):
            done, arrived = await _command(web, capabilities, gateways, level=run)
            street.append(done)
            heard.append(arrived)
        for run in range(options.runs):
            one.append((await _command(web, capabilities[:1], gateways, level=run))[0])
        for gateway in gateways:
            await gateway.client.disconnect()
    return [
        figure(f"a street of {options.lamps} lamps: all acknowledged", street, "s", goal=f"<={GOAL_S}"),
        figure(f"a street of {options.lamps} lamps: all have the command", heard, "s"),
        figure("one lamp: acknowledged", one, "s"),
    ]


class Gateway:
    """A controller that obeys at once whatever its lamps are told."""

    def __init__(self, capabilities: Sequence[int], number: int, key: Key) -> None:
        self.obeyed = 0
        self.last_at = 0.0
        self._topics = [f"v1.1/TaskingCapabilities({capability})/Tasks" for capability in capabilities]
        self._ready = asyncio.Event()
        self.client = gmqtt.Client(f"bench-gateway-{number}")
        self.client.set_auth_credentials(key.id, key.secret)
        self.client.on_message = self._obey
        self.client.on_subscribe = lambda *_answer: self._ready.set()

    async def connect(self, port: int) -> None:
        """Connect, and be sent the lamps' Tasks."""
        await self.client.connect("127.0.0.1", port)
        self.client.subscribe([gmqtt.Subscription(topic, qos=1) for topic in self._topics])
        await asyncio.wait_for(self._ready.wait(), PATIENCE_S)

    def _obey(self, _client: object, topic: str, payload: bytes, _qos: int, _properties: object) -> int:
        number = json.loads(payload)["@iot.id"]
        self.client.publish(f"{topic}({number})/status", b'{"status": "done"}', qos=1)
        self.obeyed += 1
        self.last_at = time.perf_counter()
        return 0


async def _register(web: httpx.AsyncClient, lamps: int) -> list[int]:
    """Make a street; give what its lamps can be told."""
    actuator = {"name": "driver", "encodingType": "text/plain", "metadata": "simulated"}
    for number in range(lamps):
        lamp = thing(f"lamp {number}", kind="Streetlight", streams=[], lon=106.67 + number / 1e4, lat=11.05)
        light = {"name": "light", "taskingParameters": LEVEL, "Actuator": actuator}
        (await web.post("Things", json=lamp | {"TaskingCapabilities": [light]})).raise_for_status()
    found = (await web.get("TaskingCapabilities", params={"$select": "id", "$top": "10000"})).raise_for_status().json()
    return [each["@iot.id"] for each in found["value"]]


async def _command(
    web: httpx.AsyncClient, capabilities: Sequence[int], gateways: Sequence[Gateway], *, level: int
) -> tuple[float, float]:
    """Command lamps; give the seconds until the record has all their answers, and until the last one was told."""
    before = sum(gateway.obeyed for gateway in gateways)
    began = time.perf_counter()
    answers: list[Any] = await asyncio.gather(
        *(
            web.post(f"TaskingCapabilities({capability})/Tasks", json={"taskingParameters": {"level": level}})
            for capability in capabilities
        )
    )
    first = min(answer.raise_for_status().json()["@iot.id"] for answer in answers)
    asked = {"$filter": f"id ge {first} and status eq 'done'"}
    async with asyncio.timeout(PATIENCE_S):
        # To ask the record earlier would only keep it from its work.
        while sum(gateway.obeyed for gateway in gateways) - before < len(capabilities):  # noqa: ASYNC110  as below
            await asyncio.sleep(LOOK_S)
        while await _count(web, asked) < len(capabilities):  # noqa: ASYNC110  the record tells nobody outside
            await asyncio.sleep(LOOK_S)
    return time.perf_counter() - began, max(gateway.last_at for gateway in gateways) - began


async def _count(web: httpx.AsyncClient, asked: dict[str, str]) -> int:
    return int((await web.get("Tasks/$count", params=asked)).raise_for_status().text)
