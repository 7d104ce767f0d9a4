"""What is done with files that were given in the browser: one after the other, in the worker."""

from typing import Final

from django.db import close_old_connections
from procrastinate.contrib.django import app

from dothi.core.places.layers import service
from dothi.core.places.layers.types import UploadState

QUEUE_LOCK: Final = service.QUEUE_LOCK


@app.task(queueing_lock=QUEUE_LOCK, lock=QUEUE_LOCK, pass_context=False)
def work_on_uploads() -> int:
    """Examine and take what waits; gives how many files."""
    return _work()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="places.tidy_uploads", lock=QUEUE_LOCK, pass_context=False)
def tidy_uploads(timestamp: int) -> int:
    """Go on with what a killed worker left, and forget what nobody asked for; gives how many files."""
    close_old_connections()
    count = service.tidy()
    return count + _work()


def _work() -> int:
    close_old_connections()
    count = 0
    try:
        for upload in service.list_waiting():
            run = service.run_examination if upload.state is UploadState.WAITING else service.run_import
            run(upload.id)
            count += 1
    finally:
        close_old_connections()
    return count
