"""The state machine of one work order."""

from collections.abc import Mapping
from typing import Final

from dothi.core.incidents.types import AT_WORK, Deed, Standing, State
from dothi.kernel.errors import Conflict, InvalidInput

FROM: Final[Mapping[Deed, tuple[State, ...]]] = {
    Deed.ASSIGN: AT_WORK,
    Deed.ATTACH: (*AT_WORK, State.DONE),
    Deed.ACCEPT: (State.ISSUED, State.RETURNED),
    Deed.START: (State.ACCEPTED, State.RETURNED),
    Deed.NOTE: (*AT_WORK, State.DONE),
    Deed.FINISH: (State.UNDER_WAY,),
    Deed.APPROVE: (State.DONE,),
    Deed.RETURN: (State.DONE,),
    Deed.CANCEL: AT_WORK,
}
"""The states in which each deed can befall an order."""
TO: Final[Mapping[Deed, State]] = {
    Deed.ACCEPT: State.ACCEPTED,
    Deed.START: State.UNDER_WAY,
    Deed.FINISH: State.DONE,
    Deed.APPROVE: State.APPROVED,
    Deed.RETURN: State.RETURNED,
    Deed.CANCEL: State.CANCELLED,
}
"""Where a deed leads; one that is not here leaves the state."""
CREWS: Final = (Deed.ACCEPT, Deed.START, Deed.FINISH)
"""What whoever has the order does, or someone of the crew takes over: the order is theirs from then on."""
NEEDS_WORDS: Final = (Deed.FINISH, Deed.RETURN, Deed.CANCEL)
"""Deeds that say why, or what was done."""


def can(deed: Deed, standing: Standing) -> bool:
    """Tell whether a deed can befall an order as it stands."""
    return standing.state in FROM.get(deed, ())


def act(standing: Standing, deed: Deed, *, who: str, note: str = "", assignee: str = "", is_normal: bool) -> Standing:
    """Give how an order stands after a deed of `who`.

    `is_normal` says that the conditions of all its alarms have ended. Raises Conflict where the deed can't befall the
    order as it stands, or where it is to be approved while an alarm still holds; InvalidInput where words lack.
    """
    if not can(deed, standing):
        raise Conflict(f"a work order that is {standing.state.value} can't be changed by {deed.value}")
    if deed in NEEDS_WORDS and not note.strip():
        raise InvalidInput("say what was done, or why", place="note")
    if deed is Deed.APPROVE and not is_normal:
        raise Conflict("an alarm of the work order still holds")
    if deed is Deed.ASSIGN:
        return Standing(standing.state, assignee)
    return Standing(TO.get(deed, standing.state), who if deed in CREWS else standing.assignee)
