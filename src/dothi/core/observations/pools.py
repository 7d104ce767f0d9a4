"""Connections of the machines' door to the database: pools, and how to get one out of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from dothi.core.observations import undivided
from dothi.kernel.errors import Unavailable

JIT_OFF: Final = "-c jit=off"
"""Statements here are many and short: compiling one takes longer than it saves."""
PLANNED_ANEW: Final = "-c plan_cache_mode=force_custom_plan"
"""A plan that is kept for all values takes a Datastream of many Observations for one of few, and sorts a whole month
for each page of it: planning takes a millisecond, that takes thirty."""
_RECONNECT_S: Final = 4.0
"""After so long the pool gives a connection up that it could not make; who asks next starts anew.

Its pauses double: a longer time would keep it waiting for minutes after a database that was away for minutes is back.
"""


def make_pool(database_url: str, options: str, *, size: int) -> AsyncConnectionPool[AsyncConnection]:
    """Make a pool that is not open yet; its connections commit each statement that is in no transaction."""
    kwargs = {"autocommit": True, "options": options}
    return AsyncConnectionPool[AsyncConnection](
        database_url,
        min_size=1,
        max_size=size,
        open=False,
        timeout=5,
        reconnect_timeout=_RECONNECT_S,
        kwargs=kwargs,
    )


@asynccontextmanager
async def connected(pool: AsyncConnectionPool[AsyncConnection]) -> AsyncIterator[AsyncConnection]:
    """Give a connection: within undivided work its own. Raises Unavailable without one, or when it breaks."""
    work = undivided.current()
    if work is not None:
        yield work.connection
        return
    try:
        async with pool.connection() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(f"the database is away: {error}") from error


@asynccontextmanager
async def transaction(pool: AsyncConnectionPool[AsyncConnection]) -> AsyncIterator[AsyncConnection]:
    """Give a connection in a transaction. Raises Unavailable without one, or when it breaks."""
    async with connected(pool) as connection, connection.transaction():
        yield connection
