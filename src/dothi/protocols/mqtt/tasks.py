"""Commands on their way to devices, and the devices' answers, at the devices' broker."""

import asyncio
import logging
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Final, Literal

import msgspec

from dothi.core.observations.service import Record
from dothi.core.observations.tasking.outbox import Outbox
from dothi.core.observations.tasking.types import Answer, Outgoing, TaskStatus, Verdict
from dothi.kernel.errors import InvalidInput, Unavailable
from dothi.kernel.events import Event, TasksChanged
from dothi.protocols.mqtt.connection import Connection, Done, Message, finish_all

log: Final = logging.getLogger(__name__)

ANSWERS: Final = "v1.1/+/+/status"
FOREVER_S: Final = 0xFFFFFFFF
TICK_S: Final = 0.5
"""Wall seconds after which the outbox is looked into, if nobody says sooner that there is something in it."""
RETRY_S: Final = 0.5
RETRY_MOST_S: Final = 5.0
LONGEST_REASON: Final = 1_000

_TOPIC: Final = re.compile(r"v1\.1/TaskingCapabilities\((\d{1,18})\)/Tasks\((\d{1,18})\)/status")


class TaskBody(msgspec.Struct):
    """The JSON of a Task as a device gets it."""

    id: int = msgspec.field(name="@iot.id")
    creation_time: str = msgspec.field(name="creationTime")
    parameters: msgspec.Raw = msgspec.field(name="taskingParameters")
    deadline: str


class AnswerBody(msgspec.Struct):
    """The JSON of a device's answer; what is not named here is passed over."""

    status: Literal["done", "refused"]
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


_answer: Final = msgspec.json.Decoder(AnswerBody)


class Tasks:
    """Sends each Task until it is answered or its deadline has passed, and takes the answers.

    An answer is acknowledged to the broker once it is committed or set aside. While the database is away nothing is
    sent and nothing acknowledged; while the broker is away, deadlines still pass.
    """

    def __init__(self, url: str, *, record: Record, client_id: str = "dothi-tasks") -> None:
        self._record = record
        self._outbox = Outbox(record)
        self.counters: Final = {"tasks_sent": 0, "tasks_answered": 0, "tasks_answered_late": 0, "tasks_misanswered": 0}
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._connection = Connection(
            url,
            client_id=client_id,
            topics=(ANSWERS,),
            on_messages=self._received,
            on_connect=lambda _session_present: self._woken.set(),
            session_expiry_s=FOREVER_S,
        )

    def start(self) -> None:
        """Begin to send and to listen."""
        self._connection.start()
        self._loop = asyncio.create_task(self._run(), name="commands to devices")

    async def stop(self) -> None:
        """Send no more; answers that are not acknowledged stay with the broker."""
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
        await self._connection.stop()

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connection.connected

    def hear(self, event: Event) -> None:
        """Look into the outbox at once when something changed there."""
        if isinstance(event, TasksChanged):
            self._woken.set()

    def miss(self) -> None:
        """Know that events may have been missed."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), TICK_S)
            self._woken.clear()
            try:
                await self._send_due()
            except Unavailable as error:
                log.info("commands wait: %s", error)
            except Exception:
                log.exception("commands wait")  # what is due stays due: nothing may end this loop

    async def _send_due(self) -> None:
        while True:
            outgoing = await self._outbox.take(can_send=self.connected)
            for each in outgoing:
                self._send(each)
            if not outgoing:
                return

    def _send(self, outgoing: Outgoing) -> None:
        """Publish a Task; the broker forgets this message when the next one goes out, at the latest at the deadline."""
        task = outgoing.task
        body = TaskBody(
            id=task.id,
            creation_time=_iso(task.creation_time),
            parameters=msgspec.Raw(task.parameters),
            deadline=_iso(task.deadline),
        )
        self._connection.publish(
            f"v1.1/TaskingCapabilities({task.capability_id})/Tasks",
            msgspec.json.encode(body),
            qos=1,
            message_expiry_interval=max(1, math.ceil(outgoing.expires_s)),
        )
        self.counters["tasks_sent"] += 1

    async def _received(self, messages: Sequence[Message], done: Done) -> None:
        await finish_all(self._take_when_possible(message, done) for message in messages)

    async def _take_when_possible(self, message: Message, done: Done) -> None:
        wait_s = RETRY_S
        while True:
            try:
                await self._take(message.topic, message.payload)
            except Unavailable as error:
                log.info("waiting %.1f s to take an answer again: %s", wait_s, error)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)
            else:
                return done([message])

    async def _take(self, topic: str, payload: bytes) -> None:
        try:
            answer = read_answer(topic, payload)
            verdict = await self._outbox.answer(answer)
            if verdict is Verdict.UNKNOWN:
                raise InvalidInput(f"there is no Task {answer.task_id} of TaskingCapability {answer.capability_id}")
        except InvalidInput as error:
            await self._record.keep_dead_letter(source=f"mqtt:{topic}", reason=str(error), payload=payload)
            self.counters["tasks_misanswered"] += 1
            return
        self.counters["tasks_answered" if verdict is Verdict.TAKEN else "tasks_answered_late"] += 1


def read_answer(topic: str, payload: bytes) -> Answer:
    """Read a device's answer. Raises InvalidInput for a topic or a body that is none."""
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise InvalidInput(f"{topic[:200]!r} is no topic to answer a Task at", place="topic")
    try:
        body = _answer.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"the answer can't be read: {error}", place="body") from error
    if "\0" in body.reason:
        raise InvalidInput("a text can't hold the character 0", place="reason")
    return Answer(int(found[2]), int(found[1]), TaskStatus(body.status), body.reason)


def _iso(moment: object) -> str:
    return str(msgspec.to_builtins(moment))
