"""SensorThings entities as any device registers them (OGC 18-088)."""

from typing import Final
from urllib.parse import quote

from simulators.outsider.web import Json, Web

API: Final = "/sensorthings/v1.1"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def ensure_shared(web: Web, entity_set: str, body: Json) -> int:
    """Find what several devices share by its name and description, or make it; gives its id. Raises NotYet."""
    condition = " and ".join(f"{name} eq '{body[name]}'" for name in ("name", "description"))
    found = web.get(f"{API}/{entity_set}?$filter={quote(condition, safe='')}&$top=1&$select=id")["value"]
    return int((found[0] if found else web.post(f"{API}/{entity_set}", body))["@iot.id"])
