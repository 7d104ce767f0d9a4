"""The queries on Tasks: on Django's connection for pages and jobs, on the machines' for their door and the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

import msgspec
from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.observations.tasking.types import Answer, Capability, Look, Task, TaskStatus, Waiting

_CAPABILITIES: Final[LiteralString] = (
    "SELECT c.id, c.name, c.thing_id, c.parameters::text, t.department, t.is_public"
    " FROM observations_taskingcapability c JOIN observations_thing t ON t.id = c.thing_id WHERE "
)
_OF_THINGS: Final[LiteralString] = (
    _CAPABILITIES + "c.thing_id = ANY(%s) AND (%s::text IS NULL OR c.name = %s) ORDER BY c.thing_id, c.id"
)
# Whoever commands the same capability waits, so that of two commands one is the later; readers and devices do not.
_LOCK: Final[LiteralString] = _CAPABILITIES + "c.id = ANY(%s) ORDER BY c.id FOR NO KEY UPDATE OF c"
_NEXT_GROUPS: Final[LiteralString] = "SELECT nextval('observations_task_groups') FROM generate_series(1, %s)"
_INSERT: Final[LiteralString] = (
    "INSERT INTO observations_task (tasking_capability_id, parameters, creation_time, deadline, status, group_id,"
    " created_by, attempts, next_attempt_at, reason)"
    " SELECT n.capability_id, n.parameters::jsonb, n.made, n.deadline, 'pending', n.group_id, n.who, 0, n.made, ''"
    " FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::text[])"
    " WITH ORDINALITY AS n(capability_id, parameters, made, deadline, group_id, who, number)"
    " ORDER BY n.number RETURNING id"
)
_CLOSE: Final[LiteralString] = (
    "UPDATE observations_task SET status = 'cancelled', next_attempt_at = NULL, answered_at = NULL, reason = %s"
    " WHERE id = ANY(ARRAY(SELECT k.id FROM observations_task k WHERE k.next_attempt_at IS NOT NULL"
)
# Rows are locked in the order of their ids, as by whoever takes answers.
_CLOSE_GROUP: Final[LiteralString] = _CLOSE + " AND k.group_id = %s ORDER BY k.id FOR UPDATE)) RETURNING id"
_CLOSE_OLDER: Final[LiteralString] = (
    _CLOSE + " AND k.tasking_capability_id = ANY(%s) ORDER BY k.id FOR UPDATE)) RETURNING id"
)
_TASKS: Final[LiteralString] = (
    "SELECT k.id, k.tasking_capability_id, c.thing_id, k.parameters::text, k.creation_time, k.deadline, k.status,"
    " k.group_id, k.created_by, k.attempts, k.sent_at, k.answered_at, k.reason, t.department"
    " FROM observations_task k JOIN observations_taskingcapability c ON c.id = k.tasking_capability_id"
    " JOIN observations_thing t ON t.id = c.thing_id WHERE "
)
_BY_GROUP: Final[LiteralString] = _TASKS + "k.group_id = %s ORDER BY k.id"
_BY_IDS: Final[LiteralString] = _TASKS + "k.id = ANY(%s) ORDER BY k.id"
_BY_THINGS: Final[LiteralString] = _TASKS + "c.thing_id = ANY(%s) ORDER BY k.id DESC LIMIT %s"
_ARE_NEWEST: Final[LiteralString] = (
    "k.id IN (SELECT max(n.id) FROM observations_task n"
    " JOIN observations_taskingcapability m ON m.id = n.tasking_capability_id"
    " WHERE m.name = %s AND n.creation_time >= %s GROUP BY n.tasking_capability_id)"
)
_NEWEST_OF_EACH: Final[LiteralString] = _TASKS + _ARE_NEWEST + " ORDER BY k.id"
_COUNT: Final[LiteralString] = (
    "SELECT k.group_id, k.status, count(*) FROM observations_task k"
    " JOIN observations_taskingcapability c ON c.id = k.tasking_capability_id"
    " WHERE k.group_id = ANY(%s) AND (%s::bigint[] IS NULL OR c.thing_id = ANY(%s::bigint[])) GROUP BY 1, 2"
)

TaskOfThing = tuple[Task, str]
"""A Task, and the department of its Thing."""


def _capability(row: Sequence[Any]) -> Capability:
    number, name, thing_id, parameters, department, is_public = row
    return Capability(number, name, thing_id, msgspec.json.decode(parameters), department, is_public)


def _task(row: Sequence[Any]) -> TaskOfThing:
    number, capability_id, thing_id, parameters, made, deadline, status, group, created_by, *rest, department = row
    task = Task(
        number,
        capability_id,
        thing_id,
        msgspec.json.decode(parameters),
        made,
        deadline,
        TaskStatus(status),
        group,
        created_by,
        *rest,
    )
    return task, department


def _ask(statement: LiteralString, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with django_connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


async def _ask_on(
    connection: AsyncConnection, statement: LiteralString, parameters: Sequence[object]
) -> list[tuple[Any, ...]]:
    return await (await connection.execute(statement, parameters)).fetchall()


def list_capabilities(thing_ids: Sequence[int], *, name: str | None) -> list[Capability]:
    """List what Things can be told to do, in the order of the Things' ids; by a name alone, where one is given."""
    return [_capability(row) for row in _ask(_OF_THINGS, [list(thing_ids), name, name])]


