"""One transaction for many callers: whatever comes while the last one is under way goes into the next."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Do = Callable[[list[T]], Awaitable[list[R | Exception]]]

BATCH: Final = 1_000
"""How many are done at once at most, where nothing else is said."""


class Together(Generic[T, R]):
    """Does one thing for all who ask, and answers each. `do` gives a result for each, in order, or what it raises."""

    def __init__(self, do: Do[T, R], *, name: str, at_most: int = BATCH) -> None:
        self._do = do
        self._name = name
        self._at_most = at_most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, item: T) -> R:
        """Have it done for one item, with those of others that wait. Raises what `do` raises or gives for it."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name=self._name)
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
            results: list[R | Exception]
            try:
                results = await self._do([item for item, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, answer), result in zip(batch, results, strict=True):
                if answer.done():  # whoever asked has gone
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
