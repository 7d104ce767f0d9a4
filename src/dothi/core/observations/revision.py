"""Changes and deletes what is stored, for machines: each in one transaction with its entry in the audit log."""

from collections.abc import Callable, Sequence, Set
from contextlib import nullcontext
from typing import Final

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.audit.types import Change
from dothi.core.observations import entities, query
from dothi.core.observations.amend import amend, find_observation, see_links
from dothi.core.observations.entities.types import Creatable, Sight
from dothi.core.observations.owners import find_datastreams
from dothi.core.observations.pools import transaction
from dothi.core.observations.query.types import Entity, Query, Reach
from dothi.core.observations.strike import Place, strike
from dothi.core.observations.types import NewObservation
from dothi.core.observations.widths import Widths, check_widths
from dothi.kernel.errors import Forbidden, InvalidInput, NotFound
from dothi.kernel.events import EntitiesChanged, Publish, ThingsChanged

CHANGE: Final = "observations.thing.change"
DELETE: Final = "observations.thing.delete"
CHANGE_OBSERVATION: Final = "observations.observation.change"
DELETE_OBSERVATION: Final = "observations.observation.delete"
MOST_AT_ONCE: Final = 10_000
"""How many entities one request may delete by a filter."""
MOST_OBSERVATIONS: Final = 1_000_000
"""How many Observations one request may delete by a filter."""

Revise = Callable[[bytes], Creatable]
"""Gives what an entity is to be, from the document that it is."""
Amend = Callable[[bytes], NewObservation]
"""Gives what an Observation is to be, from the document that it is."""


