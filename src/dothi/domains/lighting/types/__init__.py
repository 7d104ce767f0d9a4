"""What lighting tells others: lamps, schedules and energy."""

from dothi.domains.lighting.types.lamp import Lamp, LampState

__all__ = ["Lamp", "LampState"]
