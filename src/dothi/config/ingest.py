"""The process `ingest`: takes what devices send over MQTT, and sends them their commands."""

import asyncio
from contextlib import suppress

import uvloop

from dothi.config.environment import Environment
from dothi.config.process import spare_the_collector, stop_event
from dothi.core.observations.service import Record
from dothi.kernel.events import TasksChanged
from dothi.protocols.mqtt.bus import SIGN_OF_LIFE_S, Bus
from dothi.protocols.mqtt.ingest import Ingest
from dothi.protocols.mqtt.tasks import Tasks


def run(environment: Environment) -> None:
    """Take messages until told to stop."""
    uvloop.run(_run(environment))


async def _run(environment: Environment) -> None:
    spare_the_collector()
    stopped = stop_event()
    bus = Bus(environment.mqtt_out_url, process="ingest")
    record = Record(environment.database_url, publish=bus.publish)
    door = Ingest(environment.mqtt_url, record=record)
    tasks = Tasks(environment.mqtt_url, record=record)
    bus.listen(tasks.hear, on_gap=tasks.miss, kinds=(TasksChanged,))
    await record.start()
    bus.start()
    door.start()
    tasks.start()
    while not stopped.is_set():
        counters = {**record.writer.counters, **door.counters, **tasks.counters}
        bus.sign_of_life(lag_s=door.lag_s(), connected=door.connected, counters=counters)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), SIGN_OF_LIFE_S)
    await tasks.stop()
    await door.stop()
    await record.stop()
    await bus.stop()
