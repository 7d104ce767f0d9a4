"""tipg's application as Dothi mounts it: the catalogue hangs on who asks, and the database is only read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

import asyncpg
import msgspec
from cql2 import Expr
from fastapi import FastAPI, Path
from fastapi.exceptions import RequestValidationError
from psycopg.conninfo import conninfo_to_dict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from tipg import errors, factory
from tipg.collections import Catalog, Collection
from tipg.factory import Endpoints
from tipg.openapi import _update_openapi

from dothi.core.places.serving.types import Shown
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound, Unavailable
from dothi.protocols.door import refusal
from dothi.protocols.features import description, filters
from dothi.protocols.features.collections import LayerCollection, Visible, collection_of
from dothi.protocols.features.seen import seen

TITLE: Final = "Dothi"
HTML: Final = "/conf/html"
factory.COMMON_CONFORMS[:] = [each for each in factory.COMMON_CONFORMS if not each.endswith(HTML)]
ITEMS: Final = "/collections/{collectionId}/items"
CONNECTIONS: Final = 6
TIMEOUT_MS: Final = 20_000
LONGEST_ANSWER: Final = 300
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

    def check_asked(self, asked: Mapping[str, str], columns: Iterable[str]) -> None:
        """See that a question for features says only what is known, as the standard wants it. Raises InvalidInput."""
        operation = self.app.openapi()["paths"][ITEMS]["get"]
        known = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
        if unknown := sorted(set(asked) - known - set(columns)):
            raise InvalidInput(f"nothing is known as {unknown[0][:80]}", place=unknown[0][:80])
        if asked.get("limit", "").strip() == "0":
            raise InvalidInput("a limit is at least 1", place="limit")

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()


class Described(FastAPI):
    """An application that describes itself in OpenAPI 3.0."""

    def openapi(self) -> dict[str, Any]:
        """Give the description, which is made once: each question for features is held against it."""
        if self.openapi_schema is None:
            self.openapi_schema = description.with_forms(description.as_30(super().openapi()))
        return self.openapi_schema


@dataclass
class Api(Endpoints):
    """tipg's operations, without its pages: these would load scripts and styles from elsewhere."""

    @property
    def conforms_to(self) -> list[str]:
        """Give what tipg conforms to but for HTML."""
        return [each for each in super().conforms_to if not each.endswith(HTML)]


async def _refuse(_request: Request, error: Exception) -> Response:
    """Answer what was asked wrongly, as the standard wants it: 400, in the form that all machines get."""
    said = (
        "; ".join(each["msg"] for each in error.errors()) if isinstance(error, RequestValidationError) else str(error)
    )
    return refusal(InvalidInput(said[:LONGEST_ANSWER]))


async def _not_there(_request: Request, error: Exception) -> Response:
    return refusal(NotFound(str(error)[:LONGEST_ANSWER]))


async def _took_too_long(_request: Request, _error: Exception) -> Response:
    return refusal(Unavailable("the question takes too long: narrow it"))


_ANSWERS: Final[dict[type[Exception], Any]] = {
    ValueError: _refuse,
    RequestValidationError: _refuse,
    asyncpg.DataError: _refuse,
    asyncpg.SyntaxOrAccessError: _refuse,
    asyncpg.InternalServerError: _refuse,
    asyncpg.QueryCanceledError: _took_too_long,
    errors.TiPgError: _refuse,
    errors.NotFound: _not_there,
}
"""Among the database's refusals are those of a filter that compares what can't be compared."""


async def make(database_url: str) -> Made:
    """Make the application. Raises Unavailable without the database."""
    try:
        pool = await asyncpg.create_pool(
            **_address(database_url), min_size=1, max_size=CONNECTIONS, init=_prepare, server_settings=READ_ONLY
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable("the database can't be reached") from error
    app = Described(title=TITLE, openapi_url="/api", docs_url=None, redoc_url=None)
    _update_openapi(app)
    app.include_router(Api(title=TITLE, with_tiles_viewer=False, collection_dependency=_collection).router)
    # tipg links to a page by this name; FastAPI's own would load its script from elsewhere.
    app.add_api_route("/api.html", _lead_to_description, name="swagger_ui_html", include_in_schema=False)
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.state.pool = pool
    app.state.collection_catalog = Catalog(
        collections=cast("dict[str, Collection]", Visible()), last_updated=clock.now()
    )
    return Made(app, pool)


def _address(database_url: str) -> dict[str, Any]:
    """Give a database's address, in whatever form psycopg reads, as asyncpg wants it."""
    told = conninfo_to_dict(database_url)
    names = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
    return {names[name]: value for name, value in told.items() if name in names and value is not None}


def _collection(
    collectionId: Annotated[str, Path(description="The layer's name")],
) -> LayerCollection:
    """Find a layer among those for the asker's eyes; any other was refused before."""
    found: LayerCollection = seen.get()[collectionId]
    return found


def _lead_to_description(request: Request) -> RedirectResponse:
    return RedirectResponse(str(request.url_for("openapi")))


async def _prepare(connection: asyncpg.Connection) -> None:
    """Let JSON through as tipg expects it."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=_encode, decoder=_decode, schema="pg_catalog")


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _decode(text: str) -> object:
    return msgspec.json.decode(text)
