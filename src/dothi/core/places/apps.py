"""Places as a Django app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Registers the package under its slug."""

    name = "dothi.core.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
