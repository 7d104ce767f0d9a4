"""The door of retention: what has passed turns into aggregates and leaves by whole partitions."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, UndefinedTable

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations.partitions import is_by_hours
from dothi.core.observations.retention import rules, store
from dothi.core.observations.retention.types import Bucket, Done, Limits, Part, Step, Width
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, Unavailable
from dothi.kernel.manifest import load_manifests

log: Final = logging.getLogger(__name__)

RUN: Final = "observations.retention.run"
VIEW: Final = "observations.thing.view"
TRIES: Final = 5
Plan = Callable[[AsyncConnection, Limits], Awaitable[list[Step]]]
WAIT_S: Final = 1.0
"""Between two tries for a partition that is in use."""


def limits(*, default_days: int, most_bytes: int = 0) -> Limits:
    """Give the limits that the manifests set, with what holds where none does."""
    by_hours = is_by_hours(clock.installed())
    return rules.limits_of(load_manifests(), default_days=default_days, most_bytes=most_bytes, by_hours=by_hours)


async def plan(actor: Actor, database_url: str, limits: Limits) -> list[Step]:
    """Say what `run` would do. Changes nothing. Raises Forbidden or Unavailable."""
    accounts.require(actor, RUN)
    try:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            return await _plan(connection, limits)
    except OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error


async def run(actor: Actor, database_url: str, limits: Limits, *, zone: str) -> list[Done]:
    """Aggregate and drop what has passed, a partition at a time, oldest first. Audited.

    Each partition goes in one transaction, so a run that is killed leaves nothing half done and the next one goes on. A
    partition that is in use for too long is left to the next run. Writers and readers of others go on; all wait for at
    most half a second while a partition leaves. Days and hours are those of `zone`.

    Raises Forbidden, Conflict while a backup or another run is going on, Unavailable.
    """
    return await _run(actor, database_url, limits, zone=zone, plan=_plan)


async def make_room(actor: Actor, database_url: str, limits: Limits, *, zone: str) -> list[Done]:
    """Do of `run` only what is needed for the record to have room, which is quick to see. Raises as `run` does."""
    return await _run(actor, database_url, limits, zone=zone, plan=_plan_room)


async def _run(actor: Actor, database_url: str, limits: Limits, *, zone: str, plan: Plan) -> list[Done]:
    accounts.require(actor, RUN)
    try:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            if not await store.take_lock(connection):
                raise Conflict("a backup or another run is going on")
            steps = await plan(connection, limits)
            return [await _try(connection, actor, step, zone) for step in steps]
    except OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error


async def list_buckets(
    actor: Actor, database_url: str, stream: int, width: Width, *, begin: datetime, end: datetime, zone: str
) -> Sequence[Bucket]:
    """List the hours or days of a Datastream from `begin` to before `end`, both cut down to whole ones of `zone`.

    They are the same before and after their Observations left. Raises Forbidden, Unauthenticated or Unavailable.
    """
    accounts.require(actor, VIEW)
    try:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            return await store.list_buckets(connection, stream, width, begin=begin, end=end, zone=zone)
    except OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error


async def _plan(connection: AsyncConnection, limits: Limits) -> list[Step]:
    """Look at the partitions in which something can have passed, and judge them."""
    now = clock.now()
    days = {stream.id: rules.days_of(stream, limits) for stream in await store.list_streams(connection)}
    youngest = rules.youngest(days.values(), limits)
    parts: list[Part] = []
    for part in await store.list_parts(connection):
        if youngest is not None and part.end <= now - youngest:
            streams = await store.list_streams_in(connection, part.table)
            parts.append(msgspec.structs.replace(part, streams=streams))
        else:
            parts.append(part)
    return rules.plan(parts, days, limits, now=now)


async def _plan_room(connection: AsyncConnection, limits: Limits) -> list[Step]:
    return rules.make_room(await store.list_parts(connection), (), limits, now=clock.now())


async def _try(connection: AsyncConnection, actor: Actor, step: Step, zone: str) -> Done:
    """Do a step; when the partition is in use, again a little later, some times."""
    size = step.part.size
    for number in range(TRIES):
        try:
            rows = await _do(connection, actor, step, zone)
            return Done(step.part.table, step.action, size, rows, step.for_room)
        except UndefinedTable:
            return Done(step.part.table, step.action, 0, 0, step.for_room)
        except (LockNotAvailable, DeadlockDetected):
            log.info("%s is in use", step.part.table)
            if number + 1 < TRIES:
                await asyncio.sleep(WAIT_S)
    return Done(step.part.table, step.action, 0, 0, step.for_room, was_busy=True)


async def _do(connection: AsyncConnection, actor: Actor, step: Step, zone: str) -> int:
    """Let rows leave a partition, or all of it; gives how many rows left."""
    part = step.part
    async with connection.transaction():
        await store.hold(connection, part.table)
        there = await store.list_streams_in(connection, part.table)
        leaving = there if step.for_room else there & step.leaving
        stays = there - leaving
        rows = await store.aggregate(connection, part.table, leaving, zone=zone)
        left = await store.count_by_stream(connection, part.table, leaving)
        staying = await store.copy_staying(connection, part, leaving) if stays else None
        next_times = await store.find_next_times(connection, part, leaving)
        await store.lock_latest(connection, leaving)
        await store.replace(connection, part, staying)
        await store.correct_latest(connection, part, left, next_times)
        after = {"rows": rows, "bytes": part.size, "action": step.action.value, "for_room": step.for_room}
        await audit.record_on(connection, actor.reference, RUN, subject=f"partition:{part.table}", after=after)
    return rows
