"""How well the parts of Dothi are, put together from what each of them says."""

from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from dothi import __version__
from dothi.core.observations.service import Record
from dothi.kernel import clock
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import ProcessState

SILENT_AFTER: Final = timedelta(seconds=10)
"""Wall time after which a process that gives no sign of life counts as down."""
PROCESSES: Final = ("ingest", "worker")
"""The processes besides `web` that a ready Dothi has."""


class Component(msgspec.Struct, omit_defaults=True):
    """One part: `up` or `down`; why, and for `ingest` how old in seconds its oldest uncommitted message is."""

    status: str
    reason: str | None = None
    lag_s: float | None = None


class Health(msgspec.Struct):
    """The answer of `/health/ready`: ready when every component is up. Ages are in seconds of city time."""

    status: str
    version: str
    city: str
    city_time: datetime
    clock_speed: float
    components: dict[str, Component]
    newest_observation_age_s: float | None


class Bus(Protocol):
    """What is asked of the bus here."""

    processes: dict[str, ProcessState]

    @property
    def connected(self) -> bool:
        """Whether the notifications' broker is there."""
        ...


async def examine(record: Record, bus: Bus, *, city: str) -> Health:
    """Ask every part how it is."""
    components: dict[str, Component] = {"web": Component("up")}
    newest: datetime | None = None
    try:
        newest = await record.newest_time()
        components["database"] = Component("up")
    except Unavailable as error:
        components["database"] = Component("down", reason=str(error))
    components["broker_out"] = Component("up") if bus.connected else Component("down", reason="not connected")
    components |= {name: component_of(bus.processes.get(name), now=clock.now()) for name in PROCESSES}
    components["broker_in"] = broker_in_of(bus.processes.get("ingest"), components["ingest"])
    now = clock.now()
    is_ready = all(component.status == "up" for component in components.values())
    return Health(
        status="ready" if is_ready else "not ready",
        version=__version__,
        city=city,
        city_time=now,
        clock_speed=clock.installed().speed,
        components=components,
        newest_observation_age_s=None if newest is None else (now - newest).total_seconds(),
    )


def component_of(state: ProcessState | None, *, now: datetime) -> Component:
    """Tell from a process's last sign of life how it is; `now` is city time."""
    if state is None:
        return Component("down", reason="no sign of life yet")
    if not state.up:
        return Component("down", reason="has stopped")
    if now - state.at > SILENT_AFTER * clock.installed().speed:
        return Component("down", reason="gives no sign of life")
    return Component("up", lag_s=round(state.lag_s, 3))


def broker_in_of(state: ProcessState | None, ingest: Component) -> Component:
    """Tell how the devices' broker is: `ingest` is the one that is connected to it."""
    if ingest.status != "up" or state is None:
        return Component("down", reason="ingest is not there to say")
    return Component("up") if state.connected else Component("down", reason="not connected")
