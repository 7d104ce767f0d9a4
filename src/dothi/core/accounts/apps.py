"""Accounts as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the package under its slug, and lets the audit log hear what people change of their own sign-in."""

    name = "dothi.core.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to allauth, once its tables are known."""
        import_module("dothi.core.accounts.listening").connect()
