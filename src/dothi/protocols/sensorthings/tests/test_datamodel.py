"""Each kind of entity as the standard's tables have it: its properties, its relations, its control information."""

from typing import Any

import httpx
import pytest

from dothi.protocols.sensorthings.tests.city import POINT, datastream, get, ids, location, make

GEOJSON = "application/geo+json"
NAMED = {"name": "a", "description": "b", "properties": {"c": 1}}
MODEL: dict[str, tuple[set[str], set[str]]] = {
    "Things": (
        {"name", "description", "properties"},
        {"Locations", "HistoricalLocations", "Datastreams", "MultiDatastreams", "TaskingCapabilities"},
    ),
    "Locations": (
        {"name", "description", "encodingType", "location", "properties"},
        {"Things", "HistoricalLocations"},
    ),
    "HistoricalLocations": ({"time"}, {"Thing", "Locations"}),
    "Datastreams": (
        {
            "name", "description", "unitOfMeasurement", "observationType", "observedArea", "phenomenonTime",
            "resultTime", "properties",
        },
        {"Thing", "Sensor", "ObservedProperty", "Observations"},
    ),
    "MultiDatastreams": (
        {
            "name", "description", "unitOfMeasurements", "observationType", "multiObservationDataTypes",
            "observedArea", "phenomenonTime", "resultTime", "properties",
        },
        {"Thing", "Sensor", "ObservedProperties", "Observations"},
    ),
    "Sensors": (
        {"name", "description", "encodingType", "metadata", "properties"},
        {"Datastreams", "MultiDatastreams"},
    ),
    "ObservedProperties": (
        {"name", "definition", "description", "properties"},
        {"Datastreams", "MultiDatastreams"},
    ),
    "Observations": (
        {"phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"},
        {"Datastream", "FeatureOfInterest"},
    ),
    "FeaturesOfInterest": ({"name", "description", "encodingType", "feature", "properties"}, {"Observations"}),
    "Actuators": ({"name", "description", "encodingType", "metadata", "properties"}, {"TaskingCapabilities"}),
    "TaskingCapabilities": ({"name", "description", "taskingParameters", "properties"}, {"Thing", "Actuator", "Tasks"}),
}  # fmt: skip
"""The properties and relations of each entity (OGC 18-088, clauses 8.2 and 14; 17-079r1, clause 8), by its set."""


def _thing() -> dict[str, Any]:
    area = {"type": "Polygon", "coordinates": [[[106, 11], [107, 11], [107, 12], [106, 11]]]}
    hour = "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z"
    seen = {
        "phenomenonTime": hour, "resultTime": "2026-01-01T01:00:00Z", "resultQuality": {"flag": "good"},
        "validTime": hour, "parameters": {"height": 2},
        "FeatureOfInterest": NAMED | {"encodingType": GEOJSON, "feature": POINT},
    }  # fmt: skip
    sensor = NAMED | {"encodingType": "text/plain", "metadata": "m"}
    observed = NAMED | {"definition": "urn:d"}
    common = NAMED | {"Sensor": sensor, "observedArea": area, "observationType": "urn:t"}
    single = {"unitOfMeasurement": {"symbol": "W"}, "ObservedProperty": observed}
    several = {
        "unitOfMeasurements": [{"symbol": "W"}, {"symbol": "V"}],
        "multiObservationDataTypes": ["urn:a", "urn:b"],
        "ObservedProperties": [observed, observed],
    }
    return NAMED | {
        "Locations": [location("pole") | NAMED],
        "Datastreams": [common | single | {"Observations": [{"result": 1} | seen]}],
        "MultiDatastreams": [common | several | {"Observations": [{"result": [1, 2]} | seen]}],
        "TaskingCapabilities": [NAMED | {"taskingParameters": {"type": "DataRecord", "field": []}, "Actuator": sensor}],
    }


async def test_each_kind_has_what_the_standard_says(client: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    await make(client, "Things", _thing())
    for name, (properties, relations) in MODEL.items():
        with subtests.test(name):
            number = min(await ids(client, name))
            found = await get(client, f"{name}({number})")
            address = f"http://city.test/v1.1/{name}({number})"
            assert found["@iot.id"] == number
            assert found["@iot.selfLink"] == address
            links = {f"{relation}@iot.navigationLink": f"{address}/{relation}" for relation in relations}
            assert found.keys() == {"@iot.id", "@iot.selfLink", *properties, *links}
            assert {key: found[key] for key in links} == links
            for relation in relations:
                led = await get(client, f"{name}({number})/{relation}")
                to_many = f"/{relation}" in {f"/{other}" for other in MODEL} | {"/Tasks"}
                assert isinstance(led["value"], list) if to_many else led["@iot.id"] > 0


async def test_what_is_mandatory_must_be_given(client: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    place = location("pole")
    mandatory: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("Things", {"name": "a"}, ("name",)),
        ("Locations", place, ("name", "encodingType", "location")),
        ("Sensors", {"name": "a", "encodingType": "t", "metadata": "m"}, ("name", "encodingType", "metadata")),
        ("ObservedProperties", {"name": "a", "definition": "d"}, ("name", "definition")),
        (
            "FeaturesOfInterest",
            {"name": "a", "encodingType": GEOJSON, "feature": POINT},
            ("name", "encodingType", "feature"),
        ),
        (
            "Datastreams",
            datastream("power") | {"Thing": {"name": "t"}},
            ("name", "unitOfMeasurement", "observationType", "Thing", "Sensor", "ObservedProperty"),
        ),
        ("HistoricalLocations", {"time": "2026-01-01T00:00:00Z", "Thing": {"name": "t"}}, ("time", "Thing")),
    ]
    for path, body, names in mandatory:
        for name in names:
            with subtests.test(f"{path} without {name}"):
                answer = await client.post(path, json={key: value for key, value in body.items() if key != name})
                assert answer.status_code == 400, answer.text
                assert answer.json()["place"].endswith(name)
        assert (await client.post(path, json=body)).status_code == 201
