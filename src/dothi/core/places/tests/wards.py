"""A ward around a place, for tests of other packages: grants and views ask what stands in it."""

import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.rules.cells import as_multipolygon
from dothi.core.places.types import COMMUNE, PROVINCE, AreaDraft, Gazetteer
from dothi.kernel.manifest import Names

WARD, ABOVE = "25747", "74"
NAMES = Names(vi="Phú Lợi", en="Phu Loi")
HALF = 0.01


def make_ward(lon: float, lat: float, *, code: str = WARD, digest: str = "wards-1") -> None:
    """Record a ward of two hundredths of a degree around a place, below a province that has no shape of its own."""
    shape = as_multipolygon(shapely.box(lon - HALF, lat - HALF, lon + HALF, lat + HALF))
    kind = Names(vi="Phường", en="ward")
    areas = (
        AreaDraft(key="above", level=PROVINCE, code=ABOVE, names=NAMES, kind=kind),
        AreaDraft(key=code, level=COMMUNE, code=code, names=NAMES, kind=kind, parent="above", shape=shape),
    )
    service.load(SYSTEM, Gazetteer(source="the ward's office", digest=digest, areas=areas, successions=()))
