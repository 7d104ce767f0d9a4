"""The door of lighting: lamps here, schedules and energy in the modules beside."""

from dothi.domains.lighting.service.lamps import LAMPS, VIEW, get_lamp, list_lamps

__all__ = ["LAMPS", "VIEW", "get_lamp", "list_lamps"]
