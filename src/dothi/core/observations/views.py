"""What the search finds of the record: Things, by name."""

from dothi.core.accounts.types import Actor
from dothi.core.observations.labels import service as labels
from dothi.core.observations.labels.types import ThingLabel
from dothi.core.places import service as places
from dothi.core.places.views.links import dossier_at
from dothi.kernel.search import Asked, Hit

BARE = "/sensorthings/v1.1/Things({})"
"""Where a Thing without a place is described."""


def find_things(actor: Actor, asked: Asked) -> list[Hit]:
    """Find Things by name; each leads to the dossier of its place."""
    found = labels.find_things(actor, asked)
    at = labels.locate_things([each.id for each in found])
    placed = [each.id for each in found if each.id in at]
    wards = places.area_names_of([at[each][0] for each in placed], [at[each][1] for each in placed], on=asked.on)
    return [_hit(each, at.get(each.id), dict(zip(placed, wards, strict=True)).get(each.id, "")) for each in found]


def _hit(thing: ThingLabel, at: tuple[float, float] | None, ward: str) -> Hit:
    lon, lat = at or (None, None)
    return Hit(
        name=thing.name,
        address=BARE.format(thing.id) if at is None else f"{dossier_at(*at)}&thing={thing.id}",
        where=ward,
        note=thing.kind,
        lon=lon,
        lat=lat,
    )
