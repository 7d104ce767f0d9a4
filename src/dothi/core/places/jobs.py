"""What is done with files that were given in the browser: one after the other, in the worker."""

from typing import Final

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app

from dothi.core.places.layers import service
from dothi.core.places.layers.types import UploadState

QUEUE_LOCK: Final = "places.uploads"


@app.task(queueing_lock=QUEUE_LOCK, lock=QUEUE_LOCK, pass_context=False)
async def work_on_uploads() -> int:
    """Examine and take what waits; gives how many files."""
    return await sync_to_async(_work, thread_sensitive=False)()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="places.tidy_uploads", lock=QUEUE_LOCK, pass_context=False)
async def tidy_uploads(timestamp: int) -> int:
    """Go on with what a killed worker left, and forget what nobody asked for; gives how many files."""
    return await sync_to_async(_tidy, thread_sensitive=False)()


def _tidy() -> int:
    count = service.tidy()
    return count + _work()


def _work() -> int:
    count = 0
    for upload in service.list_waiting():
        run = service.run_examination if upload.state is UploadState.WAITING else service.run_import
        run(upload.id)
        count += 1
    return count
