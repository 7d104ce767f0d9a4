"""The door of the record: make entities, write Observations, and read all of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import entities, limits, owners, past, query, registration, rules, store, undivided
from dothi.core.observations.deadletters.rules import tidy
from dothi.core.observations.entities.types import Creatable, Created, Sight
from dothi.core.observations.labels import service as labels
from dothi.core.observations.partitions import Partitions, is_by_hours, settle
from dothi.core.observations.pools import JIT_OFF, PLANNED_ANEW, connected, make_pool
from dothi.core.observations.query.types import Entity, Form, Query, Reach, Step
from dothi.core.observations.registration import Registration
from dothi.core.observations.revision import (
    CHANGE,
    CHANGE_OBSERVATION,
    DELETE,
    DELETE_OBSERVATION,
    Amend,
    Revise,
    Revision,
)
from dothi.core.observations.tasking.desk import Desk
from dothi.core.observations.types import NewObservation, Outcome, Stored, StreamOfThing, ThingReading
from dothi.core.observations.undivided import after_commit
from dothi.core.observations.upkeep import Counts, Upkeep
from dothi.core.observations.widths import Widths, check_widths
from dothi.core.observations.writer import COMMITTERS, UNKNOWN, Writer
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, InvalidInput, NotFound
from dothi.kernel.events import Publish

VIEW: Final = "observations.thing.view"
VIEW_TASK: Final = "observations.task.view"
CREATE_THING: Final = registration.CREATE
CREATE_OBSERVATION: Final = "observations.observation.create"
READ_TIMEOUT_S: Final = 30
"""Wall seconds that a statement of a reader may take; the writer's may take as long as they need."""
_WRITER_CONNECTIONS: Final = COMMITTERS + 1


def list_things(actor: Actor, *, kind: str, readings: bool = True) -> list[ThingReading]:
    """List the Things of a kind that an actor may see, with their newest readings, or quicker without them.

    Raises Forbidden, Unauthenticated.
    """
    actor = labels.placed(accounts.require(actor, VIEW))
    return [thing for thing in store.list_things([kind], readings=readings) if may_see(actor, thing)]


def get_thing(actor: Actor, thing_id: int) -> ThingReading:
    """Give a Thing with its newest readings, in one query.

    Raises NotFound, also for one that the actor may not see, Forbidden, Unauthenticated.
    """
    actor = labels.placed(accounts.require(actor, VIEW))
    thing = store.find_thing(thing_id)
    if thing is None or not may_see(actor, thing):
        raise NotFound(f"no Thing {thing_id}")
    return thing


def list_by_id(actor: Actor, thing_ids: Sequence[int]) -> list[ThingReading]:
    """List Things by id, in that order, with their newest readings; what an actor may not see is left out. One query.

    Raises Forbidden, Unauthenticated.
    """
    actor = accounts.require(actor, VIEW)
    found = {thing.id: thing for thing in store.list_things_by_id(thing_ids)} if thing_ids else {}
    return [found[each] for each in thing_ids if each in found and may_see(actor, found[each])]


def may_see(actor: Actor, thing: ThingReading) -> bool:
    """Tell whether a Thing is for the eyes of an actor who is `labels.placed`, by the one policy: `Actor.may_see`."""
    return actor.may_see(thing.id, department=thing.department, is_public=thing.is_public)


def list_stream_ids(actor: Actor) -> list[int]:
    """List the Datastreams of the Things within an actor's limits."""
    return [
        stream.id for stream in owners.list_streams() if actor.may_touch(stream.thing_id, department=stream.department)
    ]


def list_thing_ids(actor: Actor) -> list[int]:
    """List the Things within an actor's limits."""
    return [thing for thing, department in owners.list_departments() if actor.may_touch(thing, department=department)]


def reach_of(actor: Actor) -> Reach | None:
    """Give what an actor may see, as a condition of queries that says what `Actor.may_see` does; None for all."""
    actor = actor.within(VIEW)
    return limits.reach_within(actor, or_public=actor.sees_public)


def limits_of(actor: Actor, permission: str) -> Reach | None:
    """Give for which Things an actor holds a permission, as a condition of queries that says what `may_touch` says."""
    return limits.reach_within(actor.within(permission), or_public=False)


def sight_of(actor: Actor) -> Sight | None:
    """Give what an actor may link: what they may see and what they made; None for all there is."""
    reach = reach_of(actor)
    return None if reach is None else Sight(reach, actor.reference)


