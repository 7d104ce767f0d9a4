"""Tells Django of the package."""

from django.apps import AppConfig


class LightingConfig(AppConfig):
    """Street lighting."""

    name = "dothi.domains.lighting"
    label = "lighting"
