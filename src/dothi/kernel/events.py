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


class TasksChanged(msgspec.Struct, frozen=True, tag="observations.tasks_changed"):
    """Commands to devices were made, sent, answered, given up or taken back."""

    task_ids: list[int]


class KeysChanged(msgspec.Struct, frozen=True, tag="accounts.keys_changed"):
    """Machine keys were made or revoked: whoever remembers a key asks the record again."""

    key_ids: list[str]


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


Event = ObservationsStored | ThingsChanged | TasksChanged | KeysChanged | ProcessState

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Event)


def encode(event: Event) -> bytes:
    """Write an event for the bus."""
    return _encoder.encode(event)


def decode(payload: bytes) -> Event:
    """Read an event from the bus. Raises msgspec.DecodeError when it is none."""
    event: Event = _decoder.decode(payload)
    return event


class Publish(Protocol):
    """Sends an event to the city's other processes; never blocks and never raises: who missed one reads the record."""

    def __call__(self, event: Event, /) -> None: ...


class _Installed:
    """Holds the process's way to the others, so that it can be set once at start."""

    tell: Publish | None = None


def install(way: Publish | None) -> None:
    """Make `way` how `tell` reaches the other processes; called once at start by the wiring, and by tests.

    It must be safe to call from any thread.
    """
    _Installed.tell = way


def tell(event: Event) -> None:
    """Send an event to the city's other processes from wherever code runs: pages and jobs call it on commit.

    A process without a way to the others (a command, a test) sends nothing: who must not miss a change reads the
    record.
    """
    if _Installed.tell is not None:
        _Installed.tell(event)
