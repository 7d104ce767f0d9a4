"""A device as a test needs it: an MQTT client of its own, with the rights of a key."""

import asyncio
import secrets
from typing import Any, Self

import gmqtt
import msgspec

from dothi.protocols.mqtt.connection import parse_url


class Device:
    """Connects as a key (or as nobody), publishes, and keeps what it hears. Use as an asynchronous context."""

    def __init__(
        self, url: str, *, username: str, password: str, client_id: str = "", session_expiry_s: int = 0
    ) -> None:
        self._at = parse_url(url)
        self.client_id = client_id or f"device-{secrets.token_hex(4)}"
        self.heard: asyncio.Queue[tuple[str, bytes, dict[str, Any]]] = asyncio.Queue()
        self.client = gmqtt.Client(
            self.client_id, clean_session=not (client_id or session_expiry_s), session_expiry_interval=session_expiry_s
        )
        self.client.set_config({"reconnect_retries": 0})
        self.client.set_auth_credentials(username, password)
        self.client.on_message = self._hear
        self.client.on_subscribe = self._answered
        self.subscriptions_answered = 0

    async def _hear(self, _client: object, topic: str, payload: bytes, _qos: int, properties: dict[str, Any]) -> int:
        self.heard.put_nowait((topic, payload, properties))
        return 0

    def _answered(self, *_what: object) -> None:
        self.subscriptions_answered += 1

    async def __aenter__(self) -> Self:
        await self.client.connect(self._at.host, self._at.port)
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self.client.is_connected:
            await self.client.disconnect()

    def observe(self, stream: int, payload: object, **properties: Any) -> None:
        """Publish an Observation of a Datastream, QoS 1; bytes go as they are."""
        body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        self.client.publish(f"v1.1/Datastreams({stream})/Observations", body, qos=1, **properties)

    async def ask(self, stream: int, payload: object, *, topic: str, correlation: bytes) -> dict[str, object]:
        """Publish an Observation and wait for the application's own answer to it."""
        self.observe(stream, payload, response_topic=topic, correlation_data=correlation)
        async with asyncio.timeout(20):
            heard_topic, answer, properties = await self.heard.get()
        assert heard_topic == topic
        assert properties["correlation_data"] == [correlation]
        return msgspec.json.decode(answer, type=dict[str, object])
