"""What an alarm is, what a detector says of one, and how its way is told."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from dothi.core.observations.labels.types import ThingLabel
from dothi.kernel.manifest import AlarmRule, Names


class State(StrEnum):
    """The states of ISA-18.2; `CLEARED` is its "returned to normal, unacknowledged"."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


QUEUE = (State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.CLEARED)
"""The states in which an alarm stands in the queue, before people's eyes."""


class Deed(StrEnum):
    """What can befall an alarm."""

    RAISE = "raise"
    CLEAR = "clear"
    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    REMOVE = "remove"
    RETURN = "return"
    CHANGE_MEMBERS = "change_members"


class Standing(msgspec.Struct, frozen=True):
    """Everything an alarm's state follows from.

    `is_active` says that the condition holds now; the others are what people and groups made of it.
    """

    is_active: bool = True
    is_acknowledged: bool = False
    shelved_until: datetime | None = None
    suppressed_by: int | None = None
    is_out_of_service: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether it is kept from the queue, whatever the condition does."""
        return self.is_out_of_service or self.shelved_until is not None or self.suppressed_by is not None

    @property
    def state(self) -> State:
        """The one word for it; of several reasons to hide it, the strongest."""
        if self.is_out_of_service:
            return State.OUT_OF_SERVICE
        if self.shelved_until is not None:
            return State.SHELVED
        if self.suppressed_by is not None:
            return State.SUPPRESSED
        if self.is_active:
            return State.ACKNOWLEDGED if self.is_acknowledged else State.UNACKNOWLEDGED
        return State.NORMAL if self.is_acknowledged else State.CLEARED


class Condition(msgspec.Struct, frozen=True):
    """What a detector sees: a rule that holds of a Thing since an aware time.

    `key` tells conditions of one rule and Thing apart (a phase). With `members`, the ids of other Things, it is a
    group: one alarm that stands for what its members suffer. `detail` holds JSON values under the ids that the rule
    declares.
    """

    rule: str
    thing_id: int
    since: datetime
    key: str = ""
    members: tuple[int, ...] = ()
    detail: Mapping[str, object] = {}


class Raise(msgspec.Struct, frozen=True):
    """The condition holds; said again, it only brings members and detail up to date."""

    condition: Condition


class Clear(msgspec.Struct, frozen=True):
    """The condition ended at an aware time."""

    rule: str
    thing_id: int
    key: str
    at: datetime


Change = Raise | Clear


class Point(NamedTuple):
    """What can be in alarm: a rule about a Thing, once for each key. It has at most one open alarm."""

    rule: str
    thing_id: int
    key: str


class Alarm(msgspec.Struct, frozen=True):
    """One alarm, from when it is raised until it is normal again and seen.

    `raised_at` is when its condition first began and `since` when it last did: one that returns before it was
    acknowledged is raised again, `times_raised` counts. `cleared_at` is None while the condition holds.
    """

    id: int
    point: Point
    priority: int
    standing: Standing
    raised_at: datetime
    since: datetime
    cleared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    times_raised: int = 1
    member_count: int = 0
    detail: Mapping[str, object] = {}

    @property
    def state(self) -> State:
        """Its state now."""
        return self.standing.state


class Transition(msgspec.Struct, frozen=True):
    """One step of an alarm's way: what befell it, when, by whom (a reference, no name), and its state after it.

    `at` is when it happened, `recorded_at` when Dothi knew.
    """

    deed: Deed
    at: datetime
    recorded_at: datetime
    who: str
    state: State
    note: str = ""


class Filter(msgspec.Struct, frozen=True):
    """Which alarms are asked for; what is empty does not restrict. `domain` is a package's id.

    `concerning` are Things that an alarm is about, or that are among those it stands for; `ids` are the alarms' own.
    """

    states: tuple[State, ...] = QUEUE
    priorities: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    domain: str = ""
    thing_id: int | None = None
    concerning: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()


IN_QUEUE = Filter()
"""What stands in the queue."""


class Tally(NamedTuple):
    """How many alarms are about a Thing, and the most pressing of these and of those that stand for it."""

    about: int
    priority: int
    state: State


class Spell(NamedTuple):
    """A time for which an alarm's condition held; `end` is None while it does."""

    begin: datetime
    end: datetime | None


class Course(NamedTuple):
    """An alarm with the Things it speaks for and all times at which its condition held, in order.

    Members are those it has now, or had when it ended.
    """

    alarm: Alarm
    members: tuple[int, ...]
    spells: tuple[Spell, ...]


class Queued(NamedTuple):
    """An alarm that stands in the queue, with the ids of the Things it speaks for, in order."""

    alarm: Alarm
    members: tuple[int, ...]


class Page(msgspec.Struct, frozen=True):
    """Some alarms in order, the Things they are about, and what to ask for to get the next ones ("" at the end)."""

    alarms: list[Alarm]
    things: Mapping[int, ThingLabel]
    next: str = ""


class Account(msgspec.Struct, frozen=True):
    """Everything known of one alarm; `people` names those in the history who still have an account."""

    alarm: Alarm
    thing: ThingLabel | None
    members: tuple[ThingLabel, ...]
    history: tuple[Transition, ...]
    people: Mapping[str, str]


class RuleOf(msgspec.Struct, frozen=True):
    """A rule with the service that declares it: its id, names and owner."""

    rule: AlarmRule
    domain: str
    names: Names
    owner: Names
    icon: str
