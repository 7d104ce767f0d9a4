"""A file as an answer, read piece by piece at both kinds of server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import cast

from django.http import FileResponse


class SentFile(FileResponse):
    """A file that is never in memory as a whole: Django's own answer is, where the server is asynchronous."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Read the next piece in a thread."""
        pieces = iter(cast("Iterator[bytes]", self.streaming_content))  # a file is read so
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
