"""What could not be used is kept for a while, and can be seen."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations import upkeep
from dothi.core.observations.deadletters import rules, service, store
from dothi.core.observations.deadletters.types import DeadLetter, Removed
from dothi.core.observations.service import Record
from dothi.kernel import clock
from dothi.kernel.errors import Unauthenticated


async def listed(limit: int = 10) -> list[DeadLetter]:
    return await sync_to_async(service.list_newest)(SYSTEM, limit=limit)


async def test_the_newest_come_first_and_are_printable(record: Record) -> None:
    await record.keep_dead_letter(source="mqtt:v1.1/Observations", reason="not JSON", payload=b"\xff\x1b[2J\n")
    await record.keep_dead_letter(source="mqtt:a", reason="no Datastream 7", payload='{"result": "ấm"}'.encode())
    newest, older = await listed()
    assert (newest.source, newest.reason, newest.excerpt) == ("mqtt:a", "no Datastream 7", '{"result": "ấm"}')
    assert older.excerpt == "\\xff\\x1b[2J\\n"
    assert older.size == 6
    assert [letter.id for letter in await listed(limit=1)] == [newest.id]


async def test_whatever_comes_is_kept(record: Record) -> None:
    await record.keep_dead_letter(source="\ud800\x00" * 5000, reason="\x00", payload=b"x" * 1_000_000)
    [letter] = await listed()
    assert letter.size == rules.LONGEST_PAYLOAD
    assert "1000000 bytes" in letter.reason
    assert letter.excerpt.endswith("…")


@given(st.binary(max_size=600))
def test_an_excerpt_is_one_short_printable_line(payload: bytes) -> None:
    excerpt = rules.excerpt_of(payload)
    assert excerpt.isprintable()
    assert len(excerpt) <= rules.EXCERPT + 1


@given(st.text(max_size=50), st.text(max_size=50))
def test_what_is_stored_is_text_to_the_database(source: str, reason: str) -> None:
    for text in rules.tidy(source, reason, b"")[:2]:
        assert "\x00" not in text
        assert text.encode().decode() == text


async def test_what_is_too_old_or_too_much_goes(
    record: Record, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", 3)
    monkeypatch.setattr(store, "_BATCH", 2)
    for number in range(9):
        await record.keep_dead_letter(source=str(number), reason="", payload=b"")
    async with record.pool.connection() as connection:
        past = clock.now() - rules.KEPT_FOR - timedelta(minutes=1)
        await connection.execute("UPDATE observations_deadletter SET received_at = %s WHERE source < '3'", [past])
    assert await service.remove_old(database_url) == Removed(too_old=3, too_many=3)
    assert [letter.source for letter in await listed()] == ["8", "7", "6"]
    assert await service.remove_old(database_url) == Removed(too_old=0, too_many=0)


async def test_they_are_counted_and_the_count_is_kept_for_a_moment(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await record.count_upkeep()).dead_letters == 0
    await record.keep_dead_letter(source="", reason="", payload=b"")
    assert (await record.count_upkeep()).dead_letters == 0
    monkeypatch.setattr(upkeep, "FRESH_S", -1.0)
    assert (await record.count_upkeep()).dead_letters == 1


def test_a_visitor_may_not_see_them() -> None:
    with pytest.raises(Unauthenticated):
        service.list_newest(Actor(kind="visitor", reference="visitor"), limit=1)
