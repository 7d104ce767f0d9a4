"""Makes entities for machines: what they ask for at once shares statements, audit and commit."""

from typing import Final

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.audit.types import Change
from dothi.core.observations import entities, undivided
from dothi.core.observations.entities.types import Creatable, Created, Sight, Wanted
from dothi.core.observations.pools import transaction
from dothi.core.observations.query.types import Reach
from dothi.core.observations.together import Together
from dothi.kernel.errors import Forbidden, InvalidInput
from dothi.kernel.events import EntitiesChanged, Publish, ThingsChanged

CREATE: Final = "observations.thing.create"
_AT_ONCE: Final = 50
"""How many requests share a commit at most: each may bring many entities."""


class _Order(msgspec.Struct, frozen=True):
    """What one request wants made, all or none."""

    who: str
    limits: Reach | None
    sight: Sight | None
    new: tuple[Creatable, ...]


class Registration:
    """Makes entities. Those that are wanted at once share a commit, as the audit log lets in one writer at a time."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], *, publish: Publish) -> None:
        self._pool = pool
        self._publish = publish
        self._together: Together[_Order, list[Created]] = Together(
            self._make, name="new entities of machines", at_most=_AT_ONCE
        )

    async def create(self, actor: Actor, *new: Creatable, limits: Reach | None, sight: Sight | None) -> list[Created]:
        """Make entities with all they bring, all or none; they are committed when this returns. Audited.

        Tells the city which Things changed; whether the actor may is the caller's to see. Raises Forbidden for what
        lies beyond the limits, InvalidInput, also for a link to what is out of sight, Unavailable.
        """
        order = _Order(actor.reference, limits, sight, new)
        if undivided.current() is not None:
            (made,) = await self._commit([order])
            return made
        return await self._together.ask(order)

    async def _make(self, orders: list[_Order]) -> list[list[Created] | Exception]:
        """Make what is wanted, together; if something is wrong with any of it, each by itself."""
        if len(orders) > 1:
            try:
                return [*await self._commit(orders)]
            except (InvalidInput, Forbidden):
                pass
        return [await self._make_one(order) for order in orders]

    async def _make_one(self, order: _Order) -> list[Created] | Exception:
        try:
            (made,) = await self._commit([order])
        except Exception as error:
            return error
        return made

    async def _commit(self, orders: list[_Order]) -> list[list[Created]]:
        wanted = [Wanted(each, order.limits, order.sight) for order in orders for each in order.new]
        async with transaction(self._pool) as connection:
            created = iter(await entities.create_all(connection, wanted))
            made = [[next(created) for _ in order.new] for order in orders]
            changes = [change for order, its in zip(orders, made, strict=True) for change in _audited(order, its)]
            await audit.record_all_on(connection, changes)
        told = sorted({(entity.value, number) for its in made for each in its for entity, number in each.entities})
        if told:
            self._publish(EntitiesChanged(told))
        for its in made:
            changed = sorted({thing_id for each in its for thing_id in each.thing_ids})
            if changed:
                self._publish(ThingsChanged(thing_ids=changed))
        return made


def _audited(order: _Order, made: list[Created]) -> list[Change]:
    """Write what the audit log says of each entity that was made."""
    return [
        Change(
            order.who,
            CREATE,
            f"{type(new).__name__.removeprefix('New')}:{created.id}",
            after={"name": getattr(new, "name", None), "things": list(created.thing_ids)},
        )
        for new, created in zip(order.new, made, strict=True)
    ]
