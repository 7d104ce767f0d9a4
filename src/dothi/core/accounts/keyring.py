"""The keys that a process has seen: a key is looked up once, and again as soon as any key may have changed."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from dothi.core.accounts import rules
from dothi.core.accounts.store import keys as store
from dothi.core.accounts.types import Actor
from dothi.kernel import clock
from dothi.kernel.errors import Unauthenticated, Unavailable
from dothi.kernel.events import Event, KeysChanged

MOST: Final = 20_000
"""How many keys are remembered; beyond that the one seen longest ago is asked for again."""
USE_NOTED_EVERY: Final = timedelta(minutes=1)


class KeyRing:
    """Gives the actor behind a token.

    A key is remembered only while `is_told` says that news of revoked keys arrives: without it every token is checked
    against the record, so that a revoked key is refused at once, whatever is down.
    """

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], *, is_told: Callable[[], bool]) -> None:
        self._pool = pool
        self._is_told = is_told
        self._known: OrderedDict[str, Actor] = OrderedDict()
        self._used: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}

    def hear(self, event: Event) -> None:
        """Forget what an event makes doubtful."""
        if isinstance(event, KeysChanged):
            self.forget()

    def forget(self) -> None:
        """Ask the record again for every key."""
        self._known.clear()

    async def actor_of(self, token: str) -> Actor:
        """Give the actor behind a token `id.secret`.

        Raises Unauthenticated, in the same words for a token that is malformed, unknown, revoked or has a wrong secret;
        Unavailable when the key is not remembered and the database is away.
        """
        if not self._is_told():
            self._known.clear()
        mark = rules.hash_secret(token)
        actor = self._known.get(mark)
        if actor is None:
            actor = await self._look_up(token)
            if self._is_told():
                self._remember(mark, actor)
        self._used[actor.reference.removeprefix("key:")] = clock.now()
        return actor

    async def note_use(self) -> None:
        """Write down when keys were last used, each at most once a minute. Does nothing while the database is away."""
        due = [
            key_id
            for key_id, at in self._used.items()
            if key_id not in self._noted or at - self._noted[key_id] >= USE_NOTED_EVERY
        ]
        if not due:
            return
        now = clock.now()
        try:
            async with self._pool.connection() as connection:
                await store.note_use(connection, due, at=now)
        except (OperationalError, PoolTimeout):
            return
        self._noted.update(dict.fromkeys(due, now))
        for key_id in due:
            self._used.pop(key_id, None)

    async def _look_up(self, token: str) -> Actor:
        parts = rules.split_token(token)
        found = None
        if parts is not None:
            try:
                async with self._pool.connection() as connection:
                    found = await store.find_valid_key(connection, parts[0])
            except (OperationalError, PoolTimeout) as error:
                raise Unavailable("keys can't be checked now: the database is away") from error
        if parts is None or found is None or not rules.is_secret(parts[1], found[1]):
            raise Unauthenticated("the key is unknown or revoked")
        return found[0].actor

    def _remember(self, mark: str, actor: Actor) -> None:
        self._known[mark] = actor
        if len(self._known) > MOST:
            self._known.popitem(last=False)
