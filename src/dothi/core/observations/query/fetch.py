"""Asks PostgreSQL: one statement, whose answer is passed on as bytes."""

from psycopg import AsyncConnection, DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.errors import InternalError_, ProgramLimitExceeded, QueryCanceled, StatementTooComplex
from psycopg.rows import TupleRow

from dothi.core.observations.query.statement import Statement, compile_query
from dothi.core.observations.query.types import Query
from dothi.kernel.errors import InvalidInput


class _AsBytes(Loader):
    """Leaves text as the bytes that came."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


async def fetch(connection: AsyncConnection[TupleRow], query: Query) -> bytes | None:
    """Answer a question as JSON in UTF-8 (`Form.VALUE`, `Form.COUNT`: bare text), or None where it does not exist.

    Raises InvalidInput for what can't be asked or worked out, NotFound for a path that does not exist.
    """
    try:
        statement = compile_query(query)
    except RecursionError as error:
        raise InvalidInput("the expression nests too deep", place="$filter") from error
    return await _run(connection, statement)


async def _run(connection: AsyncConnection[TupleRow], statement: Statement) -> bytes | None:
    async with connection.cursor() as cursor:
        cursor.adapters.register_loader("text", _AsBytes)
        try:
            await cursor.execute(statement.sql, statement.parameters)
        except (DataError, ProgramLimitExceeded, StatementTooComplex) as error:
            raise InvalidInput(f"this can't be worked out: {error.diag.message_primary}", place="$filter") from error
        except QueryCanceled as error:
            raise InvalidInput("this takes longer than is allowed: ask for less", place="query") from error
        except InternalError_ as error:
            # PostGIS reports a bad geometry so.
            if statement.has_geometry:
                raise InvalidInput(f"bad geometry: {error.diag.message_primary}", place="geography") from error
            raise
        row = await cursor.fetchone()
    return None if row is None else row[0]
