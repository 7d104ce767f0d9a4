"""A connection to one broker that comes up when the broker does and stays until it is stopped."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import gmqtt
import msgspec
from gmqtt.mqtt.constants import UNLIMITED_RECONNECTS

log: Final = logging.getLogger(__name__)

RECONNECT_S: Final = 1
KEEPALIVE_S: Final = 15
IN_FLIGHT: Final = 10_000
"""How many messages the broker may send before the first is acknowledged: more than one batch, a bound of memory."""
IN_FLIGHT_BYTES: Final = 64 * 2**20
"""How much they may hold together; one message may have 2.1 MB."""


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


class Message(NamedTuple):
    """What a broker delivered; `number` is how its acknowledgement names it, None at QoS 0, where there is none."""

    topic: str
    payload: bytes
    properties: dict[str, Any]
    number: int | None = None


Done = Callable[[Sequence[Message]], None]
"""Says of some messages of a turn that they are done: the broker may forget them."""
OnMessages = Callable[[Sequence[Message], Done], Awaitable[None]]


class _Room:
    """Reads no more from the broker while more is worked on than there is room for, whatever the broker keeps to.

    It is asked to send at most so many messages (MQTT 5, 3.1.2.11.3). mosquitto 2.0.11 keeps to that only until the
    first is acknowledged, and it knows nothing of a bound of bytes. What is not read stays with the broker; beyond the
    room there is what one turn of reading brings, at most half a MiB.
    """

    def __init__(self, messages: int, size: int) -> None:
        self._messages, self._bytes = messages, size
        self._free = asyncio.Event()
        self._free.set()

    def take(self, size: int) -> None:
        """Begin to work on a message of some bytes."""
        self._messages, self._bytes = self._messages - 1, self._bytes - size
        self._look()

    def give(self, messages: int, size: int) -> None:
        """Have done with some messages, which have so many bytes together."""
        self._messages, self._bytes = self._messages + messages, self._bytes + size
        self._look()

    def _look(self) -> None:
        if self._messages < 0 or self._bytes < 0:
            self._free.clear()
        else:
            self._free.set()

    def guard(self, connection: Any) -> None:  # noqa: ANN401  gmqtt has no types
        """Let a connection of gmqtt read only while there is room."""
        read = connection._protocol.read

        async def read_when_free(n: int = -1) -> bytes:
            while not self._free.is_set():
                # What the broker answers to signs of life waits behind the messages: its silence means nothing.
                connection._last_data_in = time.monotonic()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._free.wait(), KEEPALIVE_S)
            found: bytes = await read(n)
            return found

        connection._protocol.read = read_when_free


class _Client(gmqtt.Client):  # type: ignore[misc]  # gmqtt has no types
    """Hands over what arrives without a task for each message, and lets many be acknowledged at once.

    It also says which messages nobody listens to: the broker tells (MQTT 5, 3.4.2.1), and gmqtt passes over it.
    """

    def __init__(
        self,
        client_id: str,
        *,
        on_arrival: Callable[[Message], None],
        on_unheard: Callable[[str], None] | None,
        **options: Any,
    ) -> None:
        super().__init__(client_id, **options)
        self._on_arrival = on_arrival
        self._on_unheard = on_unheard
        self._asked: dict[int, str] = {}
        handler = self._package_handler
        self._acknowledge = handler._handle_puback_packet
        handler._handle_puback_packet = self._acknowledged
        handler._handle_qos_1_publish_packet = self._arrived
        self.on_message = self._arrived_unnumbered

    def _arrived(self, number: int, payload: bytes, topic: str, properties: dict[str, Any]) -> None:
        self._on_arrival(Message(topic, payload, properties, number))

    def _arrived_unnumbered(
        self, _client: object, topic: str, payload: bytes, _qos: int, properties: dict[str, Any]
    ) -> None:
        self._on_arrival(Message(topic, payload, properties))

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """Tell the broker that messages of QoS 1 were taken (PUBACK; MQTT 5, 3.4), in one writing for all."""
        packets = b"".join(_PUBACK + number.to_bytes(2) for number in numbers)
        if packets:
            self._connection._protocol.write_data(packets)

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


_PUBACK: Final = b"\x40\x02"
"""Its first bytes where it says nothing but the number: that all is well."""
_NOBODY: Final = b"\x10"
"""The reason code of a message that no subscription matches."""


def address_of(url: str) -> str:
    """Give a broker's address for those who have a name and password of their own; "" stays ""."""
    if not url:
        return ""
    at = parse_url(url)
    return f"{'mqtts' if at.tls else 'mqtt'}://{at.host}:{at.port}"


