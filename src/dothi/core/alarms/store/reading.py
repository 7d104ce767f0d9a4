"""The queries that read alarms."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from dothi.core.alarms import models
from dothi.core.alarms.rules.paging import Position
from dothi.core.alarms.store.rows import alarm_of, transition_of
from dothi.core.alarms.types import Alarm, Deed, Filter, Point, State, Transition


class Standing(NamedTuple):
    """A Thing and the priority, rank and state of an alarm."""

    thing_id: int
    priority: int
    rank: int
    state: str


def list_alarms(
    asked: Filter, *, rules: Collection[str] | None, things: Collection[int] | None, after: Position | None, limit: int
) -> list[Alarm]:
    """List alarms behind a position, most pressing first; what is over comes newest first.

    `rules` and `things` are the only ones to show, None for all.
    """
    rows = _restricted(asked, rules, things).filter(state__in=[state.value for state in asked.states])
    is_over = asked.states == (State.NORMAL,)
    if State.NORMAL not in asked.states:
        rows = rows.filter(models.OPEN)  # which lets the partial index serve
    if after is not None:
        rows = rows.filter(_newer_first(after) if is_over else _behind(after))
    order = ("-raised_at", "-id") if is_over else ("priority", "rank", "-raised_at", "-id")
    return [alarm_of(row) for row in rows.order_by(*order)[:limit]]


def count_alarms(
    asked: Filter, *, rules: Collection[str] | None, things: Collection[int] | None
) -> Mapping[State, Mapping[int, int]]:
    """Count open alarms by state and priority, in one query; the filter's own states don't count."""
    rows = _restricted(asked, rules, things).filter(models.OPEN)
    counts: dict[State, dict[int, int]] = {}
    for state, priority, number in rows.values_list("state", "priority").annotate(number=Count("id")).order_by():
        counts.setdefault(State(state), {})[priority] = number
    return counts


def list_standings(
    asked: Filter, *, rules: Collection[str] | None, things: Collection[int] | None
) -> tuple[list[Standing], list[Standing]]:
    """List the open alarms of some states, as Things they are about, and as Things they stand for; in two queries."""
    states = [state.value for state in asked.states]
    rows = _restricted(asked, rules, things).filter(models.OPEN, state__in=states)
    about = rows.values_list("thing_id", "priority", "rank", "state")
    of_members = models.Member.objects.filter(alarm__in=rows)
    named = of_members.values_list("thing_id", "alarm__priority", "alarm__rank", "alarm__state")
    return [Standing(*row) for row in about], [Standing(*row) for row in named]


def find_first_raised(
    asked: Filter, *, rules: Collection[str] | None, things: Collection[int] | None
) -> datetime | None:
    """Give when the first of some alarms was raised, of whatever state, or None."""
    found = _restricted(asked, rules, things).order_by("raised_at", "id").values_list("raised_at", flat=True).first()
    return found


def list_active_points() -> list[Point]:
    """List the points of all alarms whose conditions hold."""
    rows = models.Alarm.objects.filter(models.OPEN, is_active=True)
    return [Point(*row) for row in rows.values_list("rule", "thing_id", "key")]


def list_overlapping(
    rules: Collection[str], *, begin: datetime, end: datetime, things: Collection[int] | None
) -> list[Alarm]:
    """List the alarms of some rules, of whatever state, that stood at some time in [begin, end), oldest first."""
    rows = _restricted(Filter(), rules, things).filter(raised_at__lt=end)
    is_later = Q(cleared_at__isnull=True) | Q(cleared_at__gt=begin)
    return [alarm_of(row) for row in rows.filter(is_later).order_by("raised_at", "id")]


def list_switches(alarm_ids: Collection[int]) -> list[tuple[int, Deed, datetime]]:
    """List when the conditions of alarms began and ended, by alarm and in the order of time."""
    deeds = [Deed.RAISE.value, Deed.CLEAR.value]
    rows = models.Transition.objects.filter(alarm_id__in=alarm_ids, deed__in=deeds).order_by("alarm_id", "at", "id")
    return [(alarm_id, Deed(deed), at) for alarm_id, deed, at in rows.values_list("alarm_id", "deed", "at")]


def list_members_of(alarm_ids: Collection[int]) -> list[tuple[int, int]]:
    """List the Things that alarms speak for, as (alarm, Thing)."""
    rows = models.Member.objects.filter(alarm_id__in=alarm_ids).order_by("alarm_id", "thing_id")
    return list(rows.values_list("alarm_id", "thing_id"))


def find_alarm(alarm_id: int) -> Alarm | None:
    """Give an alarm, or None."""
    row = models.Alarm.objects.filter(id=alarm_id).first()
    return None if row is None else alarm_of(row)


def list_history(alarm_id: int) -> list[Transition]:
    """List what befell an alarm, oldest first."""
    return [transition_of(row) for row in models.Transition.objects.filter(alarm_id=alarm_id).order_by("id")]


def list_members(alarm_id: int) -> list[int]:
    """List the ids of the Things an alarm speaks for."""
    return list(models.Member.objects.filter(alarm_id=alarm_id).order_by("thing_id").values_list("thing_id", flat=True))


def _restricted(
    asked: Filter, rules: Collection[str] | None, things: Collection[int] | None
) -> "QuerySet[models.Alarm]":
    rows = models.Alarm.objects.all()
    if asked.priorities:
        rows = rows.filter(priority__in=asked.priorities)
    if rules is not None:
        rows = rows.filter(rule__in=list(rules))
    if asked.thing_id is not None:
        rows = rows.filter(thing_id=asked.thing_id)
    if asked.concerning:
        members = models.Member.objects.filter(thing_id__in=asked.concerning).values("alarm_id")
        rows = rows.filter(Q(thing_id__in=asked.concerning) | Q(id__in=members))
    return rows if things is None else rows.filter(thing_id__in=list(things))


def _behind(after: Position) -> Q:
    is_lower = Q(priority__gt=after.priority) | Q(priority=after.priority, rank__gt=after.rank)
    return is_lower | (Q(priority=after.priority, rank=after.rank) & _newer_first(after))


def _newer_first(after: Position) -> Q:
    return Q(raised_at__lt=after.raised_at) | Q(raised_at=after.raised_at, id__lt=after.id)
