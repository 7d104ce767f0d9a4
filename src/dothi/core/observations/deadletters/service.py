"""The door to messages that could not be used."""

from typing import Final

from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations.deadletters import rules, store
from dothi.core.observations.deadletters.types import DeadLetter, Removed
from dothi.kernel import clock

VIEW: Final = "observations.deadletter.view"


def list_newest(actor: Actor, *, limit: int) -> list[DeadLetter]:
    """List what could not be used, the newest first. Raises Forbidden or Unauthenticated."""
    accounts.require(actor, VIEW)
    return store.list_newest(limit)


async def remove_old(database_url: str) -> Removed:
    """Remove what is older than it is kept, and what is beyond the number that is kept."""
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        too_old = await store.remove_before(connection, clock.now() - rules.KEPT_FOR)
        return Removed(too_old=too_old, too_many=await store.remove_beyond(connection, rules.MOST_KEPT))
