"""Grouping by cause: the alarm of a group speaks for those of its members that its rule covers."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dothi.core.alarms.types import Alarm

Covers = Mapping[str, frozenset[str]]
"""The rules that each group's rule covers."""


class Cover(NamedTuple):
    """One member of a group whose condition holds."""

    group_id: int
    rule: str
    thing_id: int


def covered(covers: Covers) -> frozenset[str]:
    """Give all rules whose alarms some group can speak for."""
    return frozenset().union(*covers.values())


def is_speaking(alarm: Alarm) -> bool:
    """Tell whether a group speaks for its members now: its condition holds, and it is in service."""
    return alarm.standing.is_active and not alarm.standing.is_out_of_service


def decide(singles: Iterable[Alarm], speaking: Iterable[Cover], covers: Covers) -> dict[int, int | None]:
    """Say by which group each open alarm is suppressed, None for those that speak for themselves.

    Of several groups the oldest speaks. One whose condition has ended is not hidden by a group that comes after it,
    and stays hidden if it was.
    """
    by_member: dict[tuple[str, int], int] = {}
    for cover in speaking:
        for rule in covers.get(cover.rule, ()):
            place = (rule, cover.thing_id)
            by_member[place] = min(cover.group_id, by_member.get(place, cover.group_id))
    return {
        single.id: by_member.get((single.point.rule, single.point.thing_id))
        if single.standing.is_active or single.standing.suppressed_by is not None
        else None
        for single in singles
    }
