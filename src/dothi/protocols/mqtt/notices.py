"""What subscribers hear (OGC 18-088, 14.2): each topic that somebody listens to is told what is committed."""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec

from dothi.core.observations.query.tables import TABLES
from dothi.core.observations.query.types import Entity, Options, Query, Step
from dothi.core.observations.service import Record
from dothi.kernel.errors import DothiError, InvalidInput, NotFound, Unavailable
from dothi.kernel.events import EntitiesChanged, Event, ObservationsStored, TasksChanged
from dothi.protocols.mqtt.connection import Connection, Done, Message
from dothi.protocols.mqtt.topics import Topic, property_of, read_topic, subscribed
from dothi.protocols.mqtt.viewing import View, among

log: Final = logging.getLogger(__name__)

SUBSCRIBED: Final = "$SYS/broker/log/M/subscribe"
"""Where the broker says what is subscribed."""
WATCHED: Final = "dothi/watched/"
"""Below this the broker keeps, retained, on which topics somebody listens: as long as it keeps its sessions."""
MOST_TOPICS: Final = 50_000
MOST_WAITING: Final = 200_000
"""How many Observations may wait to be told; of more the oldest are left out, and counted."""
AT_ONCE: Final = 1_000
FEW: Final = 100
"""How many Observations are asked for by name in one question."""
RETRY_S: Final = 1.0
FOREVER_S: Final = 0xFFFFFFFF

Changed = tuple[str, int]
Row = tuple[int, int, datetime]
"""The ids of an Observation and of its Datastream, and its phenomenonTime."""
_PLAIN: Final = Options()


class _List(msgspec.Struct):
    value: list[msgspec.Raw]


_list: Final = msgspec.json.Decoder(_List)


class _Waiting:
    """What has been committed and is not told yet."""

    def __init__(self) -> None:
        self.rows: deque[Row] = deque()
        self.streams: set[int] = set()
        self.entities: dict[Changed, None] = {}
        self.new: dict[str, Topic] = {}
        self.doubtful = False

    def __bool__(self) -> bool:
        return bool(self.rows or self.streams or self.entities or self.new or self.doubtful)


