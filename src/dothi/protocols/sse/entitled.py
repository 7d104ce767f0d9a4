"""Whether a stream may go on: whoever opened it is asked for again, at once when rights change and every so often."""

import time
from collections.abc import Callable
from typing import Final

from starlette.requests import Request

from dothi.core.accounts.types import Actor
from dothi.kernel.errors import Unauthenticated, Unavailable

ASK_EVERY_S: Final = 15.0
"""Wall seconds after which a session or a key is looked at again, as both can end without anybody's saying so."""


class Entitlement:
    """The right by which one stream was opened; `doubts` gives another number whenever rights may have changed."""

    def __init__(
        self, request: Request, *, doubts: Callable[[], int], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._request = request
        self._actor: Actor = request.state.actor
        self._doubts = doubts
        self._now_s = now_s
        self._seen = doubts()
        self._next_s = now_s() + ASK_EVERY_S

    async def holds(self) -> bool:
        """Tell whether the same person or key still has the same rights; while the database is away, as it was."""
        doubts = self._doubts()
        if doubts == self._seen and self._now_s() < self._next_s:
            return True
        try:
            actor: Actor = await self._request.app.state.authenticate(self._request)
        except Unavailable:
            return True
        except Unauthenticated:
            return False
        self._seen, self._next_s = doubts, self._now_s() + ASK_EVERY_S
        return actor == self._actor
