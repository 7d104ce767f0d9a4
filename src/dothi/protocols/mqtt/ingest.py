"""The devices' way in: SensorThings over MQTT, acknowledged to the broker after the commit."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Final, NamedTuple

import msgspec

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.service import Record
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.kernel.errors import InvalidInput, NotFound, Overloaded, Unavailable
from dothi.protocols.mqtt.connection import Connection, Done, Message, UnfinishedError, finish_all
from dothi.protocols.mqtt.publishers import Publishers
from dothi.protocols.mqtt.rights import ANSWERS
from dothi.protocols.sensorthings import address, observation, observing, tasking

log: Final = logging.getLogger(__name__)

TASKS: Final = "v1.1/Tasks"
TOPICS: Final = ("v1.1/Observations", "v1.1/+/Observations", TASKS)
FOREVER_S: Final = 0xFFFFFFFF
RETRY_S: Final = 0.5
RETRY_MOST_S: Final = 5.0

Work = Callable[[], Awaitable[None]]
"""What is done with some messages, as often as it takes."""
_TOPIC: Final = re.compile(r"v1\.1/(?:((?:Multi)?Datastreams|FeaturesOfInterest)\(([0-9]{1,18})\)/)?Observations")
_CREATED: Final = "stored"


class Answer(msgspec.Struct, omit_defaults=True):
    """What a device that gave a response topic is told after the commit, or at once when its message is unusable."""

    outcome: str
    id: int | None = None
    reason: str | None = None


class _Turn(NamedTuple):
    """Messages that came together: since when and how many, over which connection, and what says that some are done."""

    since: float
    size: int
    generation: int
    done: Done


class Ingest:
    """Takes what devices publish, and acknowledges each message to the broker once it is committed or set aside.

    While the database is away nothing is acknowledged: the broker keeps what it could not deliver and sends it again.
    """

    def __init__(self, url: str, *, record: Record, client_id: str = "dothi-ingest") -> None:
        self._record = record
        self._publishers = Publishers(record)
        self.counters: Final = {"received": 0, "dead_letters": 0}
        self._numbers = count()
        self._under_way: OrderedDict[int, _Turn] = OrderedDict()
        self._said_at = float("-inf")
        self._connection = Connection(
            url, client_id=client_id, topics=TOPICS, on_messages=self._received, session_expiry_s=FOREVER_S
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
        return 0.0 if oldest is None else time.monotonic() - oldest.since

    async def _received(self, messages: Sequence[Message], done: Done) -> None:
        number = next(self._numbers)
        turn = self._under_way[number] = _Turn(time.monotonic(), len(messages), self._connection.generation, done)
        self.counters["received"] += len(messages)
        try:
            await self._take(turn, messages)
        finally:
            del self._under_way[number]

    async def _take(self, turn: _Turn, messages: Sequence[Message]) -> None:
        """Store the Observations that name no feature together, as nearly all are, and all else one by one."""
        together: list[tuple[Message, NewObservation]] = []
        works: list[Work] = []
        for message in messages:
            row = _read_plain(message)
            if row is None:
                works.append(partial(self._take_one, turn, message))
            else:
                together.append((message, row))
        if together:
            works.append(partial(self._take_together, turn, together))
        await self._until_all_done(turn, works)

    async def _until_all_done(self, turn: _Turn, works: Iterable[Work]) -> None:
        await finish_all(self._until_done(turn, work) for work in works)

    async def _until_done(self, turn: _Turn, work: Work) -> None:
        """Do a work as often as it takes for the database to be there.

        Raises UnfinishedError where that lasts longer than its messages' connection: they come again over the next, and
        would otherwise be held twice, and once more with each connection that is lost.
        """
        wait_s = RETRY_S
        while turn.generation == self._connection.generation:
            try:
                return await work()
            except (Unavailable, Overloaded) as error:
                self._say_waiting(error)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)
        raise UnfinishedError

    def _say_waiting(self, error: Exception) -> None:
        """Log that messages wait: one line for all of them, now and then."""
        now = time.monotonic()
        if now - self._said_at >= RETRY_MOST_S:
            self._said_at = now
            number = sum(turn.size for turn in self._under_way.values())
            log.info("%d messages wait to be stored: %s", number, error)

    async def _take_together(self, turn: _Turn, observed: Sequence[tuple[Message, NewObservation]]) -> None:
        try:
            answers = await self._record.write(SYSTEM, [row for _, row in observed])
        except (Unavailable, Overloaded):
            raise
        except Exception as error:  # one of them may be the cause: alone each shows whether it is
            log.info("%d messages are stored one by one: %r", len(observed), error)
            await self._until_all_done(turn, [partial(self._take_one, turn, message) for message, _ in observed])
            return
        finished, refusals = [], []
        for (message, row), stored in zip(observed, answers, strict=True):
            if stored.outcome is Outcome.UNKNOWN_DATASTREAM:
                refusals.append(partial(self._refuse, turn, message, str(_unknown(row))))
            else:
                finished.append((message, _answer(stored)))
        self._finish(turn, finished)
        await self._until_all_done(turn, refusals)

    async def _take_one(self, turn: _Turn, message: Message) -> None:
        try:
            answer = await (self._command if message.topic == TASKS else self._observe)(message)
        except (InvalidInput, NotFound) as error:
            await self._refuse(turn, message, str(error))
        except (Unavailable, Overloaded):
            raise
        except Exception as error:  # kept unacknowledged it would come back for ever, and be seen by nobody
            log.exception("a message on %s could not be stored", message.topic)
            await self._refuse(turn, message, f"a fault of Dothi's own: {error!r}")
        else:
            self._finish(turn, [(message, answer)])

    async def _refuse(self, turn: _Turn, message: Message, reason: str) -> None:
        """Set a message aside."""
        source = f"mqtt:{message.topic}"
        await self._record.keep_dead_letter(source=source, reason=reason, payload=message.payload)
        self.counters["dead_letters"] += 1
        self._finish(turn, [(message, Answer(outcome="refused", reason=reason))])

    def _finish(self, turn: _Turn, answered: Sequence[tuple[Message, Answer]]) -> None:
        """Let the broker forget messages that are committed or set aside, and answer devices that asked."""
        turn.done([message for message, _ in answered])
        for message, answer in answered:
            self._respond(message, answer)

    async def _observe(self, message: Message) -> Answer:
        datastream_id, feature_id = parent_of(message.topic)
        try:
            row = observation.decode(message.payload, datastream_id=datastream_id)
        except InvalidInput as error:
            deep = observing.read_feature(message.payload, error)
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
            raise _unknown(row)
        return _answer(stored)

    async def _command(self, message: Message) -> Answer:
        """Give a command; the broker has seen that the key may, and that no limits are to be kept."""
        steps, _ = address.parse_path("Tasks")
        task = await tasking.command(self._record, SYSTEM, steps, message.payload)
        return Answer(outcome=_CREATED, id=task.id)

    def _respond(self, message: Message, answer: Answer) -> None:
        """Send the application's own acknowledgement to a device that asked for it (MQTT 5, 4.10)."""
        topic = message.properties.get("response_topic", [""])[0]
        if topic.startswith(ANSWERS):  # anywhere else Dothi's own rights would be lent to whoever asks
            correlation = message.properties.get("correlation_data")
            extra = {"correlation_data": correlation[0]} if correlation else {}
            try:
                self._connection.publish(topic, msgspec.json.encode(answer), qos=1, **extra)
            except Exception:  # what is done is done, and the other answers are to go out
                log.exception("an answer was not sent")


def _read_plain(message: Message) -> NewObservation | None:
    """Read an Observation that names no feature; None for anything else, which alone shows what is wrong with it."""
    try:
        datastream_id, feature_id = parent_of(message.topic)
        row = observation.decode(message.payload, datastream_id=datastream_id)
    except Exception:
        return None
    return row if feature_id is None and row.feature_id is None else None


def _unknown(row: NewObservation) -> InvalidInput:
    return InvalidInput(f"there is no Datastream {row.datastream_id}", place="Datastream")


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
