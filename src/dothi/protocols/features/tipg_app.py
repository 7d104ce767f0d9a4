"""tipg's application as Dothi mounts it: the catalogue hangs on who asks, and the database is only read."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import asyncpg
import msgspec
from cql2 import Expr
from fastapi import FastAPI
from psycopg.conninfo import conninfo_to_dict
from tipg.collections import Catalog
from tipg.errors import DEFAULT_STATUS_CODES, add_exception_handlers
from tipg.factory import Endpoints

from dothi.core.places.serving.types import Shown
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, Unavailable
from dothi.protocols.features import filters
from dothi.protocols.features.collections import LayerCollection, Visible, collection_of

TITLE: Final = "Dothi"
CONNECTIONS: Final = 6
TIMEOUT_MS: Final = 20_000
READ_ONLY: Final = {
    "default_transaction_read_only": "on",
    "statement_timeout": str(TIMEOUT_MS),
    "jit": "off",
    "application_name": "dothi features",
}


class Made:
    """The application and its pool."""

    def __init__(self, app: FastAPI, pool: asyncpg.Pool) -> None:
        self.app = app
        self._pool = pool

    def collections(self, shown: Iterable[Shown]) -> Mapping[str, LayerCollection]:
        """Give layers as tipg's collections, by name."""
        return {each.layer.slug: collection_of(each) for each in shown}

    def check_filter(self, text: str, columns: Iterable[str]) -> None:
        """See that a filter, in either form of CQL2, says only what is listed. Raises InvalidInput."""
        if len(text) > filters.LONGEST:
            raise InvalidInput(f"a filter has up to {filters.LONGEST} characters", place="filter")
        try:
            told = Expr(text).to_json()
        except Exception as error:  # the parser, of another language, has no class for what it refuses
            raise InvalidInput("the filter is no CQL2", place="filter") from error
        filters.check(told, columns=frozenset(columns))

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()


async def make(database_url: str) -> Made:
    """Make the application. Raises Unavailable without the database."""
    try:
        pool = await asyncpg.create_pool(
            **_address(database_url), min_size=1, max_size=CONNECTIONS, init=_prepare, server_settings=READ_ONLY
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable("the database can't be reached") from error
    app = FastAPI(title=TITLE, openapi_url="/api", docs_url=None, redoc_url=None)
    app.include_router(Endpoints(title=TITLE, with_tiles_viewer=False).router)
    add_exception_handlers(app, DEFAULT_STATUS_CODES)
    app.state.pool = pool
    app.state.collection_catalog = Catalog(collections=Visible(), last_updated=clock.now())
    return Made(app, pool)


def _address(database_url: str) -> dict[str, Any]:
    """Give a database's address, in whatever form psycopg reads, as asyncpg wants it."""
    told = conninfo_to_dict(database_url)
    names = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
    return {names[name]: value for name, value in told.items() if name in names and value is not None}


async def _prepare(connection: asyncpg.Connection) -> None:
    """Let JSON through as tipg expects it."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=_encode, decoder=_decode, schema="pg_catalog")


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _decode(text: str) -> object:
    return msgspec.json.decode(text)
