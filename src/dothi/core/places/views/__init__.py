"""The pages of places, and what its manifest names of them."""

from dothi.core.places.views.areas import send_areas, show_area, show_areas
from dothi.core.places.views.dossier import show_dossier
from dothi.core.places.views.finding import find_areas, find_features, find_streets

__all__ = ["find_areas", "find_features", "find_streets", "send_areas", "show_area", "show_areas", "show_dossier"]
