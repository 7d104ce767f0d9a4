"""Tells Django of the package."""

from django.apps import AppConfig


class DomainConfig(AppConfig):
    """Air."""

    name = "dothi.domains.air"
    label = "air"
