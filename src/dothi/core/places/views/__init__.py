"""The pages of places, and what its manifest names of them."""

from dothi.core.places.views.areas import send_areas, show_area, show_areas
from dothi.core.places.views.dossier import dossier_panel, show_dossier
from dothi.core.places.views.finding import find_areas, find_features, find_streets
from dothi.core.places.views.questions import (
    drop_question,
    keep_question,
    send_csv,
    send_geojson,
    show_question,
    show_questions,
)

__all__ = [
    "dossier_panel",
    "drop_question",
    "find_areas",
    "find_features",
    "find_streets",
    "keep_question",
    "send_areas",
    "send_csv",
    "send_geojson",
    "show_area",
    "show_areas",
    "show_dossier",
    "show_question",
    "show_questions",
]
