"""The process `worker`: runs what is scheduled and what is queued."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, cast

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from dothi.config.environment import Environment
from dothi.config.process import stop_event
from dothi.config.rights_keeper import RightsKeeper
from dothi.config.watches import Watches
from dothi.core.observations.service import Record
from dothi.kernel import events
from dothi.kernel.events import Event
from dothi.kernel.manifest import load_manifests
from dothi.protocols.mqtt.bus import SIGN_OF_LIFE_S, Bus
from dothi.protocols.mqtt.notices import Notices

READERS: Final = 2
"""How many questions of the notices to subscribers may be under way at once."""


def run(environment: Environment) -> None:
    """Run jobs until told to stop."""
    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as jobs:
        asyncio.run(_run(environment, jobs))


@asynccontextmanager
async def _listening(environment: Environment, bus: Bus) -> AsyncIterator[tuple[RightsKeeper, Notices]]:
    """Hear the bus, for as long as jobs run: rights, watches and subscribers follow what is told there."""
    keeper = RightsKeeper(environment.mqtt_url, out_url=environment.mqtt_out_url)
    record = Record(environment.database_url, publish=bus.publish, pool_size=READERS)
    notices = Notices(environment.mqtt_out_url, record=record, base=f"{environment.public_address}/v1.1")
    watches = Watches(load_manifests())

    def hear(event: Event) -> None:
        keeper.hear(event)
        watches.hear(event)
        notices.hear(event)

    def miss() -> None:
        keeper.miss()
        watches.miss()
        notices.miss()

    bus.listen(hear, on_gap=miss)
    bus.start()
    events.install(bus.publish_from_thread)
    watches.start()
    await record.start()
    notices.start()
    yield keeper, notices
    await watches.stop()
    await notices.stop()
    await record.stop()
    events.install(None)
    await bus.stop()


async def _run(environment: Environment, jobs: App) -> None:
    stopped = stop_event()
    bus = Bus(environment.mqtt_out_url, process="worker")
    async with _listening(environment, bus) as (keeper, notices), jobs.open_async():
        task = asyncio.create_task(jobs.run_worker_async(install_signal_handlers=False, wait=True))
        while not stopped.is_set() and not task.done():
            bus.sign_of_life(counters=notices.counters)
            await keeper.keep()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), SIGN_OF_LIFE_S)
        if task.done():
            task.result()  # raises what ended it, so that the supervisor starts this process again
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
