"""The service's front page: its entity sets and what it keeps of the standard."""

from typing import Final

import msgspec

from dothi.core.observations.query.tables import BY_SET
from dothi.core.observations.query.types import DEFAULT_TOP, MAX_EXPAND_DEPTH, MAX_EXPANDED_TOP, MAX_TOP
from dothi.protocols.sensorthings.versions import FIRST_SETS, is_first

_SENSING: Final = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
_TASKING: Final = "http://www.opengis.net/spec/iot_tasking/1.0/req/"
_CREATE_BY_MQTT: Final = _SENSING + "create-observations-via-mqtt/observations-creation"
_RECEIVE_BY_MQTT: Final = _SENSING + "receive-updates-via-mqtt/receive-updates"
CONFORMANCE: Final = tuple(
    _SENSING + name
    for name in (
        "datamodel",
        "datamodel/thing/properties",
        "datamodel/thing/relations",
        "datamodel/location/properties",
        "datamodel/location/relations",
        "datamodel/historical-location/properties",
        "datamodel/historical-location/relations",
        "datamodel/datastream/properties",
        "datamodel/datastream/relations",
        "datamodel/sensor/properties",
        "datamodel/sensor/relations",
        "datamodel/observed-property/properties",
        "datamodel/observed-property/relations",
        "datamodel/observation/properties",
        "datamodel/observation/relations",
        "datamodel/feature-of-interest/properties",
        "datamodel/feature-of-interest/relations",
        "datamodel/entity-control-information/common-control-information",
        "resource-path/resource-path-to-entities",
        "request-data/order",
        "request-data/expand",
        "request-data/select",
        "request-data/status-code",
        "request-data/query-status-code",
        "request-data/orderby",
        "request-data/skip",
        "request-data/top",
        "request-data/count",
        "request-data/filter",
        "request-data/built-in-filter-operations",
        "request-data/built-in-query-functions",
        "request-data/pagination",
        "create-update-delete/create-entity",
        "create-update-delete/link-to-existing-entities",
        "create-update-delete/deep-insert",
        "create-update-delete/deep-insert-status-code",
        "create-update-delete/update-entity",
        "create-update-delete/update-entity-put",
        "create-update-delete/update-entity-jsonpatch",
        "create-update-delete/delete-entity",
        "create-update-delete/historical-location-auto-creation",
        "create-update-delete/historical-location-manual-creation",
        "batch-request/batch-request",
        "multi-datastream/properties",
        "multi-datastream/relations",
        "multi-datastream/constraints",
        "data-array/data-array",
        "create-observations-via-mqtt/observations-creation",
        "receive-updates-via-mqtt/receive-updates",
    )
) + tuple(
    _TASKING + name
    for name in (
        "tasking-capability/properties",
        "tasking-capability/relations",
        "task/properties",
        "task/relations",
        "actuator/properties",
        "actuator/relations",
        "create-tasks/task-creation",
    )
)
"""The requirements of OGC 18-088 and 17-079r1 that are kept in full.

Over MQTT devices publish to one broker and subscribers listen to another. Not in full: Tasks made by it.
"""


class Brokers(msgspec.Struct, frozen=True):
    """The addresses at which devices publish and subscribers listen, without a password; "" for none."""

    devices: str = ""
    subscribers: str = ""


def page(base: str, brokers: Brokers) -> bytes:
    """Give the front page as JSON; `base` is the service's address without a slash at its end.

    That of version 1.0 has the entity sets of that version alone, and no word of conformance.
    """
    if is_first(base):
        return msgspec.json.encode({"value": [_set(name, base) for name in FIRST_SETS]})
    endpoints = {_CREATE_BY_MQTT: brokers.devices, _RECEIVE_BY_MQTT: brokers.subscribers}
    return msgspec.json.encode(
        {
            "value": [_set(name, base) for name in BY_SET],
            "serverSettings": {
                "conformance": CONFORMANCE,
                **{name: {"endpoints": [address]} for name, address in endpoints.items() if address},
                "limits": {
                    "top": {"default": DEFAULT_TOP, "maximum": MAX_TOP, "maximumExpanded": MAX_EXPANDED_TOP},
                    "expand": {"depth": MAX_EXPAND_DEPTH},
                },
            },
        }
    )


def _set(name: str, base: str) -> dict[str, str]:
    return {"name": name, "url": f"{base}/{name}"}