class Revision:
    """Changes and deletes. Whoever is limited may do so to what is their own alone: shared with nobody beyond."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], *, publish: Publish, widths: Widths) -> None:
        self._pool = pool
        self._publish = publish
        self._widths = widths

    async def change(
        self,
        actor: Actor,
        entity: Entity,
        entity_id: int,
        revise: Revise,
        *,
        limits: Reach | None,
        sight: Sight | None,
    ) -> None:
        """Let an entity be what `revise` gives, linked to what is in sight; committed when this returns. Audited.

        Raises Forbidden or Unauthenticated, NotFound, InvalidInput, what `revise` raises, Unavailable.
        """
        accounts.require(actor, CHANGE)
        async with transaction(self._pool) as connection:
            before = await _document(connection, entity, entity_id, limits)
            things = await entities.find_owners(connection, entity, [entity_id])
            touched = await entities.change(connection, entity_id, revise(before), sight=sight)
            things |= touched.things
            await _see_within(connection, things, limits)
            after = await _document(connection, entity, entity_id, None)
            await audit.record_on(
                connection,
                actor.reference,
                CHANGE,
                subject=f"{entity}:{entity_id}",
                before=msgspec.json.decode(before),
                after=msgspec.json.decode(after),
            )
        self._tell(things, {(entity, entity_id), *touched.entities})

    async def amend(
        self, actor: Actor, observation_id: int, change: Amend, *, limits: Reach | None, sight: Sight | None
    ) -> None:
        """Let an Observation be what `change` gives, linked to what is in sight; committed when this returns.

        Raises Forbidden or Unauthenticated, NotFound, InvalidInput, Conflict where it would repeat another, what
        `change` raises, Unavailable.
        """
        accounts.require(actor, CHANGE_OBSERVATION)
        async with transaction(self._pool) as connection:
            kept = await find_observation(connection, observation_id)
            if kept is None:
                raise NotFound(f"there is no Observation {observation_id}")
            row = change(await _document(connection, Entity.OBSERVATION, observation_id, limits))
            if sight is not None:
                await see_links(connection, kept, row, sight)
            check_widths([row], await self._widths.fetch(lambda: nullcontext(connection), [row.datastream_id]))
            await amend(connection, kept, row)
            things = await _things_of(connection, {kept.place[1], row.datastream_id})
            await _see_within(connection, things, limits)
        self._tell(things, {(Entity.OBSERVATION, observation_id)})

    async def remove(self, actor: Actor, entity: Entity, entity_ids: Sequence[int], *, limits: Reach | None) -> None:
        """Delete entities of one kind with what hangs on them, all or none. Audited, each.

        Raises Forbidden or Unauthenticated, NotFound, Unavailable.
        """
        accounts.require(actor, DELETE)
        async with transaction(self._pool) as connection:
            before = {number: await _document(connection, entity, number, limits) for number in sorted(set(entity_ids))}
            things = await entities.find_owners(connection, entity, list(before))
            await _see_within(connection, things, limits)
            gone = await entities.remove(connection, entity, list(before), things=sorted(things))
            await audit.record_all_on(
                connection,
                [
                    Change(
                        actor.reference,
                        DELETE,
                        f"{entity}:{number}",
                        before=msgspec.json.decode(document),
                        after={"deleted_with_it": gone},
                    )
                    for number, document in before.items()
                ],
            )
        self._tell(things)

    async def strike(self, actor: Actor, observation_id: int, *, limits: Reach | None) -> None:
        """Delete an Observation. Raises Forbidden or Unauthenticated, NotFound, Unavailable."""
        accounts.require(actor, DELETE_OBSERVATION)
        async with transaction(self._pool) as connection:
            kept = await find_observation(connection, observation_id)
            if kept is None:
                raise NotFound(f"there is no Observation {observation_id}")
            things = await _strike(connection, [kept.place], limits)
        self._tell(things)

    async def remove_all(self, actor: Actor, asked: Query, *, limits: Reach | None) -> int:
        """Delete all that a question's filter finds, all or none; gives how many of the kind asked for.

        Raises what `remove` raises, InvalidInput for a question that finds more than may go at once.
        """
        entity = query.entity_of(asked)
        is_row = entity is Entity.OBSERVATION
        accounts.require(actor, DELETE_OBSERVATION if is_row else DELETE)
        most = MOST_OBSERVATIONS if is_row else MOST_AT_ONCE
        async with transaction(self._pool) as connection:
            asked = msgspec.structs.replace(asked, reach=limits)
            found = await query.find_rows(connection, asked, at_most=most + 1)
            if len(found) > most:
                raise InvalidInput(f"more than {most} would be deleted at once: narrow the filter", place="$filter")
            if is_row:
                things = await _strike(connection, [(row[0], row[1], row[2]) for row in found], limits)
        if is_row:
            self._tell(things)
        elif found:
            await self.remove(actor, entity, [row[0] for row in found], limits=limits)
        return len(found)

    def _tell(self, things: frozenset[int], changed: Set[tuple[Entity, int]] = frozenset()) -> None:
        if changed:
            self._publish(EntitiesChanged(sorted((entity.value, number) for entity, number in changed)))
        if things:
            self._publish(ThingsChanged(thing_ids=sorted(things)))


async def _document(connection: AsyncConnection, entity: Entity, entity_id: int, limits: Reach | None) -> bytes:
    """Lock an entity that is within limits, and give what it is. Raises NotFound."""
    is_there = entity is Entity.OBSERVATION or await entities.lock_entity(connection, entity, entity_id)
    found = await entities.read_document(connection, entity, entity_id, reach=limits) if is_there else None
    if found is None:
        raise NotFound(f"there is no {entity} {entity_id}")
    return found


async def _strike(connection: AsyncConnection, places: Sequence[Place], limits: Reach | None) -> frozenset[int]:
    """Delete Observations within limits; gives the Things they were of. Raises NotFound for others."""
    things = await _things_of(connection, {stream for _, stream, _ in places})
    if limits is not None and await entities.is_beyond(connection, things, limits):
        raise NotFound("there is no such Observation")
    await strike(connection, places)
    return things


async def _things_of(connection: AsyncConnection, datastream_ids: set[int]) -> frozenset[int]:
    streams = await find_datastreams(connection, sorted(datastream_ids))
    return frozenset(stream.thing_id for stream in streams.values())


async def _see_within(connection: AsyncConnection, things: frozenset[int], limits: Reach | None) -> None:
    if limits is not None and await entities.is_beyond(connection, things, limits):
        raise Forbidden("this is beyond the Things you may change, or shared with one that is")
