"""What a command to a device is, and what becomes of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class TaskStatus(StrEnum):
    """Where a Task stands in its life."""

    PENDING = "pending"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"


OPEN: Final = frozenset({TaskStatus.PENDING, TaskStatus.SENT})
"""A Task in one of these is sent, again and again, until it leaves them; it comes back into none."""


class NewTask(msgspec.Struct, frozen=True):
    """A command that asks to be given; `parameters` are the standard's taskingParameters."""

    capability_id: int
    parameters: Mapping[str, object]


class Capability(msgspec.Struct, frozen=True):
    """What a Thing can be told to do; `parameters` says how (SWE Common's DataRecord, or whatever its maker wrote)."""

    id: int
    name: str
    thing_id: int
    parameters: Mapping[str, object]
    department: str = ""
    is_public: bool = False


class Task(msgspec.Struct, frozen=True):
    """A command as the record has it; all times are the city's.

    `attempts` counts how often it was sent, `sent_at` is when it was for the first time. `group` is shared by commands
    that were given together, `created_by` who gave them, as the audit log has it. `reason` is the device's for refusing
    it, or why it was taken back.
    """

    id: int
    capability_id: int
    thing_id: int
    parameters: Mapping[str, object]
    creation_time: datetime
    deadline: datetime
    status: TaskStatus
    group: int
    created_by: str
    attempts: int = 0
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.status in OPEN


class Waiting(msgspec.Struct, frozen=True):
    """An open Task as the outbox looks at it; `parameters` is JSON."""

    id: int
    capability_id: int
    parameters: bytes
    creation_time: datetime
    deadline: datetime
    status: TaskStatus
    attempts: int


class Look(msgspec.Struct, frozen=True):
    """What becomes of an open Task that is due; `next_attempt_at` is None where it is given up."""

    task_id: int
    status: TaskStatus
    attempts: int
    next_attempt_at: datetime | None


class Outgoing(msgspec.Struct, frozen=True):
    """A Task that goes out now; `expires_s` is after how many wall seconds this message is of no more use."""

    task: Waiting
    expires_s: float


class Answer(msgspec.Struct, frozen=True):
    """What a device says of a Task of one of its capabilities: DONE or REFUSED."""

    task_id: int
    capability_id: int
    status: TaskStatus
    reason: str = ""


class Verdict(StrEnum):
    """What is made of an answer."""

    TAKEN = "taken"
    OVER = "over"
    """The Task was answered, given up or taken back before; nothing changes."""
    UNKNOWN = "unknown"
    """There is no such Task of this capability."""
