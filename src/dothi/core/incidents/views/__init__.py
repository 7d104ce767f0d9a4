"""The pages of work orders, at a desk and on the crew's phone."""

from dothi.core.incidents.types import Deed
from dothi.core.incidents.views.crew import show_crew, show_crew_order
from dothi.core.incidents.views.deeds import view_of
from dothi.core.incidents.views.issuing import issue_order
from dothi.core.incidents.views.pages import show_order, show_photo, show_queue
from dothi.core.incidents.views.panels import alarm_panel, dossier_panel

DEEDS = {deed: view_of(deed) for deed in Deed if deed is not Deed.ISSUE}

__all__ = [
    "DEEDS",
    "alarm_panel",
    "dossier_panel",
    "issue_order",
    "show_crew",
    "show_crew_order",
    "show_order",
    "show_photo",
    "show_queue",
]
