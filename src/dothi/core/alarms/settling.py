"""How changes to alarms come to rest: new ones get their ids, groups speak for their members, all is saved and told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from msgspec.structs import replace

from dothi.core.alarms.rules import grouping, states
from dothi.core.alarms.rules.folding import Draft, move
from dothi.core.alarms.rules.grouping import Cover, Covers
from dothi.core.alarms.store import writing
from dothi.core.alarms.types import Alarm, Deed, State
from dothi.kernel.events import AlarmsChanged, Publish

WHO_GROUPS = "system"


def settle(drafts: Sequence[Draft], *, covers: Covers, now: datetime, publish: Publish) -> list[Alarm]:
    """Save what became of some alarms and of those that groups among them cover; gives all that changed.

    Call it inside the transaction, behind `writing.serialise`. Other processes are told after the commit.
    """
    settled = [draft for draft in _suppressed(_numbered(drafts), covers, now) if draft.is_changed]
    if not settled:
        return []
    writing.save(settled)
    alarms = [draft.alarm for draft in settled]
    event = AlarmsChanged(alarm_ids=[alarm.id for alarm in alarms])
    transaction.on_commit(lambda: publish(event), robust=True)
    return alarms


def _numbered(drafts: Sequence[Draft]) -> list[Draft]:
    ids = iter(writing.take_ids(sum(draft.was is None for draft in drafts)))
    return [
        replace(draft, alarm=replace(draft.alarm, id=next(ids))) if draft.was is None else draft for draft in drafts
    ]


def _suppressed(drafts: Sequence[Draft], covers: Covers, now: datetime) -> list[Draft]:
    """Let groups speak for their members, or the members for themselves again."""
    covered = grouping.covered(covers)
    concerned = [draft for draft in drafts if draft.alarm.point.rule in covered | covers.keys()]
    if not concerned:
        return list(drafts)
    things = frozenset().union(*(draft.things for draft in concerned))
    ids = [draft.alarm.id for draft in drafts]
    everyone = [*drafts, *writing.draft_open(things, covered, but=ids)]
    speaking = [*writing.list_speaking(things, covers.keys(), but=ids), *_members(concerned, covers)]
    singles = [
        draft.alarm for draft in everyone if draft.alarm.point.rule in covered and draft.alarm.state is not State.NORMAL
    ]
    decided = grouping.decide(singles, speaking, covers)
    return [_by_group(draft, decided, now) for draft in everyone]


def _members(drafts: Sequence[Draft], covers: Covers) -> list[Cover]:
    return [
        Cover(draft.alarm.id, draft.alarm.point.rule, thing_id)
        for draft in drafts
        if draft.alarm.point.rule in covers and grouping.is_speaking(draft.alarm)
        for thing_id in draft.members
    ]


def _by_group(draft: Draft, decided: Mapping[int, int | None], now: datetime) -> Draft:
    group_id = decided.get(draft.alarm.id)
    if group_id == draft.alarm.standing.suppressed_by:
        return draft
    deed = Deed.UNSUPPRESS if group_id is None else Deed.SUPPRESS
    standing = states.suppress(draft.alarm.standing, group_id=group_id)
    note = "" if group_id is None else f"#{group_id}"
    return move(draft, standing, deed, at=now, now=now, who=WHO_GROUPS, note=note)
