"""The door of places: which units there are, which one a point lies in, what the base map is, and what is taken in."""

from dothi.core.places.service.asking import get_area, list_areas, list_by_id, list_limits, search, shapes_of
from dothi.core.places.service.basemap import base_map, collection, keep_base_map, map_credits
from dothi.core.places.service.dossier import REACH_M, list_within, site_at, site_of_area, site_of_feature, site_within
from dothi.core.places.service.importing import carry_out, measure, names_left, overlaps, preview
from dothi.core.places.service.loading import is_loaded, load
from dothi.core.places.service.locating import Whereabouts, area_names_of, areas_of, locator, revision, whereabouts
from dothi.core.places.service.permissions import IMPORT, VIEW, as_of, today
from dothi.core.places.service.streets import find_streets

__all__ = [
    "IMPORT",
    "REACH_M",
    "VIEW",
    "Whereabouts",
    "area_names_of",
    "areas_of",
    "as_of",
    "base_map",
    "carry_out",
    "collection",
    "find_streets",
    "get_area",
    "is_loaded",
    "keep_base_map",
    "list_areas",
    "list_by_id",
    "list_limits",
    "list_within",
    "load",
    "locator",
    "map_credits",
    "measure",
    "names_left",
    "overlaps",
    "preview",
    "revision",
    "search",
    "shapes_of",
    "site_at",
    "site_of_area",
    "site_of_feature",
    "site_within",
    "today",
    "whereabouts",
]
