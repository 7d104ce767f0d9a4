"""A connection to one broker that comes up when the broker does and stays until it is stopped."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import gmqtt
import msgspec
from gmqtt.mqtt.constants import UNLIMITED_RECONNECTS

log: Final = logging.getLogger(__name__)

RECONNECT_S: Final = 1
KEEPALIVE_S: Final = 15
IN_FLIGHT: Final = 10_000
"""How many messages the broker may send before the first is acknowledged: more than one batch, a bound of memory."""


class BrokerUrl(msgspec.Struct, frozen=True):
    """Where a broker is and as whom to speak to it."""

    host: str
    port: int
    username: str
    password: str
    tls: bool


def parse_url(url: str) -> BrokerUrl:
    """Read `mqtt://user:password@host:port` (mqtts:// for TLS). Raises ValueError for any other form."""
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ValueError(f"a broker's address is mqtt://user:password@host:port, not {parts.scheme or url!r}://…")
    tls = parts.scheme == "mqtts"
    return BrokerUrl(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


class _Client(gmqtt.Client):  # type: ignore[misc]  # gmqtt has no types
    """Says which messages nobody listens to: the broker tells (MQTT 5, 3.4.2.1), and gmqtt passes over it."""

    def __init__(self, client_id: str, *, on_unheard: Callable[[str], None] | None, **options: Any) -> None:
        super().__init__(client_id, **options)
        self._on_unheard = on_unheard
        self._asked: dict[int, str] = {}
        self._acknowledge = self._package_handler._handle_puback_packet
        self._package_handler._handle_puback_packet = self._acknowledged

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False, **properties: Any) -> None:
        """Publish, and remember the topics of what will be acknowledged where somebody wants to know."""
        if not qos or self._on_unheard is None:
            super().publish(topic, payload, qos=qos, retain=retain, **properties)
            return
        message = gmqtt.Message(topic, payload, qos=qos, retain=retain, **properties)
        number, package = self._connection.publish(message)
        self._persistent_storage.push_message(number, package)
        self._asked[number] = topic

    def _acknowledged(self, command: int, packet: bytes) -> None:
        self._acknowledge(command, packet)
        topic = self._asked.pop(int.from_bytes(packet[:2]), None)
        if topic is not None and self._on_unheard is not None and packet[2:3] == _NOBODY:
            self._on_unheard(topic)


_NOBODY: Final = b"\x10"
"""The reason code of a message that no subscription matches."""


def address_of(url: str) -> str:
    """Give a broker's address for those who have a name and password of their own; "" stays ""."""
    if not url:
        return ""
    at = parse_url(url)
    return f"{'mqtts' if at.tls else 'mqtt'}://{at.host}:{at.port}"


OnMessage = Callable[[str, bytes, dict[str, Any]], Awaitable[int]]


class Connection:
    """One client of one broker. `on_message` may await: the broker gets its acknowledgement when that returns 0.

    After each (re)connection the topics are subscribed and `on_connect` is called with whether the broker kept the
    session. `on_unheard` is called with the topic of a message of QoS 1 that nobody listens to.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        topics: tuple[str, ...] = (),
        on_message: OnMessage | None = None,
        on_connect: Callable[[bool], None] | None = None,
        will: gmqtt.Message | None = None,
        session_expiry_s: int = 0,
        on_unheard: Callable[[str], None] | None = None,
    ) -> None:
        self._url = parse_url(url)
        self._topics = topics
        self._on_connect = on_connect
        self._on_message = on_message
        self.generation = 0
        self.connected = False
        properties: dict[str, Any] = {"receive_maximum": IN_FLIGHT, "session_expiry_interval": session_expiry_s}
        self._client = _Client(
            client_id,
            clean_session=session_expiry_s == 0,
            on_unheard=on_unheard,
            optimistic_acknowledgement=False,
            will_message=will,
            logger=logging.getLogger("gmqtt"),
            **properties,
        )
        self._client.set_config({"reconnect_retries": UNLIMITED_RECONNECTS, "reconnect_delay": RECONNECT_S})
        self._client.set_auth_credentials(self._url.username, self._url.password)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect; does not wait for the broker."""
        self._task = asyncio.create_task(self._connect(), name=f"connect to {self._url.host}:{self._url.port}")

    async def stop(self) -> None:
        """Say good-bye to the broker and stay away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.connected:
            await self._client.disconnect()
        self.connected = False

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False, **properties: Any) -> None:
        """Send a message if the broker is there; without it, a message of QoS 0 is dropped."""
        if self.connected:
            self._client.publish(topic, payload, qos=qos, retain=retain, **properties)

    async def _connect(self) -> None:
        """Try until the broker is there for the first time; later losses are the client's own to mend."""
        while True:
            try:
                await self._client.connect(
                    self._url.host, self._url.port, ssl=self._url.tls, keepalive=KEEPALIVE_S, raise_exc=True
                )
            except (OSError, gmqtt.mqtt.handler.MQTTConnectError) as error:
                log.info("broker %s:%s: %s", self._url.host, self._url.port, error)
                await asyncio.sleep(RECONNECT_S)
            else:
                return

    def _connected(self, _client: object, session_present: int, _result: int, _properties: object) -> None:
        self.generation += 1
        self.connected = True
        for topic in self._topics:
            self._client.subscribe(topic, qos=1)
        if self._on_connect is not None:
            self._on_connect(bool(session_present))

    def _disconnected(self, _client: object, _packet: object, _error: object = None) -> None:
        self.connected = False

    async def _received(
        self, _client: object, topic: str, payload: bytes, _qos: int, properties: dict[str, Any]
    ) -> int:
        generation = self.generation
        code = 0 if self._on_message is None else await self._on_message(topic, payload, properties)
        if generation != self.generation:
            # The message came over a connection that is gone. The broker sends it again over the new one, where the
            # same packet number may by now stand for another message: this answer must not reach it.
            raise StaleConnectionError
        return code


class StaleConnectionError(Exception):
    """A message's connection was lost while it was worked on; it comes again."""


def quiet_stale(loop: asyncio.AbstractEventLoop) -> None:
    """Keep the event loop from reporting StaleConnectionError, which is how gmqtt is told not to acknowledge."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), StaleConnectionError):
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
