"""The log in the database: chained by both doors, refusing changes."""

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import AsyncConnection

from dothi.core.audit import service


@pytest.mark.django_db
def test_entries_are_chained_and_the_log_is_whole() -> None:
    first = service.record(
        "system", "lighting.lamp.command", subject="thing:1", before={"level": 1.0}, after={"level": 1e22}
    )
    second = service.record("user:1", "lighting.lamp.command", subject="thing:1")
    assert (first.number, second.number) == (1, 2)
    assert service.find_break() is None


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET body = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_an_entry(statement: str) -> None:
    service.record("system", "a.b.c", subject="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_an_entry_changed_behind_the_databases_back_shows() -> None:
    for number in range(3):
        service.record("system", "a.b.c", subject=str(number))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only")
        cursor.execute("UPDATE audit_entry SET body = replace(body, 'system', 'user:9') WHERE number = 2")
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only")
    assert service.find_break() == 2


async def test_the_machines_door_chains_behind_the_peoples(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url) as machine:
        one = await service.record_on(machine, "key:1", "a.b.c", subject="x", after=[1, 2.5, "ă"])
        two = await service.record_on(machine, "key:1", "a.b.c", subject="x")
    assert (one.number, two.number) == (1, 2)


async def test_an_entry_of_a_transaction_that_fails_is_not_there(database_url: str) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as machine:
        async with machine.transaction(force_rollback=True):
            await service.record_on(machine, "key:1", "a.b.c", subject="x")
        cursor = await machine.execute("SELECT count(*) FROM audit_entry")
        assert await cursor.fetchone() == (0,)
