"""The layers as tipg serves them: made with the first request, as it takes time and memory to load."""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dothi.protocols.features.tipg_app import Made

_MAKER: Final = "dothi.protocols.features.tipg_app"


class Served:
    """tipg's application with a pool of its own, of one event loop."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._made: Made | None = None
        self._lock = asyncio.Lock()

    async def made(self) -> "Made":
        """Give the application, made if it is not yet. Raises Unavailable without the database."""
        async with self._lock:
            if self._made is None:
                module = await asyncio.to_thread(import_module, _MAKER)
                self._made = await module.make(self._database_url)
            return self._made

    async def close(self) -> None:
        """Close its pool, if there is one."""
        if self._made is not None:
            await self._made.close()
            self._made = None