def list_all_capabilities() -> list[Capability]:
    """List what all Things can be told to do."""
    return [_capability(row) for row in _ask(_CAPABILITIES + "TRUE ORDER BY c.id", [])]


def lock_capabilities(ids: Sequence[int]) -> list[Capability]:
    """Give those that are there, and keep others from commanding them until the transaction ends."""
    return [_capability(row) for row in _ask(_LOCK, [list(ids)])]


async def lock_capabilities_on(connection: AsyncConnection, ids: Sequence[int]) -> list[Capability]:
    """Do what `lock_capabilities` does."""
    return [_capability(row) for row in await _ask_on(connection, _LOCK, [list(ids)])]


def next_group() -> int:
    """Give the number of a new group."""
    return int(_ask(_NEXT_GROUPS, [1])[0][0])


async def next_groups_on(connection: AsyncConnection, count: int) -> list[int]:
    """Give the numbers of new groups."""
    return [row[0] for row in await _ask_on(connection, _NEXT_GROUPS, [count])]


def insert(tasks: Sequence[Task]) -> list[int]:
    """Put new Tasks in, due at once. Gives their ids in order."""
    return [row[0] for row in _ask(_INSERT, _columns(tasks))]


async def insert_on(connection: AsyncConnection, tasks: Sequence[Task]) -> list[int]:
    """Do what `insert` does."""
    return [row[0] for row in await _ask_on(connection, _INSERT, _columns(tasks))]


def _columns(tasks: Sequence[Task]) -> list[list[object]]:
    return [
        [task.capability_id for task in tasks],
        [msgspec.json.encode(task.parameters).decode() for task in tasks],
        [task.creation_time for task in tasks],
        [task.deadline for task in tasks],
        [task.group for task in tasks],
        [task.created_by for task in tasks],
    ]


def close_group(group: int, *, reason: str) -> list[int]:
    """Take back the open Tasks of a group; gives their ids."""
    return [row[0] for row in _ask(_CLOSE_GROUP, [reason, group])]


def close_older(capability_ids: Sequence[int], *, reason: str) -> list[int]:
    """Take back the open Tasks of capabilities; gives their ids."""
    return [row[0] for row in _ask(_CLOSE_OLDER, [reason, list(capability_ids)])]


def list_of_group(group: int) -> list[TaskOfThing]:
    """List the Tasks that were given together, in their order."""
    return [_task(row) for row in _ask(_BY_GROUP, [group])]


