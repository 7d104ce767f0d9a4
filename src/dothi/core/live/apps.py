"""The live view as a Django app."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.live"
    label = "live"