def _left_out(row: NewObservation, reached: Set[int] | None, missing: Set[int]) -> Stored | None:
    """Give the answer to a row that is not stored, None for one that is."""
    if reached is not None and row.datastream_id not in reached:
        return UNKNOWN
    return Stored(0, Outcome.UNKNOWN_FEATURE) if row.feature_id in missing else None


def _barred(actor: Actor) -> frozenset[Entity]:
    """Give what an actor may not see anything of, not even through a filter."""
    return frozenset() if actor.may(VIEW_TASK) else frozenset({Entity.TASK})


class Record:
    """The record as the machines' door uses it: asynchronous, on connections of its own.

    Everything written through it is committed before the call returns. The writer has connections to itself, so that
    no number of readers keeps it waiting.
    """

    def __init__(self, database_url: str, *, publish: Publish, pool_size: int = 8) -> None:
        reading = f"{JIT_OFF} {PLANNED_ANEW} -c statement_timeout={READ_TIMEOUT_S}s"
        self.pool: Final = make_pool(database_url, reading, size=pool_size)
        self._writing: Final = make_pool(database_url, JIT_OFF, size=_WRITER_CONNECTIONS)
        self.publish: Final = publish
        self.writer: Final = Writer(self._writing, publish=publish)
        told = after_commit(publish)
        self._registration: Final = Registration(self.pool, publish=told)
        self._widths: Final = Widths()
        self._revision: Final = Revision(self.pool, publish=told, widths=self._widths)
        self.desk: Final = Desk(self.pool, publish=told)
        self._upkeep: Final = Counts()
        self._with_place: Final[set[int]] = set()

    async def start(self) -> None:
        """Open the pool and begin to write; the database need not be there yet."""
        await self.pool.open(wait=False)
        await self._writing.open(wait=False)
        self.writer.start()

    async def stop(self) -> None:
        """Commit what waits, then close."""
        await self.writer.stop()
        await self._writing.close()
        await self.pool.close()

    async def read(self, actor: Actor, asked: Query) -> bytes | None:
        """Answer a question about what an actor may see, None where what it names does not exist.

        Raises Forbidden or Unauthenticated, InvalidInput, NotFound, Unavailable.
        """
        accounts.require(actor, VIEW)
        try:
            return await self._fetch(msgspec.structs.replace(asked, reach=reach_of(actor), barred=_barred(actor)))
        except Forbidden:
            accounts.require(actor, VIEW_TASK)  # says what is missing
            raise

    async def has(self, actor: Actor, steps: tuple[Step, ...]) -> bool:
        """Tell whether what a path names is there for an actor, who need not be one who may read it."""
        asked = Query(steps=steps, base="", form=Form.REFERENCES, reach=reach_of(actor))
        return await self._fetch(asked) is not None

    async def show(self, made: Step, *, base: str) -> bytes:
        """Give an entity to whoever has just made it: it is their own, whatever else they may see."""
        return await self._fetch(Query(steps=(made,), base=base)) or b"{}"

    async def show_stored(self, places: Sequence[query.Place], *, base: str) -> list[tuple[int, bytes]]:
        """Give Observations as (id, JSON). It asks for no permission: who sees them is the caller's to say."""
        async with self._reading() as connection:
            return await query.fetch_stored(connection, places, base=base)

    async def _fetch(self, asked: Query) -> bytes | None:
        async with self._reading() as connection:
            return await query.fetch(connection, asked)

    async def create(self, actor: Actor, *new: Creatable, permission: str = CREATE_THING) -> list[Created]:
        """Make entities with all they bring, all or none, and tell the city which Things changed. Audited.

        Raises Forbidden or Unauthenticated, InvalidInput, also for a link to what the actor may not see, Unavailable.
        """
        accounts.require(actor, permission)
        within, sight = limits_of(actor, permission), sight_of(actor)
        return await self._registration.create(actor, *new, limits=within, sight=sight)

    async def locate(self, actor: Actor, steps: tuple[Step, ...]) -> tuple[Entity, int] | None:
        """Give the entity that a path leads to, None where there is none for an actor."""
        found = await self._fetch(Query(steps=steps, base="", form=Form.REFERENCES, reach=reach_of(actor)))
        return None if found is None else query.read_reference(found)

    async def hold(self, entity: Entity, entity_id: int) -> None:
        """Within undivided work, keep others from changing an entity until the end of it."""
        async with self._reading() as connection:
            await entities.lock_entity(connection, entity, entity_id)

    async def change(self, actor: Actor, entity: Entity, entity_id: int, revise: Revise) -> None:
        """Let an entity be what `revise` makes of its document. Audited.

        Raises Forbidden or Unauthenticated, NotFound, InvalidInput, what `revise` raises, Unavailable.
        """
        within, sight = limits_of(actor, CHANGE), sight_of(actor)
        await self._revision.change(actor, entity, entity_id, revise, limits=within, sight=sight)

    async def amend(self, actor: Actor, observation_id: int, change: Amend) -> None:
        """Let an Observation be what `change` makes of its document. Raises what `change` does, and Conflict."""
        within, sight = limits_of(actor, CHANGE_OBSERVATION), sight_of(actor)
        await self._revision.amend(actor, observation_id, change, limits=within, sight=sight)

    async def remove(self, actor: Actor, entity: Entity, entity_id: int) -> None:
        """Delete an entity with what can't be without it; audited, but for Observations.

        Raises Forbidden or Unauthenticated, NotFound, Unavailable.
        """
        if entity is Entity.OBSERVATION:
            await self._revision.strike(actor, entity_id, limits=limits_of(actor, DELETE_OBSERVATION))
        else:
            await self._revision.remove(actor, entity, [entity_id], limits=limits_of(actor, DELETE))

    async def remove_all(self, actor: Actor, asked: Query) -> int:
        """Delete all that a question's filter finds, all or none, and give their number; see `remove`."""
        asked = msgspec.structs.replace(asked, barred=_barred(actor))
        needed = DELETE_OBSERVATION if query.entity_of(asked) is Entity.OBSERVATION else DELETE
        return await self._revision.remove_all(actor, asked, limits=limits_of(actor, needed))

    async def write(self, actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store Observations; returns after the commit with an answer to each, in order.

        Raises Forbidden, InvalidInput for a time outside of the years that are kept or a feature that is not there or
        not for the actor, Overloaded, Unavailable: see `Writer.write`.
        """
        return await self._write(actor, rows, is_whole=True)

    async def write_each(self, actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store Observations as `write` does, but of those whose feature is not there say so in their answers."""
        return await self._write(actor, rows, is_whole=False)

    async def _write(self, actor: Actor, rows: Sequence[NewObservation], *, is_whole: bool) -> list[Stored]:
        actor = accounts.require(actor, CREATE_OBSERVATION)
        rows = rules.in_utc(rows, now=clock.now())
        # To an actor Datastreams beyond their limits do not exist.
        reached = await self.find_reached(actor, {row.datastream_id for row in rows}) if actor.is_limited else None
        own = rows if reached is None else [row for row in rows if row.datastream_id in reached]
        if not self._widths.are_single(own):
            check_widths(own, await self.fetch_widths(row.datastream_id for row in own))
        missing = await self._find_missing(actor, own)
        if missing and is_whole:
            raise InvalidInput(f"there is no FeatureOfInterest {min(missing)}", place="FeatureOfInterest")
        if reached is None and not missing:
            return await self._store(rows)
        left_out = [_left_out(row, reached, missing) for row in rows]
        for outcome, number in Counter(answer.outcome.value for answer in left_out if answer).items():
            self.writer.counters[outcome] += number
        known = [row for row, answer in zip(rows, left_out, strict=True) if answer is None]
        stored = iter(await self._store(known))
        return [next(stored) if answer is None else answer for answer in left_out]

    async def fetch_widths(self, datastream_ids: Iterable[int]) -> dict[int, int]:
        """Give, of those that are MultiDatastreams, how many values a result has, by id. Raises Unavailable."""
        # Not on the readers' connections: no number of readers keeps a writer waiting.
        return await self._widths.fetch(lambda: connected(self._writing), datastream_ids)

    async def _find_missing(self, actor: Actor, rows: Sequence[NewObservation]) -> set[int]:
        """Give those of the features that rows name that are not there, or not for the actor."""
        named = {row.feature_id for row in rows if row.feature_id is not None}
        if not named:
            return set()
        async with connected(self._writing) as connection:
            return named - await entities.find_features(connection, named, sight_of(actor))

    async def _store(self, rows: Sequence[NewObservation]) -> list[Stored]:
        if not rows:
            return []
        work = undivided.current()
        if work is None:
            return await self.writer.write(rows)
        async with work.connection.transaction():
            return await self.writer.write_on(work.connection, rows)

    def undivided(self) -> AbstractAsyncContextManager[None]:
        """Let all that the task does with the record until the end of `async with` be one: all of it or nothing.

        What raises inside undoes it all. Raises Unavailable.
        """
        return undivided.undivided(self.pool)

    async def find_reached(self, actor: Actor, datastream_ids: Set[int]) -> set[int]:
        """Give those of some Datastreams whose Observations an actor may send. Raises Unavailable."""
        known = await self.find_datastreams(sorted(datastream_ids))
        actor = await self._placed(actor.within(CREATE_OBSERVATION))
        return {
            stream.id for stream in known.values() if actor.may_touch(stream.thing_id, department=stream.department)
        }

    async def see_place(self, actor: Actor, datastream_id: int) -> None:
        """See that an Observation which names no feature can be about its Thing's place (OGC 18-088, 8.2.7).

        Raises InvalidInput where the Thing has none. What is not there, or not for the actor, is left to `write`.
        """
        actor = accounts.require(actor, CREATE_OBSERVATION)
        if datastream_id in self._with_place:
            return
        async with self._reading() as connection:
            found = await entities.find_place(connection, datastream_id)
        actor = await self._placed(actor)
        if found is None or not actor.may_touch(found.thing_id, department=found.department):
            return
        if not found.is_placed:
            message = f"the Thing of Datastream {datastream_id} has no Location: name a FeatureOfInterest"
            raise InvalidInput(message, place="FeatureOfInterest")
        if undivided.current() is None:
            self._with_place.add(datastream_id)

    async def _placed(self, actor: Actor) -> Actor:
        if not actor.areas:
            return actor
        async with self._reading() as connection:
            return await labels.placed_on(connection, actor)

    async def list_things(self, *, kinds: Sequence[str] = (), ids: Sequence[int] = ()) -> list[ThingReading]:
        """List Things of some kinds, or of some ids, with their newest readings. Raises Unavailable.

        It asks for no permission: what each viewer may see is the caller's to say.
        """
        async with self._reading() as connection:
            return await store.fetch_things(connection, kinds=kinds, ids=ids)

    async def list_things_at(self, moment: datetime, *, kinds: Sequence[str], reach: timedelta) -> list[ThingReading]:
        """List Things of some kinds as they had reported at a moment, at the longest `reach` before it.

        Asks for no permission, as `list_things`. Raises Unavailable.
        """
        async with self._reading() as connection:
            return await past.fetch_things_at(connection, moment, kinds=kinds, reach=reach)

    async def find_datastreams(self, ids: Sequence[int]) -> Mapping[int, StreamOfThing]:
        """Give each Datastream that exists with its Thing, by id. Raises Unavailable."""
        async with self._reading() as connection:
            return await owners.find_datastreams(connection, ids)

    async def newest_time(self) -> datetime | None:
        """Give the newest phenomenonTime up to now. Raises Unavailable."""
        async with self._reading() as connection:
            return await owners.newest_time(connection, before=clock.now())

    async def keep_dead_letter(self, *, source: str, reason: str, payload: bytes) -> None:
        """Keep a message that could not be used. Raises Unavailable."""
        async with self._reading() as connection:
            await store.insert_dead_letters(connection, [(clock.now(), *tidy(source, reason, payload))])

    async def count_upkeep(self) -> Upkeep:
        """Count what someone should look after, at most half a minute old. Raises Unavailable."""
        async with self._reading() as connection:
            return await self._upkeep.count(connection)

    def _reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection. Raises Unavailable without one, or when it breaks."""
        return connected(self.pool)


async def prepare_partitions(database_url: str, *, ahead: timedelta, hours_ahead: int) -> list[str]:
    """Make the partitions from today to some time ahead, before a row needs them; gives the names of those made.

    Where partitions are of an hour, `hours_ahead` says how many.
    """
    now = clock.now()
    if is_by_hours(clock.installed()):
        moments = [now + timedelta(hours=hour) for hour in range(hours_ahead + 1)]
    else:
        moments = [now + timedelta(days=day) for day in range(ahead.days + 1)]
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        return await Partitions().ensure(connection, moments, now=now)


async def settle_partitions(database_url: str, *, within: timedelta) -> list[str]:
    """Make the partitions that became complete within a time quick to read; gives their names."""
    now = clock.now()
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        return await settle(connection, since=now - within, now=now)
