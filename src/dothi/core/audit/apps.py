"""The audit log as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