class Connection:
    """One client of one broker. `on_messages` is given what one turn of reading brought, in order, and `Done`.

    It may await, and several turns may be under way at once. The broker gets the acknowledgements of what is said to be
    done, and of the rest of a turn when it returns; of what is not done when it raises, none.

    After each (re)connection the topics are subscribed and `on_connect` is called with whether the broker kept the
    session. `on_unheard` is called with the topic of a message of QoS 1 that nobody listens to.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        topics: tuple[str, ...] = (),
        on_messages: OnMessages | None = None,
        on_connect: Callable[[bool], None] | None = None,
        will: gmqtt.Message | None = None,
        session_expiry_s: int = 0,
        on_unheard: Callable[[str], None] | None = None,
        in_flight: int = IN_FLIGHT,
        in_flight_bytes: int = IN_FLIGHT_BYTES,
    ) -> None:
        self._url = parse_url(url)
        self._room = _Room(in_flight, in_flight_bytes)
        self._topics = topics
        self._on_connect = on_connect
        self._on_messages = on_messages
        self._arrivals: list[Message] = []
        self._turns: set[asyncio.Task[None]] = set()
        self.generation = 0
        self.connected = False
        properties: dict[str, Any] = {"receive_maximum": in_flight, "session_expiry_interval": session_expiry_s}
        self._client = _Client(
            client_id,
            clean_session=session_expiry_s == 0,
            on_arrival=self._arrived,
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
        self._room.guard(self._client._connection)
        for topic in self._topics:
            self._client.subscribe(topic, qos=1)
        if self._on_connect is not None:
            self._on_connect(bool(session_present))

    def _disconnected(self, _client: object, _packet: object, _error: object = None) -> None:
        self.connected = False

    def _arrived(self, message: Message) -> None:
        self._room.take(len(message.payload))
        if not self._arrivals:
            asyncio.get_running_loop().call_soon(self._deliver)
        self._arrivals.append(message)

    def _deliver(self) -> None:
        messages, self._arrivals = self._arrivals, []
        turn = asyncio.create_task(self._work_on(messages, self.generation), name="messages of one turn")
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)

    async def _work_on(self, messages: Sequence[Message], generation: int) -> None:
        rest = {id(message): message for message in messages}

        def done(some: Sequence[Message]) -> None:
            for message in some:
                del rest[id(message)]
            self._give_room(some)
            # What came over a connection that is gone is sent again over the new one, where the same number may by now
            # stand for another message: this acknowledgement must not reach it.
            if self.connected and generation == self.generation:
                self._client.acknowledge(message.number for message in some if message.number is not None)

        try:
            if self._on_messages is not None:
                await self._on_messages(messages, done)
            done([*rest.values()])
        except UnfinishedError:
            pass
        except Exception:
            log.exception("%d messages are not acknowledged", len(rest))
        finally:
            self._give_room([*rest.values()])

    def _give_room(self, messages: Sequence[Message]) -> None:
        self._room.give(len(messages), sum(len(message.payload) for message in messages))


async def finish_all(works: Iterable[Awaitable[None]]) -> None:
    """Wait for works on messages, each of which says by itself what is done. Raises UnfinishedError where one fails."""
    faults = [fault for fault in await asyncio.gather(*works, return_exceptions=True) if fault is not None]
    for fault in faults:
        if not isinstance(fault, UnfinishedError):
            log.error("a message is not acknowledged", exc_info=fault)
    if faults:
        raise UnfinishedError


class UnfinishedError(Exception):
    """Some messages are not done, for instance as their connection was lost meanwhile; they come over the next."""
