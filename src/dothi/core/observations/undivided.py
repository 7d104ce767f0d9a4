"""Several requests that are one: all are committed, or none, and what they tell the city is told after the commit."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from dothi.kernel.errors import Unavailable
from dothi.kernel.events import Event, Publish


class Undivided:
    """The transaction that they share, and what is to be done once it is committed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection: Final = connection
        self.afterwards: Final[list[Callable[[], None]]] = []


_current: ContextVar[Undivided | None] = ContextVar("undivided", default=None)


def current() -> Undivided | None:
    """Give the undivided work that this task is within, if it is."""
    return _current.get()


@asynccontextmanager
async def undivided(pool: AsyncConnectionPool[AsyncConnection]) -> AsyncIterator[None]:
    """Let all that the task does with the record until the end be one. Raises Unavailable without a connection.

    Within undivided work it is a part of that, which may fail by itself.
    """
    outer = _current.get()
    if outer is not None:
        async with outer.connection.transaction():
            yield
        return
    try:
        async with pool.connection() as connection:
            work = Undivided(connection)
            async with connection.transaction():
                token = _current.set(work)
                try:
                    yield
                finally:
                    _current.reset(token)
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(f"the database is away: {error}") from error
    for act in work.afterwards:
        act()


def after_commit(publish: Publish) -> Publish:
    """Give what publishes events at once, or within undivided work after its commit."""

    def publish_then(event: Event, /) -> None:
        work = _current.get()
        if work is None:
            publish(event)
        else:
            work.afterwards.append(lambda: publish(event))

    return publish_then
