"""The pages of alarms."""

from dothi.core.alarms.views.deeds import (
    acknowledge,
    acknowledge_many,
    remove_from_service,
    return_to_service,
    shelve,
    unshelve,
)
from dothi.core.alarms.views.pages import show_alarm, show_queue
from dothi.core.alarms.views.panels import dossier_panel

__all__ = [
    "acknowledge",
    "acknowledge_many",
    "dossier_panel",
    "remove_from_service",
    "return_to_service",
    "shelve",
    "show_alarm",
    "show_queue",
    "unshelve",
]