class Notices:
    """Publishes on the topics that somebody listens to, and on no others: nobody pays for what nobody hears.

    The broker tells of each subscription, and by its acknowledgement of each message whether anyone is left. What is
    told is read from the record after the commit, at most once: while the broker or the database is away, later news
    of the same entity stands for what was missed.
    """

    def __init__(self, url: str, *, record: Record, base: str, client_id: str = "dothi-notices") -> None:
        self.counters: Final = {"notices_sent": 0, "notices_left_out": 0}
        self.topics: Final[dict[str, Topic]] = {}
        self._record = record
        self._base = base
        self._view = View(record, base=base)
        self._known: dict[str, bytes] = {}
        self._waiting = _Waiting()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection = Connection(
            url,
            client_id=client_id,
            topics=(WATCHED + "+", SUBSCRIBED),
            on_messages=self._received,
            on_unheard=self._forget,
            session_expiry_s=FOREVER_S,
        )

    def start(self) -> None:
        """Begin to listen for who listens, and to tell."""
        self._connection.start()
        self._task = asyncio.create_task(self._run(), name="notices to subscribers")

    async def stop(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._connection.stop()

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection.connected

    def hear(self, event: Event) -> None:
        """Take an event of the bus: what it names is told as soon as it was read."""
        if not self.topics:
            return
        if isinstance(event, ObservationsStored):
            self._waiting.rows += [(row.id, row.datastream_id, row.phenomenon_time) for row in event.rows]
            self._waiting.streams.update(row.datastream_id for row in event.rows)
            while len(self._waiting.rows) > MOST_WAITING:
                self._waiting.rows.popleft()
                self.counters["notices_left_out"] += 1
        elif isinstance(event, EntitiesChanged):
            self._waiting.entities |= dict.fromkeys(event.entities)
        elif isinstance(event, TasksChanged):
            self._waiting.entities |= dict.fromkeys((Entity.TASK.value, number) for number in event.task_ids)
        else:
            return
        self._woken.set()

    def miss(self) -> None:
        """Know that events may have been missed: what can be compared with what was told last is looked at again."""
        self._waiting.doubtful = True
        self._woken.set()

    async def _received(self, messages: Sequence[Message], _done: Done) -> None:
        for message in messages:
            text = message.payload.decode("utf-8", "replace")
            if message.topic == SUBSCRIBED:
                for found in subscribed(text):
                    self._watch(found, keep=True)
            elif text:
                with suppress(InvalidInput, NotFound):
                    self._watch(read_topic(text), keep=False)

    def _watch(self, topic: Topic, *, keep: bool) -> None:
        if topic.text in self.topics:
            return
        if len(self.topics) >= MOST_TOPICS:
            log.warning("somebody listens to more than %d topics: %r is not told", MOST_TOPICS, topic.text)
            return
        self.topics[topic.text] = topic
        self._waiting.new[topic.text] = topic
        self._woken.set()
        if keep:
            self._connection.publish(_kept(topic.text), topic.text.encode(), retain=True)

    def _forget(self, text: str) -> None:
        """Publish no more where nobody listens."""
        if self.topics.pop(text, None) is not None:
            self._known.pop(text, None)
            self._waiting.new.pop(text, None)
            self._connection.publish(_kept(text), b"", retain=True)

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            waiting, self._waiting = self._waiting, _Waiting()
            if not waiting:
                continue
            try:
                await self._tell(waiting)
            except Unavailable as error:
                log.info("subscribers wait: %s", error)
                self._waiting.doubtful = True
                await asyncio.sleep(RETRY_S)
                self._woken.set()
            except Exception:
                log.exception("subscribers were not told")  # nothing may end this loop

    async def _tell(self, waiting: _Waiting) -> None:
        for topic in waiting.new.values():
            if not topic.is_list:
                self._known[topic.text] = await self._now(topic) or b""
        await self._tell_rows(waiting.rows)
        await self._tell_entities(waiting.entities)
        touched = {*waiting.entities, *self._series(waiting.streams)}
        for topic in [each for each in self.topics.values() if not each.is_list]:
            if waiting.doubtful or self._view.concerns(topic, touched):
                await self._tell_if_other(topic)

    @staticmethod
    def _series(streams: Iterable[int]) -> set[Changed]:
        """Give what new Observations change besides: the spans that their Datastreams show."""
        kinds = (Entity.DATASTREAM.value, Entity.MULTI_DATASTREAM.value)
        return {(kind, stream) for stream in streams for kind in kinds}

    async def _tell_rows(self, rows: Sequence[Row]) -> None:
        lists = [each for each in self.topics.values() if each.is_list and each.entity is Entity.OBSERVATION]
        others = [each for each in lists if not (each.stream or each.is_everything)]
        direct: dict[int, list[Topic]] = {}
        for each in lists:
            if each.stream:
                direct.setdefault(each.stream[1], []).append(each)
        everything = [each for each in lists if each.is_everything]
        wanted = [row for row in rows if everything or others or row[1] in direct]
        for start in range(0, len(wanted), AT_ONCE):
            streams = {number: stream for number, stream, _ in wanted[start : start + AT_ONCE]}
            shown = await self._record.show_stored(wanted[start : start + AT_ONCE], base=self._base)
            for number, text in shown:
                for topic in (*everything, *(each for each in direct.get(streams[number], ()) if _is_of(each, text))):
                    self._publish(topic, topic.pick(text))
        for topic in others:
            await self._tell_among(topic, [row for row in wanted if topic.last_id in (None, row[1])])

    async def _tell_entities(self, entities: Iterable[Changed]) -> None:
        by_kind: dict[Entity, list[Topic]] = {}
        for topic in self.topics.values():
            if topic.is_list:
                by_kind.setdefault(topic.entity, []).append(topic)
        for kind, number in entities:
            self._view.doubt(kind, number)
            for topic in by_kind.get(Entity(kind), ()):
                await self._tell_member(topic, number)

    async def _tell_member(self, topic: Topic, number: int) -> None:
        """Publish an entity on the topic of a set, if it is one of that."""
        steps = (*topic.steps[:-1], Step(topic.steps[-1].name, number))
        if len(steps) == 1:
            steps = (Step(TABLES[topic.entity].set_name, number),)
        text = await self._read(topic, steps)
        if text is not None:
            self._publish(topic, topic.pick(text))

    async def _tell_among(self, topic: Topic, rows: Sequence[Row]) -> None:
        """Publish those of new Observations that a longer way leads to."""
        for start in range(0, len(rows), FEW):
            options = among(rows[start : start + FEW])
            found = await self._read(topic, topic.steps, options)
            for text in _list.decode(found).value if found is not None else ():
                self._publish(topic, topic.pick(bytes(text)))

    async def _tell_if_other(self, topic: Topic) -> None:
        now = await self._now(topic)
        if now is not None and now != self._known.get(topic.text):
            self._known[topic.text] = now
            self._publish(topic, now)

    async def _now(self, topic: Topic) -> bytes | None:
        """Give what a topic is about as it is now, None for what is not there."""
        found = await self._read(topic, topic.steps)
        if found is None and topic.into:
            owner = topic.steps[: len(topic.steps) - len(topic.into)]
            return None if await self._read(topic, owner) is None else property_of(topic, None)
        return found

    async def _read(self, topic: Topic, steps: tuple[Step, ...], options: Options = _PLAIN) -> bytes | None:
        try:
            return await self._view.read(topic, Query(steps=steps, base=self._base, options=options))
        except Unavailable:
            raise
        except DothiError as error:
            log.info("%r is not told: %s", topic.text, error)
            return None

    def _publish(self, topic: Topic, payload: bytes) -> None:
        if topic.text in self.topics:
            self._connection.publish(topic.text, payload, qos=1)
            self.counters["notices_sent"] += 1


def _is_of(topic: Topic, text: bytes) -> bool:
    """Tell whether an Observation is of the kind of series that a topic names: the ids are of one table."""
    return topic.stream is not None and f'"{topic.stream[0]}@iot.navigationLink"'.encode() in text


def _kept(text: str) -> str:
    return WATCHED + hashlib.sha256(text.encode()).hexdigest()[:32]
