"""The pages of lighting."""

from dothi.domains.lighting.views.lamps import list_lamps

__all__ = ["list_lamps"]
