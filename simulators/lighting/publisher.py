"""The lamp's side of MQTT: each measurement goes out with QoS 1, and waits while the broker is away."""

import asyncio
import contextlib
import json
import logging
import sys
from collections import deque
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import gmqtt
from gmqtt.mqtt.constants import UNLIMITED_RECONNECTS
from gmqtt.mqtt.handler import MQTTConnectError

RETRY_S: Final = 2
GOODBYE_S: Final = 1.0
BACKLOG: Final = 3 * 24 * 60
"""A controller's memory is small too: a day of minutes, three figures each; the oldest goes first."""


class Publisher:
    """One client of the devices' broker; publishing never waits: what can't be sent now is sent when it is back."""

    def __init__(self, url: str, *, key_id: str, key_secret: str, client_id: str) -> None:
        address = urlsplit(url)
        self._host = address.hostname or "127.0.0.1"
        self._port = address.port or 1883
        self._backlog: deque[tuple[str, bytes]] = deque(maxlen=BACKLOG)
        self._client = gmqtt.Client(client_id, logger=logging.getLogger("gmqtt"))
        self._client.set_config({"reconnect_retries": UNLIMITED_RECONNECTS, "reconnect_delay": RETRY_S})
        self._client.set_auth_credentials(key_id, key_secret)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._is_connected = False
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; later losses are mended by the client itself."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Leave at once, with a good-bye if the broker takes one."""
        if self._connecting is not None:
            self._connecting.cancel()
        with contextlib.suppress(TimeoutError, OSError, asyncio.CancelledError):
            await asyncio.wait_for(self._client.disconnect(), GOODBYE_S)

    def publish(self, datastream_id: int, *, at: datetime, value: float) -> None:
        """Send one measurement as an Observation (OGC 18-088, 14.2.1)."""
        topic, payload = observation(datastream_id, at=at, value=value)
        if self._is_connected:
            self._client.publish(topic, payload, qos=1)
        else:
            self._backlog.append((topic, payload))

    async def _connect(self) -> None:
        while True:
            try:
                await self._client.connect(self._host, self._port, keepalive=15)
            except (OSError, MQTTConnectError) as error:
                print(f"waiting for the broker: {error}", file=sys.stderr)
                await asyncio.sleep(RETRY_S)
            else:
                return

    def _connected(self, _client: object, _flags: int, result: int, _properties: object) -> None:
        if result != 0:
            return
        self._is_connected = True
        while self._backlog:
            topic, payload = self._backlog.popleft()
            self._client.publish(topic, payload, qos=1)

    def _disconnected(self, _client: object, _packet: object, _error: object = None) -> None:
        self._is_connected = False


def observation(datastream_id: int, *, at: datetime, value: float) -> tuple[str, bytes]:
    """Write an Observation as (topic, payload)."""
    payload = json.dumps({"phenomenonTime": at.isoformat(), "result": value})
    return f"v1.1/Datastreams({datastream_id})/Observations", payload.encode()
