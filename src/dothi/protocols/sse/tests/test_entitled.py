"""A stream goes on only while whoever opened it may see it still."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dothi.core.accounts.types import Actor
from dothi.core.live.types import Clock, Message
from dothi.kernel.errors import Unauthenticated, Unavailable
from dothi.protocols.sse.entitled import ASK_EVERY_S, Entitlement
from dothi.protocols.sse.routes import written

SOMEBODY = Actor("user", "user:1", frozenset({"live.map.view"}))
FEWER = Actor("user", "user:1", frozenset())


class Door:
    """A request, the clock, the doubts, and who is found to ask."""

    def __init__(self) -> None:
        self.now_s, self.doubts, self.asked = 0.0, 0, 0
        self.found: Actor | Exception = SOMEBODY
        state = SimpleNamespace(authenticate=self._authenticate)
        request: Any = SimpleNamespace(state=SimpleNamespace(actor=SOMEBODY), app=SimpleNamespace(state=state))
        self.right = Entitlement(request, doubts=lambda: self.doubts, now_s=lambda: self.now_s)

    async def _authenticate(self, _request: object) -> Actor:
        self.asked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


async def test_nobody_is_asked_until_it_is_time() -> None:
    door = Door()
    door.found = FEWER
    assert await door.right.holds()
    door.now_s = ASK_EVERY_S
    assert not await door.right.holds()
    assert door.asked == 1


@pytest.mark.parametrize("found", [FEWER, Unauthenticated("the key is revoked"), Actor("visitor", "visitor")])
async def test_when_rights_may_have_changed_it_ends_at_once(found: Actor | Exception) -> None:
    door = Door()
    door.doubts, door.found = 1, found
    assert not await door.right.holds()


async def test_another_persons_change_leaves_it() -> None:
    door = Door()
    door.doubts = 1
    assert await door.right.holds()
    assert await door.right.holds()
    assert door.asked == 1


async def test_while_the_database_is_away_it_stays_and_is_asked_again() -> None:
    door = Door()
    door.doubts, door.found = 1, Unavailable("away")
    assert await door.right.holds()
    door.found = FEWER
    assert not await door.right.holds()


async def test_a_stream_whose_right_is_over_lets_the_client_come_back_with_nothing() -> None:
    door = Door()
    told: Message = ("clock", Clock(datetime(2026, 11, 22, tzinfo=UTC), 1.0))

    async def messages() -> AsyncIterator[tuple[str, Message]]:
        yield "e:1", told
        door.doubts, door.found = 1, FEWER
        yield "e:2", told
        raise AssertionError("nothing is asked for any more")

    parts = [part async for part in written(messages(), door.right)]
    assert len(parts) == 3
    assert parts[1].startswith(b"id: e:1\nevent: clock\n")
    assert parts[2] == b"id:\n\n"
