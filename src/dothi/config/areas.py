"""Brings the units that the city's settings name into the record, when the schema is up to date."""

import json
import logging

import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.feeds import vietnam
from dothi.kernel.city import City
from dothi.kernel.errors import DothiError

log = logging.getLogger(__name__)


def load(city: City) -> None:
    """Take in the city's units, if it names any and they are not there; a source that fails stops nothing else."""
    if city.areas is None:
        return
    outline = outline_of(city)
    try:
        if not service.is_loaded(vietnam.digest(city.areas, outline)):
            service.load(SYSTEM, vietnam.read(city.areas, outline))
    except DothiError as error:
        log.error("the areas of %s could not be loaded: %s", city.id, error)


def outline_of(city: City) -> shapely.Geometry:
    """Give the outline that the city's base map draws, else its bounds; WGS 84."""
    features = json.loads(city.base_map.read_text("utf-8"))["features"]
    drawn = next((each for each in features if each["properties"].get("kind") == "outline"), None)
    return shapely.box(*city.bounds) if drawn is None else shapely.from_geojson(json.dumps(drawn["geometry"]))
