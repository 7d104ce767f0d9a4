"""What the record does by schedule: the next days' partitions are there before anyone writes to them."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from procrastinate.contrib.django import app

from dothi.core.observations import service

DAYS_AHEAD: Final = 3


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="observations.prepare_partitions", pass_context=False)
async def prepare_partitions(timestamp: int) -> list[str]:
    """Make the partitions of today and the next days; gives the names of those made."""
    return await service.prepare_partitions(settings.DATABASE_URL, ahead=timedelta(days=DAYS_AHEAD))
