"""When a command is sent again, when it is given up, what an answer makes of it, and which parameters it may have."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

import msgspec

from dothi.core.accounts.types import Actor
from dothi.core.observations.tasking.types import (
    OPEN,
    Answer,
    Capability,
    Look,
    NewTask,
    Task,
    TaskStatus,
    Verdict,
    Waiting,
)
from dothi.kernel.errors import InvalidInput

MOST: Final = 10_000
"""How many commands may be given together."""
MAX_BYTES: Final = 65_536
"""The largest parameters of one command, as JSON."""
MAX_REASON: Final = 1_000
"""The longest reason of a device, in characters."""
LONGEST: Final = timedelta(days=31)
"""The farthest deadline, in city time."""
FIRST_RETRY_S: Final = 1.0
LAST_RETRY_S: Final = 60.0
"""Wall seconds from one attempt to the next: 1, 2, 4 … 60."""


_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The character NUL as JSON writes it, which PostgreSQL can't store; backslashes in pairs are backslashes."""


def retry_s(attempts: int) -> float:
    """Give the wall seconds to wait for an answer after so many attempts, of which there was at least one."""
    return min(FIRST_RETRY_S * 2.0 ** min(attempts - 1, 30), LAST_RETRY_S)


def look(task: Waiting, *, now: datetime, speed: float) -> Look:
    """Say what becomes of an open Task that is due: it goes out once more, or it is given up at its deadline.

    A deadline is city time, since it belongs to what the command is about; the pause before the next attempt is wall
    time, since networks and devices do not run faster in a simulation. `speed` is in city seconds per wall second.
    """
    if now >= task.deadline:
        return Look(task.id, TaskStatus.UNANSWERED, task.attempts, None)
    attempts = task.attempts + 1
    again = now + timedelta(seconds=retry_s(attempts) * speed)
    return Look(task.id, TaskStatus.SENT, attempts, min(again, task.deadline))


def judge(answer: Answer, *, capability_id: int | None, status: TaskStatus | None) -> Verdict:
    """Say what an answer is to a Task of a capability and in a status; None for both where there is no such Task."""
    if status is None or capability_id != answer.capability_id:
        return Verdict.UNKNOWN
    return Verdict.TAKEN if status in OPEN else Verdict.OVER


def check_deadline(deadline: datetime, *, now: datetime) -> None:
    """See that a deadline lies ahead, and not beyond LONGEST. Raises InvalidInput."""
    if deadline.tzinfo is None:
        raise InvalidInput("deadline needs a time zone", place="deadline")
    if not now < deadline <= now + LONGEST:
        raise InvalidInput(f"a deadline lies ahead, at most {LONGEST.days} days", place="deadline")


def within_limits(actor: Actor, found: Iterable[Capability]) -> dict[int, Capability]:
    """Give the capabilities of the Things within an actor's limits, by id."""
    return {each.id: each for each in found if actor.may_touch(each.thing_id, department=each.department)}


def plan(
    new: Sequence[NewTask],
    known: Mapping[int, Capability],
    *,
    who: str,
    now: datetime,
    deadline: datetime,
    group: int,
) -> list[Task]:
    """Give new commands as Tasks that have no id yet, each checked against its capability.

    Raises InvalidInput for a capability that is not known, and for parameters that it does not take.
    """
    if not 0 < len(new) <= MOST:
        raise InvalidInput(f"from 1 to {MOST} commands can be given together", place="Tasks")
    return [
        Task(
            id=0,
            capability_id=each.capability_id,
            thing_id=_check(each, known.get(each.capability_id)).thing_id,
            parameters=each.parameters,
            creation_time=now,
            deadline=deadline,
            status=TaskStatus.PENDING,
            group=group,
            created_by=who,
        )
        for each in new
    ]


def audited(tasks: Sequence[Task]) -> dict[str, object]:
    """Give what the audit log keeps of commands that were given together; parameters that all share, once."""
    is_one = all(task.parameters == tasks[0].parameters for task in tasks)
    return {
        "capabilities": [task.capability_id for task in tasks],
        "parameters": [task.parameters for task in (tasks[:1] if is_one else tasks)],
        "deadline": tasks[0].deadline.isoformat(),
    }


def _check(task: NewTask, capability: Capability | None) -> Capability:
    if capability is None:
        raise InvalidInput(f"there is no TaskingCapability {task.capability_id}", place="TaskingCapability")
    check_parameters(capability.parameters, task.parameters)
    try:
        text = msgspec.json.encode(task.parameters)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise InvalidInput(f"the parameters are no JSON: {error}", place="taskingParameters") from error
    if _NUL.search(text):
        raise InvalidInput("a text can't hold the character 0", place="taskingParameters")
    if len(text) > MAX_BYTES:
        raise InvalidInput(f"the parameters are larger than {MAX_BYTES} bytes", place="taskingParameters")
    return capability


def check_parameters(schema: Mapping[str, object], given: Mapping[str, object]) -> None:
    """See that parameters are what a capability takes. Raises InvalidInput that names the one at fault.

    A capability is described as a DataRecord of SWE Common (OGC 08-094r1, in JSON as 17-079r1 has it). Where it is not,
    or a field is of a kind that is not known here, the device itself is the judge.
    """
    fields = schema.get("field")
    if schema.get("type") != "DataRecord" or not isinstance(fields, list):
        return
    known = {str(field.get("name")): field for field in fields if isinstance(field, dict)}
    for name in given:
        if name not in known:
            raise InvalidInput(f"there is no parameter {name[:40]}", place=_place(name))
    for name, field in known.items():
        if name in given:
            _check_value(name, field, given[name])
        elif field.get("optional") is not True:
            raise InvalidInput(f"the parameter {name} is missing", place=_place(name))


def _place(name: str) -> str:
    return f"taskingParameters/{name[:40]}"


def _check_value(name: str, field: Mapping[str, object], value: object) -> None:
    kind = str(field.get("type"))
    if kind not in _WORDS:
        return
    if not _is_of(kind, value):
        raise InvalidInput(f"{name} must be {_WORDS[kind]}", place=_place(name))
    constraint = field.get("constraint")
    if isinstance(constraint, dict) and not _is_allowed(constraint, value):
        raise InvalidInput(f"{name} lies outside of what is allowed", place=_place(name))


_WORDS: Final = {
    "Quantity": "a number",
    "Count": "a whole number",
    "Boolean": "true or false",
    "Time": "a time with its zone (ISO 8601)",
    "Text": "a text",
    "Category": "a text",
}


def _is_of(kind: str, value: object) -> bool:
    match kind:
        case "Boolean":
            return isinstance(value, bool)
        case "Quantity":
            return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        case "Count":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Time":
            return _is_time(value)
    return isinstance(value, str)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_allowed(constraint: Mapping[str, object], value: object) -> bool:
    """Tell whether a value is one of those listed, or in one of the intervals; without either, anything is."""
    values, intervals = constraint.get("value"), constraint.get("interval")
    if not isinstance(values, list) and not isinstance(intervals, list):
        return True
    if isinstance(values, list) and value in values:
        return True
    return isinstance(intervals, list) and any(_is_within(interval, value) for interval in intervals)


def _is_within(interval: object, value: object) -> bool:
    """Tell whether a number lies in an interval, its ends included; one that can't be read allows anything."""
    match interval:
        case [int() | float() as low, int() | float() as high] if isinstance(value, int | float):
            return low <= value <= high
    return True
