"""Alarms as a Django app."""

from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.alarms"
    label = "alarms"
    default_auto_field = "django.db.models.BigAutoField"
