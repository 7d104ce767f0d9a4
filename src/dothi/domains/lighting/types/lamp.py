"""What lighting tells others of lamps."""

from datetime import datetime
from enum import StrEnum

import msgspec


class LampState(StrEnum):
    """Whether a lamp gives light; the names people read stand in the manifest."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Lamp(msgspec.Struct, frozen=True):
    """A lamp as it last reported; a figure it never sent is None, and so is `observed_at` if it never spoke.

    `power_w` is in watts, `light_level_percent` in percent of full light. `observed_at` is the aware UTC time of its
    newest reading, and `is_late` says that a reading is overdue.
    """

    id: int
    name: str
    state: LampState
    power_w: float | None
    light_level_percent: float | None
    observed_at: datetime | None
    is_late: bool
    simulated: bool
