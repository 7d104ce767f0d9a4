"""The door of the record: write Observations, read Things with their newest values."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import rules, store
from dothi.core.observations.deadletters.rules import tidy
from dothi.core.observations.partitions import Partitions
from dothi.core.observations.types import NewObservation, Stored, StreamOfThing, ThingReading
from dothi.core.observations.upkeep import Counts, Upkeep
from dothi.core.observations.writer import UNKNOWN, Writer
from dothi.kernel import clock
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import Publish

VIEW: Final = "observations.thing.view"
CREATE_THING: Final = "observations.thing.create"
CREATE_OBSERVATION: Final = "observations.observation.create"


def list_things(actor: Actor, *, kind: str) -> list[ThingReading]:
    """List the Things of a kind that an actor may see with their newest readings. Raises Forbidden, Unauthenticated."""
    accounts.require(actor, VIEW)
    return [thing for thing in store.list_things([kind]) if may_see(actor, thing)]


def may_see(actor: Actor, thing: ThingReading) -> bool:
    """Tell whether a Thing is for an actor's eyes: a visitor sees what is public, a limited key its own Things."""
    if actor.kind == "visitor" and not thing.is_public:
        return False
    return actor.may_touch(thing.id, department=thing.department)


def list_stream_ids(actor: Actor) -> list[int]:
    """List the Datastreams of the Things within an actor's limits."""
    return [
        stream.id for stream in store.list_streams() if actor.may_touch(stream.thing_id, department=stream.department)
    ]


class Record:
    """The record as the machines' door uses it: asynchronous, on a pool of its own.

    Everything written through it is committed before the call returns.
    """

    def __init__(self, database_url: str, *, publish: Publish, pool_size: int = 8) -> None:
        self.pool: Final = AsyncConnectionPool[AsyncConnection](
            database_url, min_size=1, max_size=pool_size, open=False, timeout=5, kwargs={"autocommit": True}
        )
        self.publish: Final = publish
        self.writer: Final = Writer(self.pool, publish=publish)
        self._upkeep: Final = Counts()

    async def start(self) -> None:
        """Open the pool and begin to write; the database need not be there yet."""
        await self.pool.open(wait=False)
        self.writer.start()

    async def stop(self) -> None:
        """Commit what waits, then close."""
        await self.writer.stop()
        await self.pool.close()

    async def write(self, actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store Observations; returns after the commit with an answer to each, in order.

        Raises Forbidden, InvalidInput for a time outside of the years that are kept, Overloaded, Unavailable: see
        `Writer.write`.
        """
        accounts.require(actor, CREATE_OBSERVATION)
        now = clock.now()
        for row in rows:
            rules.check_time(row.phenomenon_time, now=now)
        if actor.is_limited:
            return await self._write_within_limits(actor, rows)
        return await self.writer.write(rows)

    async def _write_within_limits(self, actor: Actor, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store what lies within the actor's limits; to the actor any other Datastream does not exist."""
        known = await self.find_datastreams(sorted({row.datastream_id for row in rows}))
        reachable = {
            stream.id for stream in known.values() if actor.may_touch(stream.thing_id, department=stream.department)
        }
        stored = iter(await self.writer.write([row for row in rows if row.datastream_id in reachable]))
        return [next(stored) if row.datastream_id in reachable else UNKNOWN for row in rows]

    async def list_things(self, *, kinds: Sequence[str] = (), ids: Sequence[int] = ()) -> list[ThingReading]:
        """List Things of some kinds, or of some ids, with their newest readings. Raises Unavailable.

        It asks for no permission: what each viewer may see is the caller's to say.
        """
        try:
            async with self.pool.connection() as connection:
                return await store.fetch_things(connection, kinds=kinds, ids=ids)
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(str(error)) from error

    async def find_datastreams(self, ids: Sequence[int]) -> Mapping[int, StreamOfThing]:
        """Give each Datastream that exists with its Thing, by id. Raises Unavailable."""
        try:
            async with self.pool.connection() as connection:
                return await store.find_datastreams(connection, ids)
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(str(error)) from error

    async def newest_time(self) -> datetime | None:
        """Give the newest phenomenonTime up to now. Raises Unavailable."""
        try:
            async with self.pool.connection() as connection:
                return await store.newest_time(connection, before=clock.now())
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(str(error)) from error

    async def keep_dead_letter(self, *, source: str, reason: str, payload: bytes) -> None:
        """Keep a message that could not be used. Raises Unavailable."""
        try:
            async with self.pool.connection() as connection:
                await store.insert_dead_letters(connection, [(clock.now(), *tidy(source, reason, payload))])
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(str(error)) from error

    async def count_upkeep(self) -> Upkeep:
        """Count what someone should look after, at most half a minute old. Raises Unavailable."""
        try:
            async with self.pool.connection() as connection:
                return await self._upkeep.count(connection)
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(str(error)) from error


async def prepare_partitions(database_url: str, *, ahead: timedelta) -> list[str]:
    """Make the partitions from today to some time ahead, before a row needs them; gives the names of those made."""
    now = clock.now()
    moments = [now + timedelta(days=day) for day in range(ahead.days + 1)]
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        return await Partitions().ensure(connection, moments, now=now)
