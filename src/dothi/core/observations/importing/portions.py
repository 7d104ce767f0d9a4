"""Gathers what is read into portions that are sorted together, and reads the next one while the last is stored."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Final

from dothi.core.observations.importing.reading import Portion
from dothi.core.observations.importing.types import Rows

PORTION_ROWS: Final = 1_000_000
"""Observations that are sorted together; where a portion ends depends on the file alone."""


def gather(chunks: Iterator[Portion], rows: int = PORTION_ROWS) -> Iterator[Portion]:
    """Join what comes in chunks until there are enough rows."""
    waiting: list[Portion] = []
    for chunk in chunks:
        waiting.append(chunk)
        if sum(len(each.rows) for each in waiting) >= rows:
            yield _join(waiting)
            waiting = []
    if waiting:
        yield _join(waiting)


def _join(parts: list[Portion]) -> Portion:
    return Portion(Rows.join([part.rows for part in parts]), list(parts[-1].series), parts[-1].done)


async def ahead(portions: Iterator[Portion]) -> AsyncGenerator[Portion, None]:
    """Give portions as they are read in a thread, one ahead of the one that is used."""
    coming = asyncio.create_task(asyncio.to_thread(next, portions, None))
    try:
        while (portion := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, portions, None))
            yield portion
    finally:
        coming.cancel()
