"""Devices that go on through every fault: each sends an Observation again until it is acknowledged, and notes that."""

import asyncio
import json
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Self

import httpx

from bench._devices import connect_packet, publish_packet

START: Final = datetime(2026, 11, 22, tzinfo=UTC)
HTTP_DEVICES: Final = 6
MQTT_DEVICES: Final = 6
PAUSE_S: Final = 0.02
"""Between two Observations of one device."""
PATIENCE_S: Final = 10.0
"""After so long without an answer a device begins anew."""

Sent = tuple[int, int]
"""What an Observation is known by here: its Datastream, and its time in milliseconds after START."""

_NUMBERS: Final = count(1)
"""Of all loads of this process: two on one record must not send the same Observations."""


def moment_of(number: int) -> str:
    """Write the time of an Observation's number."""
    return (START + timedelta(milliseconds=number)).isoformat().replace("+00:00", "Z")


class Load:
    """All devices, in a thread of their own. Every Observation is a different one; none is given up before `stop`."""

    def __init__(self, *, port: int, key: tuple[str, str], streams: list[int]) -> None:
        self.acknowledged: Final[set[Sent]] = set()
        self.by_door: Final[Counter[str]] = Counter()
        """How many were acknowledged by each way in."""
        self.repeated = 0
        self._port, self._key, self._streams = port, key, streams
        self._stopping = threading.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def stop(self) -> None:
        """Send nothing new, and wait until what is under way is acknowledged."""
        self._stopping.set()
        self._thread.join(timeout=90)
        assert not self._thread.is_alive(), "a device still waits for its acknowledgement"

    def __enter__(self) -> Self:
        """Send for as long as the block runs."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop."""
        self.stop()

    def cut_connections(self) -> None:
        """Break every connection of the MQTT devices, in the middle of whatever they do."""
        self._loop.call_soon_threadsafe(self._abort_all)

    def _note(self, sent: Sent, door: str) -> None:
        self.acknowledged.add(sent)
        self.by_door[door] += 1

    def _abort_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._all())

    async def _all(self) -> None:
        http = [self._http_device() for _ in range(HTTP_DEVICES)]
        mqtt = [self._mqtt_device(f"load-{number}") for number in range(MQTT_DEVICES)]
        await asyncio.gather(*http, *mqtt)

    def _observations(self) -> Iterator[tuple[Sent, bytes]]:
        while not self._stopping.is_set():
            number = next(_NUMBERS)
            stream = self._streams[number % len(self._streams)]
            body = {"phenomenonTime": moment_of(number), "result": number / 10}
            yield (stream, number), json.dumps(body).encode()

    async def _http_device(self) -> None:
        """Post one Observation after the other; anything but 201 means: again."""
        headers = {"Authorization": "Bearer " + ".".join(self._key)}
        base = f"http://127.0.0.1:{self._port}"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_S, trust_env=False) as web:
            for sent, body in self._observations():
                path = f"/v1.1/Datastreams({sent[0]})/Observations"
                while not await self._posted(web, path, body):
                    self.repeated += 1
                    await asyncio.sleep(0.2)
                self._note(sent, "HTTP")
                await asyncio.sleep(PAUSE_S)

    @staticmethod
    async def _posted(web: httpx.AsyncClient, path: str, body: bytes) -> bool:
        try:
            return (await web.post(path, content=body)).status_code == 201
        except httpx.TransportError:
            return False

    async def _mqtt_device(self, name: str) -> None:
        """Publish one Observation after the other with QoS 1; a lost connection means: again."""
        line: _MqttLine | None = None
        for sent, body in self._observations():
            topic = f"v1.1/Datastreams({sent[0]})/Observations"
            while True:
                try:
                    if line is None:
                        line = await _MqttLine.open(self._port + 1, name, self._key, self._writers)
                    await asyncio.wait_for(line.publish(topic, body), PATIENCE_S)
                    break
                except (OSError, EOFError, TimeoutError):
                    self.repeated += 1
                    if line is not None:
                        line.close()
                    line = None
                    await asyncio.sleep(0.2)
            self._note(sent, "MQTT")
            await asyncio.sleep(PAUSE_S)
        if line is not None:
            line.close()


class _MqttLine:
    """One connection of MQTT 3.1.1, written by hand so that a test knows exactly what was acknowledged."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, writers: set[asyncio.StreamWriter]
    ) -> None:
        self._reader, self._writer, self._writers = reader, writer, writers
        self._writers.add(writer)
        self._ids = count(1)

    @classmethod
    async def open(cls, port: int, name: str, key: tuple[str, str], writers: set[asyncio.StreamWriter]) -> "_MqttLine":
        """Connect; raises OSError or EOFError when the broker is away or refuses."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE_S)
        line = cls(reader, writer, writers)
        writer.write(connect_packet(name, *key))
        answer = await asyncio.wait_for(reader.readexactly(4), PATIENCE_S)
        if answer[3] != 0:
            raise ConnectionRefusedError(answer[3])
        return line

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 and wait for the PUBACK."""
        number = next(self._ids) % 65535 + 1
        self._writer.write(publish_packet(topic, payload, number=number))
        answer = await self._reader.readexactly(4)
        if answer != struct.pack("!BBH", 0x40, 2, number):
            raise ConnectionAbortedError(answer)

    def close(self) -> None:
        """Break off."""
        self._writers.discard(self._writer)
        self._writer.transport.abort()
