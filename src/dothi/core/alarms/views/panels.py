"""What alarms add to the pages of others."""

from collections.abc import Mapping
from typing import Any, Final

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service
from dothi.core.alarms.types import Filter
from dothi.core.alarms.views import words
from dothi.core.observations.labels import service as labels
from dothi.core.places.types import Site
from dothi.kernel.errors import Forbidden, Unauthenticated

LISTED: Final = 20


def dossier_panel(actor: Actor, subject: Site) -> Mapping[str, Any] | None:
    """Give the alarms in the queue of the Things at a place; None for a visitor, who sees no alarms."""
    try:
        things = [thing_id for thing_id, _ in labels.list_at(actor, subject)]
        page = service.list_alarms(actor, Filter(concerning=tuple(things)), limit=LISTED + 1) if things else None
    except (Forbidden, Unauthenticated):
        return None
    alarms = page.alarms if page else []
    return {
        "rows": [words.row_of(alarm, page.things.get(alarm.point.thing_id)) for alarm in alarms[:LISTED] if page],
        "has_more": len(alarms) > LISTED,
        "is_limited": actor.within(service.VIEW).is_limited,
    }
