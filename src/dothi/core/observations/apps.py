"""The record as a Django app."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"
