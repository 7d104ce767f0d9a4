"""The shell as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Names the app."""

    name = "dothi.web"
    label = "web"
    verbose_name = "Web"
