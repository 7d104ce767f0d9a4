"""What is committed is told at once, and what follows within milliseconds together."""

import asyncio
from datetime import UTC, datetime

import pytest

from dothi.core.observations import telling
from dothi.core.observations.telling import Teller
from dothi.kernel.events import Event, ObservationRow, ObservationsStored


def rows(*results: float) -> list[ObservationRow]:
    return [ObservationRow(1, 2, datetime(2026, 1, 1, tzinfo=UTC), result) for result in results]


class Heard:
    """Keeps what was told, as (number, results)."""

    def __init__(self) -> None:
        self.told: list[tuple[int, list[object]]] = []

    def __call__(self, event: Event, /) -> None:
        assert isinstance(event, ObservationsStored)
        assert event.writer == "one"
        self.told.append((event.number, [row.result for row in event.rows]))


async def test_the_first_is_told_at_once_and_what_follows_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELL_S", 3600)
    heard = Heard()
    teller = Teller(heard, writer="one")
    for result in (1.0, 2.0, 3.0):
        teller.tell(rows(result))
    assert heard.told == [(1, [1.0])]
    teller.finish()
    teller.finish()
    assert heard.told == [(1, [1.0]), (2, [2.0, 3.0])]


async def test_what_waits_is_told_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELL_S", 0.001)
    heard = Heard()
    teller = Teller(heard, writer="one")
    teller.tell(rows(1.0))
    teller.tell(rows(2.0))
    async with asyncio.timeout(10):
        while sum(len(results) for _, results in heard.told) < 2:
            await asyncio.sleep(0)
    assert [number for number, _ in heard.told] == list(range(1, len(heard.told) + 1))


async def test_many_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELL_S", 3600)
    monkeypatch.setattr(telling, "MANY", 3)
    heard = Heard()
    teller = Teller(heard, writer="one")
    for result in (1.0, 2.0, 3.0, 4.0):
        teller.tell(rows(result))
    assert heard.told == [(1, [1.0]), (2, [2.0, 3.0, 4.0])]