def count_by_status(
    groups: Sequence[int], *, thing_ids: Sequence[int] | None
) -> dict[int, dict[TaskStatus, int]]:  # fmt: skip
    """Count the Tasks of groups by status; of some Things alone, None for all."""
    things = None if thing_ids is None else list(thing_ids)
    found: dict[int, dict[TaskStatus, int]] = {}
    for group, status, number in _ask(_COUNT, [list(groups), things, things]):
        found.setdefault(group, {})[TaskStatus(status)] = number
    return found


def list_by_ids(ids: Sequence[int]) -> list[TaskOfThing]:
    """List the Tasks of some ids that are there."""
    return [_task(row) for row in _ask(_BY_IDS, [list(ids)])]


def list_of_things(thing_ids: Sequence[int], *, limit: int) -> list[TaskOfThing]:
    """List the newest Tasks of Things, the newest first."""
    return [_task(row) for row in _ask(_BY_THINGS, [list(thing_ids), limit])]


def list_newest_of_each(name: str, *, since: datetime) -> list[TaskOfThing]:
    """List the newest Task of each capability of a name that has had one since a time."""
    return [_task(row) for row in _ask(_NEWEST_OF_EACH, [name, since])]


_DUE: Final[LiteralString] = (
    "SELECT id, tasking_capability_id, parameters::text, creation_time, deadline, status, attempts"
    " FROM observations_task WHERE next_attempt_at <= %s AND (%s OR deadline <= %s)"
    " ORDER BY next_attempt_at, id LIMIT %s FOR UPDATE SKIP LOCKED"
)
_WRITE_LOOKS: Final[LiteralString] = (
    "UPDATE observations_task k SET status = n.status, attempts = n.attempts, next_attempt_at = n.next_attempt_at,"
    " sent_at = CASE WHEN n.status = 'sent' THEN coalesce(k.sent_at, %s) ELSE k.sent_at END"
    " FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamptz[]) AS n(id, status, attempts, next_attempt_at)"
    " WHERE k.id = n.id"
)
_LOCK_TASKS: Final[LiteralString] = (
    "SELECT id, tasking_capability_id, status FROM observations_task WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
)
_WRITE_ANSWERS: Final[LiteralString] = (
    "UPDATE observations_task k SET status = n.status, reason = n.reason, answered_at = %s, next_attempt_at = NULL"
    " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(id, status, reason) WHERE k.id = n.id"
)


async def lock_due(connection: AsyncConnection, *, now: datetime, can_send: bool, limit: int) -> list[Waiting]:
    """Give Tasks that are due, and lock them; without the means to send, those past their deadline alone."""
    rows = await _ask_on(connection, _DUE, [now, can_send, now, limit])
    return [
        Waiting(number, capability_id, parameters.encode(), made, deadline, TaskStatus(status), attempts)
        for number, capability_id, parameters, made, deadline, status, attempts in rows
    ]


async def write_looks(connection: AsyncConnection, looks: Sequence[Look], *, now: datetime) -> None:
    """Write down what becomes of Tasks that were due."""
    columns = [
        [look.task_id for look in looks],
        [look.status.value for look in looks],
        [look.attempts for look in looks],
        [look.next_attempt_at for look in looks],
    ]
    await connection.execute(_WRITE_LOOKS, [now, *columns])


async def lock_tasks(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, tuple[int, TaskStatus]]:
    """Give the capability and the status of Tasks that are there, and lock them."""
    rows = await _ask_on(connection, _LOCK_TASKS, [list(ids)])
    return {number: (capability_id, TaskStatus(status)) for number, capability_id, status in rows}


async def write_answers(connection: AsyncConnection, answers: Sequence[Answer], *, now: datetime) -> None:
    """Write down what devices answered."""
    columns = [
        [answer.task_id for answer in answers],
        [answer.status.value for answer in answers],
        [answer.reason for answer in answers],
    ]
    await connection.execute(_WRITE_ANSWERS, [now, *columns])
