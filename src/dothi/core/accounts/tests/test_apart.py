"""Asynchronous callers ask Django's database on connections that last no longer than a question."""

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from dothi.core.accounts.apart import apart
from dothi.kernel.errors import Unavailable

pytestmark = pytest.mark.django_db(transaction=True)


def ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


async def test_a_database_that_went_away_is_told_and_asked_again_when_it_is_back() -> None:
    assert await apart(ask)("SELECT 1") == (1,)
    with pytest.raises(Unavailable, match="away"):
        await apart(ask)("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await apart(ask)("SELECT 2") == (2,)


async def test_a_connection_that_broke_between_two_questions_breaks_none() -> None:
    await apart(ask)("SELECT 1")
    assert await sync_to_async(lambda: connection.connection)() is None
