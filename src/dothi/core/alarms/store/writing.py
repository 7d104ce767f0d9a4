"""The queries that change alarms: few statements, however many alarms."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from dothi.core.alarms import models
from dothi.core.alarms.rules.folding import Draft, opened
from dothi.core.alarms.rules.grouping import Cover
from dothi.core.alarms.store.rows import alarm_of, members_by_alarm, row_of
from dothi.core.alarms.types import Point

_SERIALISE: Final = "LOCK TABLE alarms_watermark IN EXCLUSIVE MODE"
_NEWEST: Final = (
    "SELECT newest.id FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS p(rule, thing_id, key) CROSS JOIN LATERAL"
    " (SELECT a.id FROM alarms_alarm a WHERE a.rule = p.rule AND a.thing_id = p.thing_id AND a.key = p.key"
    " ORDER BY a.raised_at DESC LIMIT 1) AS newest"
)
_TAKE_IDS: Final = "SELECT nextval(pg_get_serial_sequence('alarms_alarm', 'id')) FROM generate_series(1, %s)"
_SPEAKING: Final = (
    "SELECT a.id, a.rule, m.thing_id FROM alarms_member m JOIN alarms_alarm a ON a.id = m.alarm_id"
    " WHERE m.thing_id = ANY(%s) AND a.rule = ANY(%s) AND a.is_active AND NOT a.is_out_of_service"
)
_REMOVE_MEMBERS: Final = (
    "DELETE FROM alarms_member m USING unnest(%s::bigint[], %s::bigint[]) AS gone(alarm_id, thing_id)"
    " WHERE m.alarm_id = gone.alarm_id AND m.thing_id = gone.thing_id"
)
_CHANGEABLE: Final = [field.name for field in models.Alarm._meta.concrete_fields if not field.primary_key]


def serialise() -> None:
    """Wait until no other transaction changes alarms; readers are not kept waiting.

    Two that don't see each other would miss what groups cover, and one lock instead of many can't lock each other out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SERIALISE)


def find_watermark(detector: str) -> tuple[datetime, bytes | None] | None:
    """Give a detector's watermark with its memory, or None."""
    row = models.Watermark.objects.filter(detector=detector).first()
    return None if row is None else (row.at, None if row.memory is None else bytes(row.memory))


def save_watermark(detector: str, at: datetime, memory: bytes | None) -> None:
    """Keep a detector's watermark with its memory."""
    row = models.Watermark(detector=detector, at=at, memory=memory)
    models.Watermark.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["detector"], update_fields=["at", "memory"]
    )


def draft_newest(points: Collection[Point]) -> dict[Point, Draft]:
    """Give the newest alarm of each point that ever had one."""
    columns = [list(column) for column in zip(*points, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, columns)
        ids = [alarm_id for (alarm_id,) in cursor.fetchall()]
    return {each.alarm.point: each for each in draft(ids)}


def draft(alarm_ids: Collection[int]) -> list[Draft]:
    """Give alarms with their members, in the order of their ids."""
    return _drafts(models.Alarm.objects.filter(id__in=list(alarm_ids))) if alarm_ids else []


def draft_open(thing_ids: Collection[int], rules: Collection[str], *, but: Collection[int]) -> list[Draft]:
    """Give the open alarms of some rules about some Things, without those of some ids."""
    rows = models.Alarm.objects.filter(models.OPEN, thing_id__in=list(thing_ids), rule__in=list(rules))
    return _drafts(rows.exclude(id__in=list(but)))


def draft_shelved(*, until: datetime) -> list[Draft]:
    """Give the alarms whose shelving ends by a moment."""
    return _drafts(models.Alarm.objects.filter(models.OPEN, shelved_until__lte=until))


def list_speaking(thing_ids: Collection[int], rules: Collection[str], *, but: Collection[int]) -> list[Cover]:
    """List the members, among some Things, of groups that speak for them, without the groups of some ids."""
    with connection.cursor() as cursor:
        cursor.execute(_SPEAKING, [list(thing_ids), list(rules)])
        covers = [Cover(*row) for row in cursor.fetchall()]
    known = frozenset(but)
    return [cover for cover in covers if cover.group_id not in known]


def take_ids(count: int) -> list[int]:
    """Take ids for new alarms."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_IDS, [count])
        return [number for (number,) in cursor.fetchall()]


def save(drafts: Sequence[Draft]) -> None:
    """Keep alarms as the drafts have them, with their members and what befell them."""
    ordered = sorted(drafts, key=lambda draft: draft.alarm.id)
    changed = [row_of(draft.alarm) for draft in ordered if draft.was != draft.alarm]
    # An older alarm of a point comes before its next one, and so is out of the way when that is inserted.
    models.Alarm.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_CHANGEABLE)
    models.Member.objects.bulk_create(
        models.Member(alarm_id=draft.alarm.id, thing_id=thing_id)
        for draft in ordered
        for thing_id in sorted(draft.members - draft.had_members)
    )
    _remove_members((draft.alarm.id, thing_id) for draft in ordered for thing_id in draft.had_members - draft.members)
    models.Transition.objects.bulk_create(
        models.Transition(
            alarm_id=draft.alarm.id,
            deed=step.deed.value,
            at=step.at,
            recorded_at=step.recorded_at,
            who=step.who,
            state=step.state.value,
            note=step.note,
        )
        for draft in ordered
        for step in draft.steps
    )


def _remove_members(pairs: Iterable[tuple[int, int]]) -> None:
    gone = list(pairs)
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE_MEMBERS, [list(column) for column in zip(*gone, strict=True)])


def _drafts(rows: "QuerySet[models.Alarm]") -> list[Draft]:
    alarms = [alarm_of(row) for row in rows.order_by("id")]
    groups = [alarm.id for alarm in alarms if alarm.member_count]
    pairs = models.Member.objects.filter(alarm_id__in=groups).values_list("alarm_id", "thing_id") if groups else ()
    members = members_by_alarm(pairs)
    return [opened(alarm, members.get(alarm.id, ())) for alarm in alarms]
