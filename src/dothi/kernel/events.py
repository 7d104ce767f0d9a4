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


Event = ObservationsStored | ThingsChanged | KeysChanged | ProcessState

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
