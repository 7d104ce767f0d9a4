"""What a work order is, what can befall it, and how its course is told."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from dothi.core.alarms.types import Alarm
from dothi.core.observations.labels.types import ThingLabel


class State(StrEnum):
    """Where a work order stands."""

    ISSUED = "issued"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    DONE = "done"
    RETURNED = "returned"
    APPROVED = "approved"
    CANCELLED = "cancelled"


OPEN = (State.ISSUED, State.ACCEPTED, State.UNDER_WAY, State.DONE, State.RETURNED)
"""The states in which somebody still has something to do."""
AT_WORK = (State.ISSUED, State.RETURNED, State.ACCEPTED, State.UNDER_WAY)
"""The states in which it is the crew's turn."""


class Deed(StrEnum):
    """What can befall a work order."""

    ISSUE = "issue"
    ASSIGN = "assign"
    ATTACH = "attach"
    ACCEPT = "accept"
    START = "start"
    NOTE = "note"
    FINISH = "finish"
    APPROVE = "approve"
    RETURN = "return"
    CANCEL = "cancel"


class Standing(msgspec.Struct, frozen=True):
    """All that the rules know of an order: its state, and who has it (a person's reference, "" for nobody)."""

    state: State = State.ISSUED
    assignee: str = ""


class Order(msgspec.Struct, frozen=True):
    """One work order; times are aware, people are references (`user:7`), `department` is the department's code.

    `number` is what people call it, unique in its year. `done_at` is when the crew last said that it is done.
    """

    id: int
    title: str
    task: str
    priority: int
    department: str
    thing_id: int
    standing: Standing
    issued_at: datetime
    issued_by: str
    deadline: datetime
    changed_at: datetime
    done_at: datetime | None = None

    @property
    def state(self) -> State:
        """Its state now."""
        return self.standing.state

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.state in OPEN

    @property
    def number(self) -> str:
        """What people call it: the year it was issued in, and its place among all."""
        return f"CV-{self.issued_at:%y}-{self.id:05d}"


class NewOrder(msgspec.Struct, frozen=True):
    """A work order that is to be issued; `alarm_ids` are the alarms it is for."""

    title: str
    task: str
    priority: int
    department: str
    thing_id: int
    deadline: datetime
    alarm_ids: tuple[int, ...] = ()
    assignee: str = ""


class Picture(msgspec.Struct, frozen=True):
    """A photo as it came, before anything was looked at; with `keeps_place` the place in it may be kept."""

    content: bytes
    keeps_place: bool = False


class Photo(msgspec.Struct, frozen=True):
    """A photo that was taken in: the SHA-256 (hex) of the stored file, its size in pixels, its place if that was kept.

    Longitude and latitude are degrees, WGS 84.
    """

    digest: str
    width: int
    height: int
    lon: float | None = None
    lat: float | None = None


class Act(msgspec.Struct, frozen=True):
    """A deed as someone asks for it.

    `key` names this one deed: asked for again under the same key it is not done again. `ago_s` is how many wall seconds
    ago it was done, where it waited for a network. `assignee` is whom an assignment is for.
    """

    deed: Deed
    note: str = ""
    key: str = ""
    ago_s: float = 0.0
    assignee: str = ""
    alarm_id: int = 0
    pictures: tuple[Picture, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """One step of an order's course: what befell it, when, by whom (a reference), and its state after it.

    `at` is when it happened, `recorded_at` when Dothi knew; both in the city's time.
    """

    id: int
    deed: Deed
    at: datetime
    recorded_at: datetime
    who: str
    state: State
    note: str = ""
    assignee: str = ""
    photos: tuple[Photo, ...] = ()


class Filter(msgspec.Struct, frozen=True):
    """Which orders are asked for; what is empty does not restrict. `nobodys` asks for those that nobody has."""

    states: tuple[State, ...] = OPEN
    department: str = ""
    assignee: str = ""
    nobodys: bool = False
    thing_id: int = 0


class Listed(NamedTuple):
    """An order in a list, and how its alarms stand: how many there are, and how many of them hold still."""

    order: Order
    alarms: int
    standing_alarms: int


class Page(msgspec.Struct, frozen=True):
    """Some orders in order, the Things they are about, the names of their people, and how many there are in all."""

    rows: list[Listed]
    things: Mapping[int, ThingLabel]
    people: Mapping[str, str]
    count: int


class Repair(msgspec.Struct, frozen=True):
    """What was done at a Thing before: the order, and the note and photos with which it was said to be done."""

    order: Order
    note: str
    photos: tuple[Photo, ...]


class Account(msgspec.Struct, frozen=True):
    """Everything known of one order; `members` are the Things that its groups' alarms speak for.

    `places` are degrees (lon, lat) by Thing; `people` names those in it who still have an account.
    """

    order: Order
    thing: ThingLabel | None
    steps: tuple[Step, ...]
    alarms: tuple[Alarm, ...]
    members: tuple[int, ...]
    places: Mapping[int, tuple[float, float]]
    repairs: tuple[Repair, ...]
    people: Mapping[str, str]

    @property
    def is_normal(self) -> bool:
        """Whether the conditions of all its alarms have ended; true of an order without any."""
        return not any(alarm.standing.is_active for alarm in self.alarms)
