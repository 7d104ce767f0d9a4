"""A Task that comes by HTTP (OGC 17-079r1)."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from dothi.core.accounts.types import Actor
from dothi.core.observations.query.types import Step
from dothi.core.observations.service import Record
from dothi.core.observations.tasking.types import NewTask, Task
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.sensorthings.bodies import decode
from dothi.protocols.sensorthings.observation import Reference

DEADLINE: Final = timedelta(minutes=5)
"""How long a Task that names no deadline waits for its answer, in city time."""


class TaskBody(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON of a new Task. `creationTime` is the record's to know: what is sent is passed over."""

    parameters: dict[str, Any] = msgspec.field(name="taskingParameters")
    capability: Reference | None = msgspec.field(name="TaskingCapability", default=None)
    deadline: datetime | None = None
    creation_time: str | None = msgspec.field(name="creationTime", default=None)


_task: Final = msgspec.json.Decoder(TaskBody)


async def command(record: Record, actor: Actor, steps: tuple[Step, ...], body: bytes) -> Task:
    """Give the command of a body at a path. Raises InvalidInput, NotFound for a path that is none to make Tasks at."""
    read: TaskBody = decode(_task, body)
    named = None if read.capability is None else read.capability.id
    at = _parent(steps)
    if at is not None and named not in (None, at):
        raise InvalidInput("the body and the address both name a TaskingCapability", place="TaskingCapability")
    capability_id = named if at is None else at
    if capability_id is None:
        raise InvalidInput("TaskingCapability is missing", place="TaskingCapability")
    if not 0 < capability_id < 2**63:
        raise InvalidInput(f"there is no TaskingCapability {capability_id}", place="TaskingCapability")
    deadline = read.deadline or clock.now() + DEADLINE
    try:
        return await record.desk.give(actor, NewTask(capability_id, read.parameters), deadline=deadline)
    except InvalidInput as error:
        if at is not None and error.place == "TaskingCapability":
            raise NotFound(str(error)) from error
        raise


def _parent(steps: tuple[Step, ...]) -> int | None:
    """Give the TaskingCapability that a path names. Raises NotFound."""
    if len(steps) == 1:
        return None
    if steps[-2].name == "TaskingCapabilities" and steps[-2].id is not None:
        return steps[-2].id
    raise NotFound("Tasks are made at a TaskingCapability")


def represent(task: Task, address: str) -> bytes:
    """Give the JSON of a Task that has just been given, without asking the database again."""
    return msgspec.json.encode(
        {
            "@iot.selfLink": address,
            "@iot.id": task.id,
            "creationTime": task.creation_time,
            "taskingParameters": task.parameters,
            "deadline": task.deadline,
            "status": task.status,
            "reason": task.reason,
            "group": task.group,
            "attempts": task.attempts,
            "TaskingCapability@iot.navigationLink": f"{address}/TaskingCapability",
        }
    )
