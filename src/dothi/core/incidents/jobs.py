"""What work orders do by schedule: whoever was given one is told."""

from django.db import close_old_connections
from procrastinate.contrib.django import app

from dothi.core.incidents.service import letters


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="incidents.tell_assigned", lock="incidents.tell_assigned", pass_context=False)
def tell_assigned(timestamp: int) -> int:
    """Write to those whom orders were given to; gives how many letters went out."""
    close_old_connections()
    try:
        return letters.tell_assigned()
    finally:
        close_old_connections()
