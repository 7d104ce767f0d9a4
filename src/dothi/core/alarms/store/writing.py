"""The queries that change alarms: few statements, however many alarms."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import msgspec
from django.db import connection
from django.db.models import QuerySet

from dothi.core.alarms import models
from dothi.core.alarms.rules.folding import Draft, opened
from dothi.core.alarms.rules.grouping import Cover
from dothi.core.alarms.store.rows import alarm_of, columns_of, members_by_alarm, step_columns_of
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
_SAVE_ALARMS: Final = (
    "INSERT INTO alarms_alarm SELECT * FROM json_populate_recordset(NULL::alarms_alarm, %s) ORDER BY id"
    " ON CONFLICT (id) DO UPDATE SET (state, rank, is_active, is_acknowledged, is_out_of_service, shelved_until,"
    " suppressed_by, since, cleared_at, acknowledged_at, acknowledged_by, times_raised, member_count, detail) ="
    " (excluded.state, excluded.rank, excluded.is_active, excluded.is_acknowledged, excluded.is_out_of_service,"
    " excluded.shelved_until, excluded.suppressed_by, excluded.since, excluded.cleared_at, excluded.acknowledged_at,"
    " excluded.acknowledged_by, excluded.times_raised, excluded.member_count, excluded.detail)"
)
_SAVE_STEPS: Final = (
    "INSERT INTO alarms_transition (alarm_id, deed, at, recorded_at, who, state, note)"
    " SELECT (row ->> 0)::bigint, row ->> 1, (row ->> 2)::timestamptz, (row ->> 3)::timestamptz, row ->> 4, row ->> 5,"
    " row ->> 6 FROM json_array_elements(%s) WITH ORDINALITY AS rows(row, place) ORDER BY place"
)
_ADD_MEMBERS: Final = (
    "INSERT INTO alarms_member (alarm_id, thing_id)"
    " SELECT (row ->> 0)::bigint, (row ->> 1)::bigint FROM json_array_elements(%s) AS rows(row)"
)
_REMOVE_MEMBERS: Final = (
    "DELETE FROM alarms_member m USING json_array_elements(%s) AS gone(row)"
    " WHERE m.alarm_id = (gone.row ->> 0)::bigint AND m.thing_id = (gone.row ->> 1)::bigint"
)


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
    # An older alarm of a point comes before its next one, and so is out of the way when that is inserted.
    ordered = sorted(drafts, key=lambda draft: draft.alarm.id)
    _run(_SAVE_ALARMS, [columns_of(draft.alarm) for draft in ordered if draft.was != draft.alarm])
    _run(_SAVE_STEPS, [step_columns_of(draft.alarm.id, step) for draft in ordered for step in draft.steps])
    _run(_ADD_MEMBERS, [(draft.alarm.id, each) for draft in ordered for each in draft.members - draft.had_members])
    _run(_REMOVE_MEMBERS, [(draft.alarm.id, each) for draft in ordered for each in draft.had_members - draft.members])


def _run(statement: str, rows: Sequence[object]) -> None:
    """Run a statement over rows, which it takes as one JSON array: Django's own way took five times as long."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [msgspec.json.encode(rows).decode()])


def _drafts(rows: "QuerySet[models.Alarm]") -> list[Draft]:
    alarms = [alarm_of(row) for row in rows.order_by("id")]
    groups = [alarm.id for alarm in alarms if alarm.member_count]
    pairs = models.Member.objects.filter(alarm_id__in=groups).values_list("alarm_id", "thing_id") if groups else ()
    members = members_by_alarm(pairs)
    return [opened(alarm, members.get(alarm.id, ())) for alarm in alarms]
