"""The bus inside the city: what one process committed, every other hears on the notifications' broker."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import gmqtt
import msgspec

from dothi.kernel import clock, events
from dothi.kernel.events import Event, ObservationsStored, ProcessState
from dothi.protocols.mqtt.connection import Connection, Done, Message

log: Final = logging.getLogger(__name__)

TOPIC: Final = "dothi/events/"
"""Followed by the tag of the event, so that a process is sent only the kinds it asks for."""
PROCESS_TOPIC: Final = "dothi/process/"
PATIENCE_S: Final = 5.0
"""How long a command waits for the broker to take its one event."""
SIGN_OF_LIFE_S: Final = 2.0
"""Wall seconds between two signs of life of a process."""


async def send_once(url: str, event: Event) -> None:
    """Send one event from a command that is no process of the city.

    Without the broker nothing is sent: whoever depends on such events trusts nothing it remembers while the broker is
    away.
    """
    done = asyncio.Event()

    def send(_session_present: bool) -> None:
        connection.publish(topic_of(type(event)), events.encode(event), qos=1)
        done.set()

    connection = Connection(url, client_id=f"dothi-once-{secrets.token_hex(4)}", on_connect=send)
    connection.start()
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), PATIENCE_S)
    await connection.stop()


def topic_of(kind: type[Event]) -> str:
    """Give the topic on which events of a kind go."""
    return f"{TOPIC}{kind.__struct_config__.tag}"


class Bus:
    """Publishes this process's events and hears those of the others; its own come back to it as well.

    A lost message is no loss of data: whoever listens is told whenever one may have been missed (after each
    reconnection, and when the numbers of a writer's batches jump), and then reads the record again.
    """

    def __init__(self, url: str, *, process: str) -> None:
        self.process: Final = process
        self.processes: dict[str, ProcessState] = {}
        self._url = url
        self._on_event: Callable[[Event], None] | None = None
        self._on_gap: Callable[[], None] | None = None
        self._topics: tuple[str, ...] = ()
        self._numbers: dict[str, int] = {}
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(
        self, on_event: Callable[[Event], None], *, on_gap: Callable[[], None], kinds: Sequence[type[Event]] = ()
    ) -> None:
        """Hear every event, or some kinds alone, and of every gap; call it before `start`."""
        self._on_event, self._on_gap = on_event, on_gap
        self._topics = (*(topic_of(kind) for kind in kinds), PROCESS_TOPIC + "+")
        if not kinds:
            self._topics = (TOPIC + "+", *self._topics)

    def start(self) -> None:
        """Begin to connect."""
        self._loop = asyncio.get_running_loop()
        gone = ProcessState(process=self.process, up=False, at=clock.now())
        self._connection = Connection(
            self._url,
            client_id=f"dothi-{self.process}-{secrets.token_hex(4)}",
            topics=self._topics,
            on_messages=self._received,
            on_connect=self._connected,
            will=gmqtt.Message(PROCESS_TOPIC + self.process, events.encode(gone), qos=1, retain=True),
        )
        self._connection.start()

    async def stop(self) -> None:
        """Tell the others that this process ends, then leave."""
        if self._connection is not None:
            self._announce(ProcessState(process=self.process, up=False, at=clock.now()))
            await self._connection.stop()

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection is not None and self._connection.connected

    def publish(self, event: Event) -> None:
        """Send an event to every process of the city; never blocks, never raises."""
        if self._connection is not None:
            self._connection.publish(topic_of(type(event)), events.encode(event))

    def publish_from_thread(self, event: Event) -> None:
        """Do what `publish` does, from any thread; what comes after `stop` is dropped."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the process is at its end
                self._loop.call_soon_threadsafe(self.publish, event)

    def sign_of_life(
        self, *, lag_s: float = 0.0, connected: bool = True, counters: Mapping[str, int] | None = None
    ) -> None:
        """Tell the others that this process runs; kept by the broker for whoever comes later."""
        self._announce(
            ProcessState(self.process, True, clock.now(), lag_s, connected=connected, counters=dict(counters or {}))
        )

    def _announce(self, state: ProcessState) -> None:
        if self._connection is not None:
            self._connection.publish(PROCESS_TOPIC + self.process, events.encode(state), retain=True)

    def _connected(self, _session_present: bool) -> None:
        self._numbers.clear()
        self._gap()

    def _gap(self) -> None:
        if self._on_gap is not None:
            self._on_gap()

    async def _received(self, messages: Sequence[Message], _done: Done) -> None:
        for message in messages:
            try:
                self._hear(events.decode(message.payload))
            except msgspec.MsgspecError as error:
                log.warning("a message on the bus is not an event: %s", error)
            except Exception:  # the events that came with it are heard
                log.exception("an event was not heard")

    def _hear(self, event: Event) -> None:
        if isinstance(event, ProcessState):
            self.processes[event.process] = event
            if not event.up:
                self._gap()  # it may have committed what it can no longer tell
            return
        if isinstance(event, ObservationsStored):
            expected = self._numbers.get(event.writer, 0) + 1
            self._numbers[event.writer] = event.number
            if event.number != expected:
                self._gap()
        if self._on_event is not None:
            self._on_event(event)
