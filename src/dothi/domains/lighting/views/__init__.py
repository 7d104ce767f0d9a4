"""The pages of lighting, and what it adds to those of others."""

from dothi.domains.lighting.views.panels import order_panel

__all__ = ["order_panel"]
