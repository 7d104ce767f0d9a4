"""How what detectors say changes alarms: a pure fold of changes over the newest alarm of each point."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from dothi.core.alarms.rules import states
from dothi.core.alarms.types import Alarm, Change, Condition, Deed, Point, Raise, Standing, State, Transition


class Draft(msgspec.Struct, frozen=True):
    """An alarm as it will be saved: `was` is None for a new one, whose id is then still to be given."""

    alarm: Alarm
    members: frozenset[int] = frozenset()
    steps: tuple[Transition, ...] = ()
    was: Alarm | None = None
    had_members: frozenset[int] = frozenset()

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.was != self.alarm or bool(self.steps)

    @property
    def things(self) -> frozenset[int]:
        """All Things the draft is about: its own, its members and those that were members."""
        return self.members | self.had_members | {self.alarm.point.thing_id}


def opened(alarm: Alarm, members: Iterable[int] = ()) -> Draft:
    """Make the draft of a stored alarm, unchanged."""
    known = frozenset(members)
    return Draft(alarm=alarm, members=known, was=alarm, had_members=known)


def move(
    draft: Draft, standing: Standing, deed: Deed, *, at: datetime, now: datetime, who: str, note: str = ""
) -> Draft:
    """Bring a draft to another standing and note the step; nothing where the standing stays the same."""
    if standing == draft.alarm.standing:
        return draft
    return noted(
        replace(draft, alarm=replace(draft.alarm, standing=standing)), deed, at=at, now=now, who=who, note=note
    )


def noted(draft: Draft, deed: Deed, *, at: datetime, now: datetime, who: str, note: str = "") -> Draft:
    """Add a step to a draft's way, with the state that the draft has."""
    step = Transition(deed=deed, at=at, recorded_at=now, who=who, state=draft.alarm.state, note=note)
    return replace(draft, steps=(*draft.steps, step))


def point_of(change: Change) -> Point:
    """Say which point a change is about."""
    about = change.condition if isinstance(change, Raise) else change
    return Point(about.rule, about.thing_id, about.key)


def fold(
    known: Mapping[Point, Draft], changes: Sequence[Change], *, priorities: Mapping[str, int], now: datetime, who: str
) -> list[Draft]:
    """Apply changes in order; gives the drafts that came of it, one an alarm, new ones with the id 0.

    `known` has the newest alarm of each point that ever had one. The same change twice, or one that is older than what
    is known, changes nothing, so that a detector may say again what it is unsure to have said.
    """
    current = dict(known)
    closed: list[Draft] = []
    for change in changes:
        point = point_of(change)
        draft = current.get(point)
        if isinstance(change, Raise):
            if _is_news(draft, change.condition):
                if draft is not None:
                    closed.append(draft)
                current[point] = _new(change.condition, point, priorities[point.rule], now=now, who=who)
            elif draft is not None:
                current[point] = _raised(draft, change.condition, now=now, who=who)
        elif draft is not None:
            current[point] = _cleared(draft, change.at, now=now, who=who)
    settled = [_with_members_noted(draft, now=now, who=who) for draft in (*closed, *current.values())]
    return [draft for draft in settled if draft.is_changed]


def _is_news(draft: Draft | None, condition: Condition) -> bool:
    """Tell whether a condition makes a new alarm: the point has none, or its last is over for good and older."""
    if draft is None:
        return True
    return draft.alarm.state is State.NORMAL and _is_later(condition.since, draft.alarm)


def _is_later(moment: datetime, alarm: Alarm) -> bool:
    return alarm.cleared_at is not None and moment > alarm.cleared_at


def _new(condition: Condition, point: Point, priority: int, *, now: datetime, who: str) -> Draft:
    members = frozenset(condition.members)
    alarm = Alarm(
        id=0,
        point=point,
        priority=priority,
        standing=Standing(),
        raised_at=condition.since,
        since=condition.since,
        member_count=len(members),
        detail=dict(condition.detail),
    )
    return noted(Draft(alarm=alarm, members=members), Deed.RAISE, at=condition.since, now=now, who=who)


def _raised(draft: Draft, condition: Condition, *, now: datetime, who: str) -> Draft:
    """Raise an open alarm again, or bring one that is raised up to date."""
    alarm = draft.alarm
    if alarm.standing.is_active:
        return draft if condition.since < alarm.since else _told(draft, condition)
    if not _is_later(condition.since, alarm):
        return draft
    again = replace(alarm, since=condition.since, cleared_at=None, times_raised=alarm.times_raised + 1)
    raised = move(
        replace(draft, alarm=again),
        states.raise_again(alarm.standing),
        Deed.RAISE,
        at=condition.since,
        now=now,
        who=who,
    )
    return _told(raised, condition)


def _told(draft: Draft, condition: Condition) -> Draft:
    """Take over what the detector tells now: members and detail."""
    members = frozenset(condition.members)
    alarm = replace(draft.alarm, member_count=len(members), detail=dict(condition.detail))
    return replace(draft, members=members, alarm=alarm)


def _with_members_noted(draft: Draft, *, now: datetime, who: str) -> Draft:
    """Note, once for a whole batch, that other Things are concerned than before."""
    if draft.was is None or draft.members == draft.had_members:
        return draft
    note = f"{len(draft.had_members)} → {len(draft.members)}"
    return noted(draft, Deed.CHANGE_MEMBERS, at=now, now=now, who=who, note=note)


def _cleared(draft: Draft, at: datetime, *, now: datetime, who: str) -> Draft:
    if not draft.alarm.standing.is_active or at < draft.alarm.since:
        return draft
    over = replace(draft, alarm=replace(draft.alarm, cleared_at=at))
    return move(over, states.clear(draft.alarm.standing), Deed.CLEAR, at=at, now=now, who=who)
