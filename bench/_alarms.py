"""Raises alarms of lamps as a worker does, in a process of its own: `python -m bench._alarms COUNT`."""

import asyncio
import sys
from typing import Final

from dothi.config import process
from dothi.kernel import clock
from dothi.kernel.events import Event
from dothi.protocols.mqtt.bus import send_once

RULES: Final = ("lighting.lamp.failed", "lighting.lamp.cycling")


def main(count: int) -> None:
    """Take in so many findings, each about another lamp, and tell the city."""
    environment = process.prepare()
    from django.db import connection  # noqa: PLC0415 (needs Django to be set up)

    from dothi.core.alarms import service  # noqa: PLC0415
    from dothi.core.alarms.types import Condition, Raise  # noqa: PLC0415

    told: list[Event] = []
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM observations_thing ORDER BY id LIMIT %s", [count])
        found = [Raise(Condition(RULES[thing % len(RULES)], thing, now)) for (thing,) in cursor.fetchall()]
    service.apply("bench", found, watermark=now, publish=told.append)
    for event in told:
        asyncio.run(send_once(environment.mqtt_out_url, event))


if __name__ == "__main__":
    main(int(sys.argv[1]))
