"""An outsider's connection to the devices' broker: bounded, with QoS 1, and back by itself when it was lost."""

import asyncio
import contextlib
import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import gmqtt
from gmqtt.mqtt.constants import UNLIMITED_RECONNECTS
from gmqtt.mqtt.handler import MQTTConnectError
from gmqtt.storage import PersistentStorage

PORT: Final = 1883
RETRY_S: Final = 2
GOODBYE_S: Final = 1.0
MOST_UNANSWERED: Final = 4_000
"""How many messages may wait for the broker's word; their numbers end at 65,535."""
BACKLOG: Final = 20_000
"""How many messages are kept while none can be sent. The oldest go first."""
TASKS: Final = "v1.1/+/Tasks"

Message = tuple[str, bytes]
"""Topic and payload."""
OnTask = Callable[[str, bytes], None]


class _Waiting(PersistentStorage):  # type: ignore[misc]  # gmqtt has no types
    """What the broker has not acknowledged yet; counted."""

    def __len__(self) -> int:
        return len(self._messages)


class Connection:
    """One client of the devices' broker; it comes back by itself and then sends what was not acknowledged."""

    def __init__(
        self, url: str, client_id: str, *, key_id: str, key_secret: str, on_task: OnTask | None = None
    ) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or PORT
        self._waiting = _Waiting()
        self._client = gmqtt.Client(
            client_id, logger=logging.getLogger("gmqtt"), persistent_storage=self._waiting, clean_session=True
        )
        self._client.set_config({"reconnect_retries": UNLIMITED_RECONNECTS, "reconnect_delay": RETRY_S})
        self._client.set_auth_credentials(key_id, key_secret)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received
        self._on_task = on_task
        self._backlog: deque[Message] = deque()
        self._is_connected = False
        self._connecting: asyncio.Task[None] | None = None

    @property
    def unanswered(self) -> int:
        """How many messages were not sent or not acknowledged yet."""
        return len(self._waiting) + len(self._backlog)

    def start(self) -> None:
        """Begin to connect; later losses are mended by the client itself."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Leave at once, with a good-bye if the broker takes one."""
        if self._connecting is not None:
            self._connecting.cancel()
        with contextlib.suppress(TimeoutError, OSError, AttributeError, asyncio.CancelledError):
            await asyncio.wait_for(self._client.disconnect(), GOODBYE_S)

    def send(self, messages: Sequence[Message]) -> int:
        """Send messages with QoS 1 as soon as that can be; tells how many old ones were given up for them."""
        self._backlog.extend(messages)
        while self._backlog and self._is_connected and len(self._waiting) < MOST_UNANSWERED:
            topic, payload = self._backlog.popleft()
            self._client.publish(topic, payload, qos=1)
        given_up = max(0, len(self._backlog) - BACKLOG)
        for _ in range(given_up):
            self._backlog.popleft()
        return given_up

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
        if self._on_task is not None:
            self._client.subscribe(TASKS, qos=1)

    def _disconnected(self, _client: object, _packet: object, _error: object = None) -> None:
        self._is_connected = False

    def _received(self, _client: object, topic: str, payload: bytes, _qos: int, _properties: Any) -> int:  # noqa: ANN401
        if self._on_task is not None:
            self._on_task(topic, payload)
        return 0
