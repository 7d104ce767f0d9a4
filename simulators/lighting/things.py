"""Lamps and cabinets as SensorThings Things (OGC 18-088), with what can be told and commanded of them."""

from collections.abc import Callable, Mapping
from typing import Final

from simulators.lighting.fleet import PHASES, Fleet, Street
from simulators.outsider.entities import MEASUREMENT
from simulators.outsider.web import Json

LAMP: Final = "Streetlight"
CABINET: Final = "StreetlightControlCabinet"
ILLUSTRATIVE: Final = "Simulated; its place on a schematic street line is illustrative."
PERCENT: Final = {"type": "AllowedValues", "interval": [[0, 100]]}
LIGHT: Final = "light"
PROGRAM: Final = "program"

Stream = tuple[str, str, str, str, str]
"""Name, the unit's name, symbol and UCUM code, and the observed property."""
LAMP_STREAMS: Final[tuple[Stream, ...]] = (
    ("power", "watt", "W", "W", "active power"),
    ("energy", "kilowatt hour", "kWh", "kW.h", "active energy"),
    ("light level", "percent", "%", "%", "light level"),
    ("voltage", "volt", "V", "V", "mains voltage"),
    ("operating hours", "hour", "h", "h", "operating time"),
    ("flags", "one", "1", "1", "controller flags"),
)
"""In the order of `Frame`."""
CABINET_STREAMS: Final[tuple[Stream, ...]] = tuple(
    [(f"voltage {phase}", "volt", "V", "V", "mains voltage") for phase in PHASES]
    + [(f"current {phase}", "ampere", "A", "A", "current") for phase in PHASES]
)
OBSERVED: Final = tuple(dict.fromkeys(observed for *_, observed in (*LAMP_STREAMS, *CABINET_STREAMS)))
SENSORS: Final = ("lamp controller", "cabinet controller")
ACTUATORS: Final = ("lamp driver", "cabinet switchgear")


def observed_property(name: str) -> Json:
    """Write an ObservedProperty; all devices share it."""
    return {"name": name, "description": name, "definition": f"urn:dothi:simulated:{name.replace(' ', '-')}"}


def equipment(name: str) -> Json:
    """Write a Sensor or an Actuator: a type of controller or of what it acts on."""
    return {
        "name": name,
        "description": f"A simulated {name}.",
        "encodingType": "text/html",
        "metadata": "https://docs.ogc.org/is/18-088/18-088.html",
    }


class Writer:
    """Writes Things for one deep insert each, with links to what they share; `ids` has those of each entity set."""

    def __init__(self, fleet: Fleet, ids: Mapping[str, Mapping[str, int]], *, is_public: bool = True) -> None:
        self._fleet = fleet
        self._is_public = is_public
        self._observed = ids["ObservedProperties"]
        self._sensors = ids["Sensors"]
        self._actuators = ids.get("Actuators", {})

    def lamp(self, number: int) -> Json:
        """Write one lamp."""
        fleet = self._fleet
        street = fleet.streets[int(fleet.street[number])]
        own = {
            "kind": LAMP,
            "serial": fleet.serials[number],
            **_street(street),
            "cabinet": fleet.cabinet_serials[int(fleet.cabinet[number])],
            "phase": PHASES[int(fleet.phase[number])],
            "rated_power_w": float(fleet.rated_w[number]),
        }
        place = (float(fleet.lon[number]), float(fleet.lat[number]))
        thing = self._thing(fleet.names[number], own, place, LAMP_STREAMS, SENSORS[0])
        return self._with(thing, ACTUATORS[0], light_capability)

    def cabinet(self, number: int) -> Json:
        """Write one cabinet."""
        fleet = self._fleet
        street = fleet.streets[int(fleet.cabinet_street[number])]
        own = {"kind": CABINET, "serial": fleet.cabinet_serials[number], **_street(street)}
        place = (float(fleet.cabinet_lon[number]), float(fleet.cabinet_lat[number]))
        name = fleet.cabinet_names[number]
        thing = self._thing(name, own, place, CABINET_STREAMS, SENSORS[1])
        return self._with(thing, ACTUATORS[1], program_capability)

    def _with(self, thing: Json, actuator: str, capability: Callable[[int], Json]) -> Json:
        """Add what a Thing can be told, where the platform takes that."""
        if actuator in self._actuators:
            thing["TaskingCapabilities"] = [capability(self._actuators[actuator])]
        return thing

    def _thing(
        self, name: str, own: Json, place: tuple[float, float], streams: tuple[Stream, ...], sensor_name: str
    ) -> Json:
        return {
            "name": name,
            "description": ILLUSTRATIVE,
            "properties": {**own, "simulated": True, "public": self._is_public, "illustrative": True},
            "Locations": [
                {
                    "name": name,
                    "description": ILLUSTRATIVE,
                    "encodingType": "application/geo+json",
                    "location": {"type": "Point", "coordinates": list(place)},
                }
            ],
            "Datastreams": [self._datastream(each, sensor_name) for each in streams],
        }

    def _datastream(self, stream: Stream, sensor_name: str) -> Json:
        name, unit, symbol, ucum, observed = stream
        return {
            "name": name,
            "description": f"{observed}, each minute",
            "observationType": MEASUREMENT,
            "unitOfMeasurement": {
                "name": unit,
                "symbol": symbol,
                "definition": f"http://unitsofmeasure.org/ucum#{ucum}",
            },
            "Sensor": {"@iot.id": self._sensors[sensor_name]},
            "ObservedProperty": {"@iot.id": self._observed[observed]},
        }


def light_capability(actuator_id: int) -> Json:
    """Write what a lamp can be told (OGC 17-079r1): a level, perhaps until a time, or to go back to its programme."""
    fields = [
        _field("level", "Quantity", "light level in percent", uom={"code": "%"}, constraint=PERCENT),
        _field("until", "Time", "until when the level holds; without it, until the lamp is resumed"),
        _field("resume", "Boolean", "true: go back to the light programme"),
    ]
    return _capability(LIGHT, "Override of the lamp's light level.", fields, actuator_id)


def program_capability(actuator_id: int) -> Json:
    """Write what a cabinet can be told: the light programme of its lamps."""
    fields = [
        _field("on_offset_min", "Quantity", "minutes after sunset", uom={"code": "min"}),
        _field("off_offset_min", "Quantity", "minutes after sunrise", uom={"code": "min"}),
        _field("steps", "DataArray", "steps through the night: local time and level in percent"),
        _field("zone", "Text", "the time zone of the steps"),
    ]
    return _capability(PROGRAM, "The light programme of the cabinet's lamps.", fields, actuator_id)


def _capability(name: str, description: str, fields: list[Json], actuator_id: int) -> Json:
    return {
        "name": name,
        "description": description,
        "taskingParameters": {"type": "DataRecord", "field": fields},
        "Actuator": {"@iot.id": actuator_id},
    }


def _field(name: str, kind: str, description: str, **more: object) -> Json:
    return {"name": name, "label": name, "type": kind, "description": description, "optional": True, **more}


def _street(street: Street) -> Json:
    return {
        "street": street.slug,
        "street_name": street.name,
        "programme": street.programme,
        "programme_name": street.programme_name,
    }
