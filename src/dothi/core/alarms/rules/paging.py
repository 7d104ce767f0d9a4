"""The place in the queue from which the next page goes on, as a text that an address can carry."""

import base64
import binascii
from datetime import datetime
from typing import NamedTuple

import msgspec

from dothi.core.alarms.rules.states import rank_of
from dothi.core.alarms.types import Alarm
from dothi.kernel.errors import InvalidInput


class Position(NamedTuple):
    """Where in the queue's order an alarm stands."""

    priority: int
    rank: int
    raised_at: datetime
    id: int


def position_of(alarm: Alarm) -> Position:
    """Give an alarm's place in the queue."""
    return Position(alarm.priority, rank_of(alarm.state), alarm.raised_at, alarm.id)


def write(position: Position) -> str:
    """Write a place as letters and digits."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read(text: str) -> Position | None:
    """Read what `write` wrote, None for an empty text. Raises InvalidInput for any other."""
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Position)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise InvalidInput("this page can't be found in the list", place="after") from error
