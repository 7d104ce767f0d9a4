"""Commands to light: for whom, what, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from dothi.core.observations.tasking.types import Task, TaskStatus


class Aim(StrEnum):
    """What a command is given to: one lamp, all lamps of a street, or all that a cabinet feeds."""

    LAMP = "lamp"
    STREET = "street"
    CABINET = "cabinet"


class Target(msgspec.Struct, frozen=True):
    """One lamp by its Thing's id, a street by its slug, or a cabinet by its serial."""

    aim: Aim
    key: str


class Order(msgspec.Struct, frozen=True):
    """A level in percent of full light, until an aware time or else until another order; None ends every override."""

    level: int | None
    until: datetime | None = None


class Command(msgspec.Struct, frozen=True):
    """An order as it was given; its Tasks have `group` in common. `label` is what people call the target.

    `thing_id` is the Thing that stands for it: the lamp, or the cabinet that feeds most of its lamps. `who` is a
    reference and no name. `unanswered` are the lamps that had not answered at the deadline, None while some may yet;
    `is_alarm` says that an alarm stands for them.
    """

    group: int
    at: datetime
    who: str
    target: Target
    label: str
    thing_id: int
    order: Order
    deadline: datetime
    unanswered: tuple[int, ...] | None = None
    is_alarm: bool = False


class Progress(msgspec.Struct, frozen=True):
    """How far a command is: the Tasks by what became of them."""

    command: Command
    counts: Mapping[TaskStatus, int]

    @property
    def total(self) -> int:
        """To how many lamps it went."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """How many have not answered, and may yet."""
        return sum(count for status, count in self.counts.items() if status in (TaskStatus.PENDING, TaskStatus.SENT))


class Account(msgspec.Struct, frozen=True):
    """A command with its Tasks in order, the names of their lamps by Thing, and the name of who gave it."""

    progress: Progress
    tasks: tuple[Task, ...]
    names: Mapping[int, str]
    person: str
