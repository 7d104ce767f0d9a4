"""The state machine of one work order, beside a plain table of what may follow what."""

from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dothi.core.incidents.rules import states
from dothi.core.incidents.types import Deed, Standing, State
from dothi.kernel.errors import Conflict, InvalidInput

ISS, ACC, UND, DON, RET = State.ISSUED, State.ACCEPTED, State.UNDER_WAY, State.DONE, State.RETURNED
FOLLOWS: Final = {
    (ISS, Deed.ACCEPT): ACC, (RET, Deed.ACCEPT): ACC,
    (ACC, Deed.START): UND, (RET, Deed.START): UND,
    (UND, Deed.FINISH): DON,
    (DON, Deed.APPROVE): State.APPROVED, (DON, Deed.RETURN): RET,
    (ISS, Deed.CANCEL): State.CANCELLED, (RET, Deed.CANCEL): State.CANCELLED,
    (ACC, Deed.CANCEL): State.CANCELLED, (UND, Deed.CANCEL): State.CANCELLED,
    **{(state, deed): state for state in (ISS, RET, ACC, UND) for deed in (Deed.ASSIGN, Deed.NOTE, Deed.ATTACH)},
    (DON, Deed.NOTE): DON, (DON, Deed.ATTACH): DON,
}  # fmt: skip
"""Every deed that can befall an order, and where it leads."""
PEOPLE: Final = ("user:1", "user:2")
DEEDS: Final = [deed for deed in Deed if deed is not Deed.ISSUE]


class OneOrder(RuleBasedStateMachine):
    """One order as the rules have it, and as the table has it."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing()
        self.state = ISS
        self.has = ""

    @rule(
        deed=st.sampled_from(DEEDS),
        who=st.sampled_from(PEOPLE),
        whom=st.sampled_from(("", *PEOPLE)),
        note=st.sampled_from(("", "  ", "đã thay cầu chì")),
        is_normal=st.booleans(),
    )
    def act(self, deed: Deed, who: str, whom: str, note: str, is_normal: bool) -> None:
        def go() -> Standing:
            return states.act(self.standing, deed, who=who, note=note, assignee=whom, is_normal=is_normal)

        following = FOLLOWS.get((self.state, deed))
        assert states.can(deed, self.standing) == (following is not None)
        if following is None or (deed is Deed.APPROVE and not is_normal):
            with pytest.raises(Conflict):
                go()
        elif deed in (Deed.FINISH, Deed.RETURN, Deed.CANCEL) and not note.strip():
            with pytest.raises(InvalidInput):
                go()
        else:
            self.standing, self.state = go(), following
            if deed is Deed.ASSIGN:
                self.has = whom
            elif deed in (Deed.ACCEPT, Deed.START, Deed.FINISH):
                self.has = who

    @invariant()
    def stands_where_the_table_says(self) -> None:
        assert self.standing == Standing(self.state, self.has)

    @invariant()
    def somebody_has_what_is_worked_on(self) -> None:
        if self.state is State.DONE:
            assert self.standing.assignee


TestOneOrder = OneOrder.TestCase


def test_what_is_over_stays_so() -> None:
    for state in (State.APPROVED, State.CANCELLED):
        assert not any(states.can(deed, Standing(state)) for deed in Deed)
