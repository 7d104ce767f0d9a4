"""Lets the watches of all packages look at what has come: in the worker, each in a thread of its own."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Final, Protocol

from django.db import close_old_connections, connection

from dothi.kernel.events import Event, ObservationsStored, TasksChanged
from dothi.kernel.manifest import Manifest

log: Final = logging.getLogger(__name__)

TICK_S: Final = 2.0
"""Wall seconds after which a watch looks although nothing woke it."""
PAUSE_S: Final = 1.0
"""Wall seconds between two looks at least: what comes meanwhile is looked at together."""
AFTER_FAULT_S: Final = 5.0


class Watch(Protocol):
    """Looks at what has come since it last looked; a package names its own in its manifest."""

    def look(self) -> None:
        """Look once. It remembers in the record what it must not forget, and may be killed at any moment."""


class Watches:
    """Runs watches until stopped. What one of them raises is logged; it looks again after a pause."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._found = list(_find(manifests))
        self._woken = [asyncio.Event() for _ in self._found]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look."""
        self._tasks = [
            asyncio.create_task(_run(watch, woken), name=type(watch).__name__)
            for watch, woken in zip(self._found, self._woken, strict=True)
        ]

    async def stop(self) -> None:
        """Let looks that are under way come to their end, then stop."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def hear(self, event: Event) -> None:
        """Wake the watches when something came that they might look at."""
        if isinstance(event, ObservationsStored | TasksChanged):
            self.miss()

    def miss(self) -> None:
        """Wake the watches: something may have come."""
        for woken in self._woken:
            woken.set()


def _find(manifests: Iterable[Manifest]) -> Iterator[Watch]:
    for manifest in manifests:
        for name in manifest.watches:
            yield getattr(import_module(f"{manifest.package}.jobs"), name)()


async def _run(watch: Watch, woken: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    with _own_thread(type(watch).__name__) as thread:
        while True:
            woken.clear()
            is_well = await _finish(loop.run_in_executor(thread, _look, watch))
            await asyncio.sleep(PAUSE_S if is_well else AFTER_FAULT_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), TICK_S)


async def _finish(look: asyncio.Future[bool]) -> bool:
    """Wait for a look to its end, even when told to stop meanwhile."""
    try:
        return await asyncio.shield(look)
    except asyncio.CancelledError:
        await look
        raise


@contextmanager
def _own_thread(name: str) -> Iterator[ThreadPoolExecutor]:
    """Give a thread, as Django's connection to the database belongs to one; both are closed at the end."""
    thread = ThreadPoolExecutor(1, thread_name_prefix=name)
    try:
        yield thread
    finally:
        thread.submit(connection.close)
        thread.shutdown()


def _look(watch: Watch) -> bool:
    """Look once; tells whether that went well."""
    close_old_connections()
    try:
        watch.look()
    except Exception:  # whatever it is: a watch that ends for good would be worse than one that is late
        log.exception("%s could not look", type(watch).__name__)
        connection.close()
        return False
    return True
