"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
