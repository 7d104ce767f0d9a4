"""The state machine of one alarm, beside a plain table of ISA-18.2's transitions."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dothi.core.alarms.rules import states
from dothi.core.alarms.tests.raising import at
from dothi.core.alarms.types import Alarm, Point, Standing, State
from dothi.kernel.errors import Conflict, InvalidInput

NORMAL, UNACKNOWLEDGED, ACKNOWLEDGED, CLEARED = (
    State.NORMAL, State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.CLEARED,
)  # fmt: skip
SEEN: Final = {
    (UNACKNOWLEDGED, "clear"): CLEARED,
    (UNACKNOWLEDGED, "acknowledge"): ACKNOWLEDGED,
    (ACKNOWLEDGED, "clear"): NORMAL,
    (CLEARED, "raise"): UNACKNOWLEDGED,
    (CLEARED, "acknowledge"): NORMAL,
    (NORMAL, "raise"): UNACKNOWLEDGED,
}
"""Where an alarm that is to be seen goes; what is not listed leaves it where it is."""
HIDDEN: Final = {
    (UNACKNOWLEDGED, "clear"): NORMAL,
    (ACKNOWLEDGED, "clear"): NORMAL,
    (CLEARED, "raise"): UNACKNOWLEDGED,
    (NORMAL, "raise"): UNACKNOWLEDGED,
}
"""Where a hidden one goes underneath; what ends there needs nobody."""


class OneAlarm(RuleBasedStateMachine):
    """One alarm as the rules have it, and as the tables have it: a state below and the reasons to hide it."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing()
        self.below = UNACKNOWLEDGED
        self.hidden: set[State] = set()

    def step(self, event: str) -> None:
        table = HIDDEN if self.hidden else SEEN
        self.below = table.get((self.below, event), self.below)

    def uncover(self, reason: State) -> None:
        self.hidden.discard(reason)
        if not self.hidden and self.below is CLEARED:
            self.below = NORMAL

    @rule()
    def raise_again(self) -> None:
        self.standing = states.raise_again(self.standing)
        self.step("raise")

    @rule()
    def clear(self) -> None:
        self.standing = states.clear(self.standing)
        self.step("clear")

    @rule()
    def acknowledge(self) -> None:
        if self.hidden and not self.standing.is_acknowledged:
            with pytest.raises(Conflict):
                states.acknowledge(self.standing)
            return
        self.standing = states.acknowledge(self.standing)
        self.step("acknowledge")

    @rule(minutes=st.integers(1, 7 * 24 * 60))
    def shelve(self, minutes: int) -> None:
        if State.OUT_OF_SERVICE in self.hidden or (not self.hidden and self.below is NORMAL):
            with pytest.raises(Conflict):
                states.shelve(self.standing, until=at(minutes), now=at(0))
            return
        self.standing = states.shelve(self.standing, until=at(minutes), now=at(0))
        self.hidden.add(State.SHELVED)

    @rule()
    def unshelve(self) -> None:
        if State.SHELVED not in self.hidden:
            with pytest.raises(Conflict):
                states.unshelve(self.standing)
            return
        self.standing = states.unshelve(self.standing)
        self.uncover(State.SHELVED)

    @precondition(lambda self: self.hidden or self.below is not NORMAL)
    @rule(group_id=st.integers(1, 3))
    def suppress(self, group_id: int) -> None:
        self.standing = states.suppress(self.standing, group_id=group_id)
        self.hidden.add(State.SUPPRESSED)

    @rule()
    def unsuppress(self) -> None:
        if State.SUPPRESSED in self.hidden:
            self.standing = states.suppress(self.standing, group_id=None)
            self.uncover(State.SUPPRESSED)

    @rule()
    def remove_from_service(self) -> None:
        if State.OUT_OF_SERVICE in self.hidden or (not self.hidden and self.below is NORMAL):
            with pytest.raises(Conflict):
                states.remove_from_service(self.standing)
            return
        self.standing = states.remove_from_service(self.standing)
        self.hidden.discard(State.SHELVED)
        self.hidden.add(State.OUT_OF_SERVICE)

    @rule()
    def return_to_service(self) -> None:
        if State.OUT_OF_SERVICE not in self.hidden:
            with pytest.raises(Conflict):
                states.return_to_service(self.standing)
            return
        self.standing = states.return_to_service(self.standing)
        self.uncover(State.OUT_OF_SERVICE)

    @invariant()
    def is_where_the_tables_say(self) -> None:
        for reason in (State.OUT_OF_SERVICE, State.SHELVED, State.SUPPRESSED):
            if reason in self.hidden:
                assert self.standing.state is reason
                return
        assert self.standing.state is self.below


TestOneAlarm = OneAlarm.TestCase


@pytest.mark.parametrize("until", [at(0), at(-1), at(0) + timedelta(days=7, seconds=1), at(5).replace(tzinfo=None)])
def test_shelving_ends_within_a_week(until: object) -> None:
    with pytest.raises(InvalidInput):
        states.shelve(Standing(), until=until, now=at(0))  # type: ignore[arg-type]


def test_the_queue_shows_unseen_ones_first() -> None:
    ordered = sorted(State, key=states.rank_of)
    assert ordered[:3] == [UNACKNOWLEDGED, ACKNOWLEDGED, CLEARED]


@pytest.mark.parametrize("state", states.RANKS)
def test_an_alarm_of_a_past_moment_is_in_its_state_of_then(state: State) -> None:
    now = Alarm(
        id=1,
        point=Point("lights.lamp.failed", 1, ""),
        priority=3,
        standing=Standing(is_active=False, is_acknowledged=True),
        raised_at=at(0),
        since=at(9),
        cleared_at=at(4),
        acknowledged_at=at(2),
        acknowledged_by="user:1",
    )
    then = states.as_of(now, state, at(5))
    assert (then.state, then.since) == (state, at(5))
    assert (then.acknowledged_at is not None, then.acknowledged_by != "") == (state is ACKNOWLEDGED,) * 2
    assert (then.cleared_at is not None) == (state is CLEARED)
    with pytest.raises(ValueError, match="no state of the queue"):
        states.as_of(now, NORMAL, at(5))
