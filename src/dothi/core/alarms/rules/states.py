"""The state machine of one alarm, after ISA-18.2 (ANSI/ISA-18.2-2016, figure 3)."""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from dothi.core.alarms.types import Alarm, Standing, State
from dothi.kernel.errors import Conflict, InvalidInput

LONGEST_SHELVED: Final = timedelta(days=7)
"""Shelving ends by itself (ISA-18.2, 11.7): what is wrong for longer is mended or taken out of service."""

RANKS: Final = {State.UNACKNOWLEDGED: 0, State.ACKNOWLEDGED: 1, State.CLEARED: 2}
"""The order within a priority; all other states come after these."""


def rank_of(state: State) -> int:
    """Give a state's place within its priority, 0 first."""
    return RANKS.get(state, len(RANKS))


def as_of(alarm: Alarm, state: State, moment: datetime) -> Alarm:
    """Give an alarm as it stood at a moment, when it was in a state of the queue. Raises ValueError for another."""
    if state not in RANKS:
        raise ValueError(f"{state.value} is no state of the queue")
    is_acknowledged = state is State.ACKNOWLEDGED
    return replace(
        alarm,
        standing=Standing(is_active=state is not State.CLEARED, is_acknowledged=is_acknowledged),
        since=min(alarm.since, moment),
        cleared_at=alarm.cleared_at if state is State.CLEARED else None,
        acknowledged_at=alarm.acknowledged_at if is_acknowledged else None,
        acknowledged_by=alarm.acknowledged_by if is_acknowledged else "",
    )


def raise_again(standing: Standing) -> Standing:
    """The condition holds (again): whoever acknowledged the last time has not seen this one."""
    return standing if standing.is_active else replace(standing, is_active=True, is_acknowledged=False)


def clear(standing: Standing) -> Standing:
    """The condition ended."""
    return replace(standing, is_active=False)


def acknowledge(standing: Standing) -> Standing:
    """Someone has seen it. Raises Conflict for one that is hidden: there is nothing to see."""
    if standing.is_hidden and not standing.is_acknowledged:
        raise Conflict(f"an alarm that is {standing.state.value} can't be acknowledged")
    return replace(standing, is_acknowledged=True)


def shelve(standing: Standing, *, until: datetime, now: datetime) -> Standing:
    """Hide it for a time, `until` at the latest in a week.

    Raises InvalidInput for another time, Conflict for one that is normal or out of service.
    """
    if until.tzinfo is None or not now < until <= now + LONGEST_SHELVED:
        raise InvalidInput("shelving ends within the next seven days", place="until")
    if standing.state in {State.NORMAL, State.OUT_OF_SERVICE}:
        raise Conflict(f"an alarm that is {standing.state.value} can't be shelved")
    return replace(standing, shelved_until=until)


def unshelve(standing: Standing) -> Standing:
    """Show it again, if its condition still holds. Raises Conflict for one that is not shelved."""
    if standing.shelved_until is None:
        raise Conflict("the alarm is not shelved")
    return _uncover(replace(standing, shelved_until=None))


def suppress(standing: Standing, *, group_id: int | None) -> Standing:
    """Let a group speak for it, or with None speak for itself again."""
    if group_id is None:
        return _uncover(replace(standing, suppressed_by=None))
    return replace(standing, suppressed_by=group_id)


def remove_from_service(standing: Standing) -> Standing:
    """Hide it until someone returns it. Raises Conflict for one that is normal or already out of service."""
    if standing.state in {State.NORMAL, State.OUT_OF_SERVICE}:
        raise Conflict(f"an alarm that is {standing.state.value} can't be taken out of service")
    return replace(standing, is_out_of_service=True, shelved_until=None)


def return_to_service(standing: Standing) -> Standing:
    """Show it again, if its condition still holds. Raises Conflict for one that is in service."""
    if not standing.is_out_of_service:
        raise Conflict("the alarm is in service")
    return _uncover(replace(standing, is_out_of_service=False))


def _uncover(standing: Standing) -> Standing:
    """What ended while nobody was to see it needs nobody's acknowledgement."""
    is_over = not standing.is_hidden and not standing.is_active
    return replace(standing, is_acknowledged=True) if is_over else standing
