"""Asks PostgreSQL: one statement, whose answer is passed on as bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from psycopg import AsyncConnection, DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.errors import InternalError_, ProgramLimitExceeded, QueryCanceled, StatementTooComplex
from psycopg.rows import TupleRow

from dothi.core.observations.query.statement import (
    Place,
    Statement,
    compile_estimate,
    compile_places,
    compile_query,
    compile_stored,
)
from dothi.core.observations.query.types import COUNTED, Options, Query
from dothi.kernel.errors import InvalidInput


class _AsBytes(Loader):
    """Leaves text as the bytes that came."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


async def fetch(connection: AsyncConnection[TupleRow], query: Query) -> bytes | None:
    """Answer a question as JSON in UTF-8 (`Form.VALUE`, `Form.COUNT`: bare text), or None where it does not exist.

    Raises InvalidInput for what can't be asked or worked out, NotFound for a path that does not exist.
    """
    with _in_words():
        counting = compile_estimate(query)
    if counting is not None:
        query = msgspec.structs.replace(query, options=await _estimated(connection, counting, query.options))
    answer = await _ask(connection, query)
    if query.options.until is None or answer is None or _goes_on(answer):
        return answer
    # It goes on less densely, or has come to its end: only now all that is left is looked at.
    options = msgspec.structs.replace(query.options, until=None)
    return await _ask(connection, msgspec.structs.replace(query, options=options))


async def _ask(connection: AsyncConnection[TupleRow], query: Query) -> bytes | None:
    with _in_words():
        statement = compile_query(query)
    async with connection.cursor() as cursor:
        cursor.adapters.register_loader("text", _AsBytes)
        with _in_words(statement):
            await cursor.execute(statement.sql, statement.parameters)
        row = await cursor.fetchone()
    return None if row is None else row[0]


def _goes_on(answer: bytes) -> bool:
    """Tell whether the answer, a list, has a link to a next page: that comes before its entities."""
    return b'"@iot.nextLink":' in answer[: answer.find(b'"value":[')]


async def fetch_stored(
    connection: AsyncConnection[TupleRow], places: Sequence[Place], *, base: str
) -> list[tuple[int, bytes]]:
    """Give Observations as (id, JSON in UTF-8), in the order of their ids; those that are gone are left out."""
    statement = compile_stored(places, base=base)
    async with connection.cursor() as cursor:
        cursor.adapters.register_loader("text", _AsBytes)
        await cursor.execute(statement.sql, statement.parameters)
        return [(row[0], row[1]) for row in await cursor.fetchall()]


async def find_rows(connection: AsyncConnection[TupleRow], query: Query, *, at_most: int) -> list[TupleRow]:
    """Give where the entities of a list are: their ids; of Observations also Datastream's id and phenomenonTime.

    Raises what `fetch` raises.
    """
    with _in_words():
        statement = compile_places(query, at_most=at_most)
    with _in_words(statement):
        cursor = await connection.execute(statement.sql, statement.parameters)
        return await cursor.fetchall()


async def _estimated(connection: AsyncConnection[TupleRow], counting: Statement, options: Options) -> Options:
    """Give options with an estimate of the count, where there are so many that to count them takes long."""
    with _in_words(counting):
        cursor = await connection.execute(counting.sql, counting.parameters)
        ((plan,),) = await cursor.fetchall()
    number = int(plan[0]["Plan"]["Plan Rows"])
    return msgspec.structs.replace(options, estimated=number) if number > COUNTED else options


@contextmanager
def _in_words(statement: Statement | None = None) -> Iterator[None]:
    """Say as InvalidInput what can't be compiled or worked out."""
    try:
        yield
    except RecursionError as error:
        raise InvalidInput("the expression nests too deep", place="$filter") from error
    except (DataError, ProgramLimitExceeded, StatementTooComplex) as error:
        raise InvalidInput(f"this can't be worked out: {error.diag.message_primary}", place="$filter") from error
    except QueryCanceled as error:
        raise InvalidInput("this takes longer than is allowed: ask for less", place="query") from error
    except InternalError_ as error:
        # PostGIS reports a bad geometry so.
        if statement is not None and statement.has_geometry:
            raise InvalidInput(f"bad geometry: {error.diag.message_primary}", place="geography") from error
        raise
