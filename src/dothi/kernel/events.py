"""What packages tell each other after a commit, as closed, tagged messages."""

from datetime import datetime
from typing import Final, Protocol

import msgspec


class ObservationRow(msgspec.Struct, frozen=True, array_like=True):
    """One committed Observation, as short as the bus needs it; `result` is a number, or any other JSON value."""

    id: int
    datastream_id: int
    phenomenon_time: datetime
    result: float | str | bool | list[object] | dict[str, object] | None


class ObservationsStored(msgspec.Struct, frozen=True, tag="observations.stored"):
    """A batch that one writer committed; `number` counts that writer's batches from 1 so that a gap shows."""

    writer: str
    number: int
    rows: list[ObservationRow]


class ThingsChanged(msgspec.Struct, frozen=True, tag="observations.things_changed"):
    """Things, or what belongs to them, were made, changed or deleted."""

    thing_ids: list[int]


class EntitiesChanged(msgspec.Struct, frozen=True, tag="observations.entities_changed"):
    """Entities of the record were made or changed, each by its kind's name in the standard and its id.

    Observations are told of by ObservationsStored, and stand here only when one was changed; deletions are not told.
    """

    entities: list[tuple[str, int]]


class TasksChanged(msgspec.Struct, frozen=True, tag="observations.tasks_changed"):
    """Commands to devices were made, sent, answered, given up or taken back."""

    task_ids: list[int]


class KeysChanged(msgspec.Struct, frozen=True, tag="accounts.keys_changed"):
    """Machine keys were made or revoked: whoever remembers a key asks the record again.

    Without ids any of them may reach other Things than before, as when a department moved.
    """

    key_ids: list[str]


class PeopleChanged(msgspec.Struct, frozen=True, tag="accounts.people_changed"):
    """People may do other things than before, or are signed in no more: whoever serves them asks who they are again."""

    user_ids: list[int]


class AlarmsChanged(msgspec.Struct, frozen=True, tag="alarms.changed"):
    """Alarms were raised, cleared, or dealt with by people."""

    alarm_ids: list[int]


class PlacesChanged(msgspec.Struct, frozen=True, tag="places.changed"):
    """Areas or the base map are other ones: whoever keeps which area something lies in asks again."""

    dataset_id: int


class LayersChanged(msgspec.Struct, frozen=True, tag="places.layers_changed"):
    """Other revisions of layers are shown, or something else is said of layers."""

    layer_ids: list[int]


class WorkOrdersChanged(msgspec.Struct, frozen=True, tag="incidents.orders_changed"):
    """Work orders were issued, or something befell them."""

    order_ids: list[int]


class ProcessState(msgspec.Struct, frozen=True, tag="process.state"):
    """A sign of life of one process; `up` is false in the message that the broker sends when the process is gone.

    `lag_s` is the age in wall seconds of the oldest message that waits to be committed; `counters` are totals since its
    start; `connected` says of `ingest` whether it has the devices' broker.
    """

    process: str
    up: bool
    at: datetime
    lag_s: float = 0.0
    connected: bool = True
    counters: dict[str, int] = {}


Event = (
    ObservationsStored
    | ThingsChanged
    | EntitiesChanged
    | TasksChanged
    | KeysChanged
    | PeopleChanged
    | AlarmsChanged
    | WorkOrdersChanged
    | PlacesChanged
    | LayersChanged
    | ProcessState
)

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Event)


def encode(event: Event) -> bytes:
    """Write an event for the bus."""
    return _encoder.encode(event)


def decode(payload: bytes) -> Event:
    """Read an event from the bus. Raises msgspec.DecodeError when it is none."""
    try:
        event: Event = _decoder.decode(payload)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error
    return event


class Publish(Protocol):
    """Sends an event to the city's other processes; never blocks and never raises: who missed one reads the record."""

    def __call__(self, event: Event, /) -> None: ...


class _Installed:
    """Holds the way to this process's bus, so that it can be set once at start."""

    publish: Publish | None = None


def install(publish: Publish | None) -> None:
    """Make `publish`, callable from any thread, the way to this process's bus; None when there is no bus (any more)."""
    _Installed.publish = publish


def publish(event: Event, /) -> None:
    """Send an event by this process's bus: what services without a bus of their own use. Without one it is dropped."""
    if _Installed.publish is not None:
        _Installed.publish(event)
