"""The record as this protocol asks it: read, create, write, each with its permission and its mark in the audit log."""

from typing import Final

import msgspec
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations import entities, query
from dothi.core.observations.entities.types import Creatable, Created
from dothi.core.observations.query.types import Form, Query, Reach, Step
from dothi.core.observations.service import CREATE_THING, VIEW, Record
from dothi.core.observations.types import NewObservation, Stored
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import ThingsChanged

AWAY: Final = "the database is away"


def reach_of(actor: Actor) -> Reach | None:
    """Give what an actor may see: a visitor what is public, a limited key its Things, anyone else everything."""
    if not actor.is_limited and actor.kind != "visitor":
        return None
    return Reach(
        department=actor.department,
        thing_ids=None if actor.thing_ids is None else tuple(sorted(actor.thing_ids)),
        public_only=actor.kind == "visitor",
    )


async def read(request: Request, asked: Query) -> bytes | None:
    """Answer a question, None where what it names does not exist. Raises InvalidInput, NotFound, Unavailable."""
    accounts.require(request.state.actor, VIEW)
    return await _fetch(request, msgspec.structs.replace(asked, reach=reach_of(request.state.actor)))


async def exists(request: Request, steps: tuple[Step, ...]) -> bool:
    """Tell whether what a path names is there for whoever asks, who need not be one who may read it."""
    asked = Query(steps=steps, base="", form=Form.REFERENCES, reach=reach_of(request.state.actor))
    return await _fetch(request, asked) is not None


async def show(request: Request, made: Step, *, base: str) -> bytes:
    """Answer with an entity that whoever asks has just made: their own, whatever else they may see."""
    return await _fetch(request, Query(steps=(made,), base=base)) or b"{}"


async def _fetch(request: Request, asked: Query) -> bytes | None:
    record: Record = request.app.state.record
    try:
        async with record.pool.connection() as connection:
            return await query.fetch(connection, asked)
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(AWAY) from error


async def create(request: Request, new: Creatable) -> Created:
    """Make an entity with all it brings, and tell the city which Things changed. Raises InvalidInput, Unavailable."""
    actor = request.state.actor
    accounts.require(actor, CREATE_THING)
    record: Record = request.app.state.record
    try:
        async with record.pool.connection() as connection, connection.transaction():
            made = await entities.create(connection, new, limits=reach_of(actor))
            subject = f"{type(new).__name__.removeprefix('New')}:{made.id}"
            after = {"name": getattr(new, "name", None), "things": list(made.thing_ids)}
            await audit.record_on(connection, actor.reference, CREATE_THING, subject=subject, after=after)
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(AWAY) from error
    if made.thing_ids:
        record.publish(ThingsChanged(thing_ids=list(made.thing_ids)))
    return made


async def write(request: Request, rows: list[NewObservation]) -> list[Stored]:
    """Store Observations; they are committed when this returns. Raises what `Record.write` raises."""
    record: Record = request.app.state.record
    return await record.write(request.state.actor, rows)
