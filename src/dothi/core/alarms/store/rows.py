"""Rows of the tables and what they say, there and back."""

from collections.abc import Iterable, Mapping

from dothi.core.alarms import models
from dothi.core.alarms.rules import states
from dothi.core.alarms.types import Alarm, Deed, Point, Standing, State, Transition


def alarm_of(row: models.Alarm) -> Alarm:
    """Read an alarm."""
    return Alarm(
        id=row.pk,
        point=Point(row.rule, row.thing_id, row.key),
        priority=row.priority,
        standing=Standing(
            is_active=row.is_active,
            is_acknowledged=row.is_acknowledged,
            shelved_until=row.shelved_until,
            suppressed_by=row.suppressed_by,
            is_out_of_service=row.is_out_of_service,
        ),
        raised_at=row.raised_at,
        since=row.since,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        times_raised=row.times_raised,
        member_count=row.member_count,
        detail=row.detail,
    )


def columns_of(alarm: Alarm) -> dict[str, object]:
    """Write an alarm, by column."""
    standing = alarm.standing
    return {
        "id": alarm.id,
        "rule": alarm.point.rule,
        "thing_id": alarm.point.thing_id,
        "key": alarm.point.key,
        "priority": alarm.priority,
        "state": alarm.state,
        "rank": states.rank_of(alarm.state),
        "is_active": standing.is_active,
        "is_acknowledged": standing.is_acknowledged,
        "is_out_of_service": standing.is_out_of_service,
        "shelved_until": standing.shelved_until,
        "suppressed_by": standing.suppressed_by,
        "raised_at": alarm.raised_at,
        "since": alarm.since,
        "cleared_at": alarm.cleared_at,
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": alarm.acknowledged_by,
        "times_raised": alarm.times_raised,
        "member_count": alarm.member_count,
        "detail": alarm.detail,
    }


def step_columns_of(alarm_id: int, step: Transition) -> tuple[object, ...]:
    """Write a step of an alarm's way, in the order of its columns."""
    return (alarm_id, step.deed, step.at, step.recorded_at, step.who, step.state, step.note)


def transition_of(row: models.Transition) -> Transition:
    """Read a step of an alarm's way."""
    return Transition(
        deed=Deed(row.deed),
        at=row.at,
        recorded_at=row.recorded_at,
        who=row.who,
        state=State(row.state),
        note=row.note,
    )


def members_by_alarm(pairs: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    """Gather (alarm id, thing id) by alarm."""
    found: dict[int, set[int]] = {}
    for alarm_id, thing_id in pairs:
        found.setdefault(alarm_id, set()).add(thing_id)
    return {alarm_id: frozenset(things) for alarm_id, things in found.items()}
