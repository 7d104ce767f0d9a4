"""What is told of a message that could not be used."""

from datetime import datetime

import msgspec


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that could not be used; `excerpt` is how its payload of `size` bytes begins, printable."""

    id: int
    received_at: datetime
    source: str
    reason: str
    size: int
    excerpt: str


class Removed(msgspec.Struct, frozen=True):
    """How many dead letters were removed for their age, and how many because there were too many."""

    too_old: int
    too_many: int
