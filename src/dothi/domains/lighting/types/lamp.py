"""What lighting tells others of lamps."""

from datetime import datetime
from enum import StrEnum

import msgspec


class LampState(StrEnum):
    """Whether a lamp gives light; the names people read stand in the manifest."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Lamp(msgspec.Struct, frozen=True, gc=False):
    """A lamp as it last reported; a figure it never sent is None, and so is `observed_at` if it never spoke.

    `power_w` is in watts, `light_level_percent` in percent of full light. `observed_at` is the aware UTC time of its
    newest reading, and `is_late` says that a reading is overdue. What its device did not register is "" or None;
    `energy_stream` is the id of the Datastream of its energy register.
    """

    id: int
    name: str
    state: LampState
    power_w: float | None
    light_level_percent: float | None
    observed_at: datetime | None
    is_late: bool
    simulated: bool
    serial: str = ""
    street: str = ""
    street_name: str = ""
    cabinet: str = ""
    phase: str = ""
    programme: str = ""
    programme_name: str = ""
    rated_power_w: float | None = None
    energy_stream: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether it gives light now, as far as is known now."""
        return self.state is LampState.ON and not self.is_late
