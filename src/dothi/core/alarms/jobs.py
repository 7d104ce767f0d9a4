"""What alarms do by schedule: what was shelved comes back in time, and no alarm outlives its Thing."""

from django.db import close_old_connections
from procrastinate.contrib.django import app

from dothi.core.alarms import service


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="alarms.end_shelving", pass_context=False)
def end_shelving(timestamp: int) -> int:
    """Show again what was shelved until now, by the city's clock; gives how many alarms."""
    close_old_connections()
    try:
        return len(service.end_shelving())
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="alarms.clear_orphans", pass_context=False)
def clear_orphans(timestamp: int) -> int:
    """End the alarms of Things that are no longer registered; gives how many alarms."""
    close_old_connections()
    try:
        return len(service.clear_orphans())
    finally:
        close_old_connections()
