"""The devices' way in: SensorThings over MQTT, acknowledged to the broker after the commit."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from itertools import count
from typing import Any, Final

import msgspec

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.service import Record
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.kernel.errors import InvalidInput, NotFound, Overloaded, Unavailable
from dothi.protocols.mqtt.connection import Connection, StaleConnectionError
from dothi.protocols.mqtt.publishers import Publishers
from dothi.protocols.mqtt.rights import ANSWERS
from dothi.protocols.sensorthings import address, observation, observing, tasking

log: Final = logging.getLogger(__name__)

TASKS: Final = "v1.1/Tasks"
TOPICS: Final = ("v1.1/Observations", "v1.1/+/Observations", TASKS)
FOREVER_S: Final = 0xFFFFFFFF
RETRY_S: Final = 0.5
RETRY_MOST_S: Final = 5.0

_TOPIC: Final = re.compile(r"v1\.1/(?:((?:Multi)?Datastreams|FeaturesOfInterest)\(([0-9]{1,18})\)/)?Observations")
_CREATED: Final = "stored"


class Answer(msgspec.Struct, omit_defaults=True):
    """What a device that gave a response topic is told after the commit, or at once when its message is unusable."""

    outcome: str
    id: int | None = None
    reason: str | None = None


class Ingest:
    """Takes what devices publish, and acknowledges each message to the broker once it is committed or set aside.

    While the database is away nothing is acknowledged: the broker keeps what it could not deliver and sends it again.
    """

    def __init__(self, url: str, *, record: Record, client_id: str = "dothi-ingest") -> None:
        self._record = record
        self._publishers = Publishers(record)
        self.counters: Final = {"received": 0, "dead_letters": 0}
        self._numbers = count()
        self._under_way: OrderedDict[int, float] = OrderedDict()
        self._said_at = float("-inf")
        self._connection = Connection(
            url, client_id=client_id, topics=TOPICS, on_message=self._received, session_expiry_s=FOREVER_S
        )

    def start(self) -> None:
        """Begin to take messages."""
        self._connection.start()

    async def stop(self) -> None:
        """Take no more; what is not acknowledged stays with the broker."""
        await self._connection.stop()

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection.connected

    def lag_s(self) -> float:
        """Give the age in seconds of the oldest message that is not committed yet."""
        oldest = next(iter(self._under_way.values()), None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    async def _received(self, topic: str, payload: bytes, properties: dict[str, Any]) -> int:
        number = next(self._numbers)
        self._under_way[number] = time.monotonic()
        self.counters["received"] += 1
        try:
            answer = await self._until_done(topic, payload)
        finally:
            del self._under_way[number]
        self._respond(properties, answer)
        return 0

    async def _until_done(self, topic: str, payload: bytes) -> Answer:
        """Store the message or set it aside, as often as it takes for the database to be there.

        Raises StaleConnectionError where that lasts longer than the message's connection: it comes again over the next,
        and would otherwise be held twice, and once more with each connection that is lost.
        """
        wait_s, generation = RETRY_S, self._connection.generation
        while True:
            try:
                return await self._store(topic, payload)
            except (Unavailable, Overloaded) as error:
                if generation != self._connection.generation:
                    raise StaleConnectionError from error
                self._say_waiting(error)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)

    def _say_waiting(self, error: Exception) -> None:
        """Log that messages wait: one line for all of them, now and then."""
        now = time.monotonic()
        if now - self._said_at >= RETRY_MOST_S:
            self._said_at = now
            log.info("%d messages wait to be stored: %s", len(self._under_way), error)

    async def _store(self, topic: str, payload: bytes) -> Answer:
        try:
            if topic == TASKS:
                return await self._command(payload)
            return await self._observe(topic, payload)
        except (InvalidInput, NotFound) as error:
            return await self._set_aside(topic, payload, str(error))
        except (Unavailable, Overloaded):
            raise
        except Exception as error:  # kept unacknowledged it would come back for ever, and be seen by nobody
            log.exception("a message on %s could not be stored", topic)
            return await self._set_aside(topic, payload, f"a fault of Dothi's own: {error!r}")

    async def _observe(self, topic: str, payload: bytes) -> Answer:
        datastream_id, feature_id = parent_of(topic)
        try:
            row = observation.decode(payload, datastream_id=datastream_id)
        except InvalidInput as error:
            deep = observing.read_feature(payload, error)
            async with self._record.undivided():
                row = await observing.bring(self._record, SYSTEM, deep, datastream_id)
                return await self._write(SYSTEM, row, feature_id)
        is_linked = datastream_id is not None and row.feature_id is not None
        # No limited key publishes where the topic names no Datastream.
        actor = await self._publishers.find(row.datastream_id) if is_linked else SYSTEM
        return await self._write(actor, row, feature_id)

    async def _write(self, actor: Actor, row: NewObservation, feature_id: int | None) -> Answer:
        if feature_id is not None:
            row = msgspec.structs.replace(row, feature_id=feature_id)
        [stored] = await self._record.write(actor, [row])
        if stored.outcome is Outcome.UNKNOWN_DATASTREAM:
            raise InvalidInput(f"there is no Datastream {row.datastream_id}", place="Datastream")
        return _answer(stored)

    async def _command(self, payload: bytes) -> Answer:
        """Give a command; the broker has seen that the key may, and that no limits are to be kept."""
        steps, _ = address.parse_path("Tasks")
        task = await tasking.command(self._record, SYSTEM, steps, payload)
        return Answer(outcome=_CREATED, id=task.id)

    async def _set_aside(self, topic: str, payload: bytes, reason: str) -> Answer:
        await self._record.keep_dead_letter(source=f"mqtt:{topic}", reason=reason, payload=payload)
        self.counters["dead_letters"] += 1
        return Answer(outcome="refused", reason=reason)

    def _respond(self, properties: dict[str, Any], answer: Answer) -> None:
        """Send the application's own acknowledgement to a device that asked for it (MQTT 5, 4.10)."""
        topic = properties.get("response_topic", [""])[0]
        if topic.startswith(ANSWERS):  # anywhere else Dothi's own rights would be lent to whoever asks
            correlation = properties.get("correlation_data")
            extra = {"correlation_data": correlation[0]} if correlation else {}
            self._connection.publish(topic, msgspec.json.encode(answer), qos=1, **extra)


def _answer(stored: Stored) -> Answer:
    return Answer(outcome=stored.outcome.value, id=stored.id)


def parent_of(topic: str) -> tuple[int | None, int | None]:
    """Give the Datastream and the feature that a topic names, None for what the body must name.

    Raises InvalidInput for another topic.
    """
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise InvalidInput(f"{topic[:200]!r} is no topic to publish Observations to", place="topic")
    if found[1] is None:
        return None, None
    number = int(found[2])
    return (None, number) if found[1] == "FeaturesOfInterest" else (number, None)
