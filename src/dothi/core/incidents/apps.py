"""Incidents as a Django app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
