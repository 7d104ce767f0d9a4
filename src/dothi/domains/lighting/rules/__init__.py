"""Lighting's rules: what readings mean for the map and the pages, and what faults show in them."""

from dothi.domains.lighting.rules.readings import describe_lamp, lamp_of, lamps_of

__all__ = ["describe_lamp", "lamp_of", "lamps_of"]
