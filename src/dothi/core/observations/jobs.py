"""What the record does by schedule: partitions are there before anyone writes to them, dead letters go in time."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from procrastinate.contrib.django import app

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations import service
from dothi.core.observations.deadletters import service as deadletters
from dothi.core.observations.deadletters.types import Removed
from dothi.core.observations.retention import service as retention
from dothi.core.observations.retention.types import Done

DAYS_AHEAD: Final = 3
HOURS_AHEAD: Final = 6
"""Of a city whose clock runs faster: at ten times the speed these are half an hour, and the job runs each 5 minutes."""
SETTLED_DAYS: Final = 2
"""A day more than there is between two runs, as one may be missed."""


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="observations.prepare_partitions", pass_context=False)
async def prepare_partitions(timestamp: int) -> list[str]:
    """Make the partitions of today and the next days; gives the names of those made."""
    return await service.prepare_partitions(
        settings.DATABASE_URL, ahead=timedelta(days=DAYS_AHEAD), hours_ahead=HOURS_AHEAD
    )


@app.periodic(cron="7 1 * * *")
@app.task(queueing_lock="observations.settle_partitions", pass_context=False)
async def settle_partitions(timestamp: int) -> list[str]:
    """Make yesterday's partition, and any other that became complete, quick to read; gives the names of those."""
    return await service.settle_partitions(settings.DATABASE_URL, within=timedelta(days=SETTLED_DAYS))


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="observations.remove_dead_letters", pass_context=False)
async def remove_dead_letters(timestamp: int) -> Removed:
    """Remove the messages that could not be used and that are too old or too many; gives how many."""
    return await deadletters.remove_old(settings.DATABASE_URL)


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock="observations.retain", lock="observations.retain", pass_context=False)
async def retain(timestamp: int) -> list[Done]:
    """Turn what has passed into aggregates, each hour, as a city's clock may run faster; gives what became of it."""
    limits = retention.limits(default_days=settings.RAW_DAYS, most_bytes=settings.RAW_BYTES)
    return await retention.run(SYSTEM, settings.DATABASE_URL, limits, zone=settings.TIME_ZONE)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="observations.make_room", lock="observations.retain", pass_context=False)
async def make_room(timestamp: int) -> list[Done]:
    """Let the oldest Observations go early where all together have become too large; gives what became of it."""
    limits = retention.limits(default_days=0, most_bytes=settings.RAW_BYTES)
    if not limits.most_bytes:
        return []
    return await retention.make_room(SYSTEM, settings.DATABASE_URL, limits, zone=settings.TIME_ZONE)
