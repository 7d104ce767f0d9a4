"""Accounts as a Django app."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_delete


class AccountsConfig(AppConfig):
    """Registers the package under its slug, and lets the audit log hear what people change of their own sign-in."""

    name = "dothi.core.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to allauth and to the ends of sessions, once their tables are known."""
        listening = import_module("dothi.core.accounts.listening")
        listening.connect()
        post_delete.connect(listening.hear_end, sender="sessions.Session", dispatch_uid="accounts.session_ended")
