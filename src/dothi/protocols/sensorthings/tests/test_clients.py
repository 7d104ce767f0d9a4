"""Other people's clients of the standard, each against a running server."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import frost_sta_client as frost
import istsos4_client as istsos
import pytest
import requests
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from geojson import Point

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def _stream_of(service: frost.SensorThingsService, thing: frost.Thing) -> frost.Datastream:
    sensor = frost.Sensor(name="meter", description="", encoding_type="text/plain", metadata="none")
    observed = frost.ObservedProperty(name="power", definition="urn:power", description="")
    service.create(sensor)
    service.create(observed)
    unit = frost.UnitOfMeasurement(name="watt", symbol="W", definition="W")
    stream = frost.Datastream(
        name="power", description="", observation_type=MEASUREMENT, unit_of_measurement=unit,
        thing=thing, sensor=sensor, observed_property=observed,
    )  # fmt: skip
    service.create(stream)
    return stream


def _drive_frost(url: str) -> dict[str, Any]:
    service = frost.SensorThingsService(url)
    place = frost.Location(
        name="pole", description="", location=Point((106.67, 11.05)), encoding_type="application/geo+json"
    )
    service.create(place)
    thing = frost.Thing(name="lamp", description="a lamp", properties={"kind": "Streetlight"}, locations=[place])
    service.create(thing)
    stream = _stream_of(service, thing)
    for hour in range(3):
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC).isoformat()
        service.create(frost.Observation(result=float(hour), phenomenon_time=moment, datastream=stream))
    values = DataArrayValue()
    components = {DataArrayValue.Property.PHENOMENON_TIME, DataArrayValue.Property.RESULT}
    values.components = components
    values.datastream = stream
    for hour in (3, 4):
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC).isoformat()
        values.add_observation(frost.Observation(result=float(hour), phenomenon_time=moment, datastream=stream))
    document = DataArrayDocument()
    document.add_data_array_value(values)
    service.observations().create(document)
    thing.description = "changed"
    service.update(thing)
    service.patch(thing, [{"op": "replace", "path": "/properties/kind", "value": "Lamp"}])
    found = service.things().find(thing.id)
    listed = service.observations().query().filter("result gt 0").orderby("phenomenonTime", "asc").top(2).list()
    results = [one.result for one in listed]
    whole = service.things().query().filter("name eq 'lamp'").expand("Datastreams($expand=Sensor),Locations").list()
    (expanded,) = whole.entities
    (of_thing,) = expanded.datastreams.entities
    places = [each.name for each in expanded.locations.entities]
    service.delete(stream)
    left = service.observations().query().list()
    return {
        "thing": (found.name, found.description, found.properties),
        "results": results,
        "expanded": (of_thing.name, of_thing.sensor.name, places),
        "left": [one.result for one in left],
    }


@pytest.mark.filterwarnings("ignore:furl.pathstr is deprecated:DeprecationWarning")
async def test_the_client_of_frost(url: str) -> None:
    found = await asyncio.to_thread(_drive_frost, url)
    assert found == {
        "thing": ("lamp", "changed", {"kind": "Lamp"}),
        "results": [1, 2, 3, 4],
        "expanded": ("power", "meter", ["pole"]),
        "left": [],
    }


def _drive_istsos(url: str) -> dict[str, Any]:
    with istsos.Client(url, max_retries=0) as service:
        place = istsos.Location(
            name="pole", description="", encoding_type="application/geo+json",
            location={"type": "Point", "coordinates": [106.67, 11.05]},
        )  # fmt: skip
        thing = service.post(istsos.Thing(name="gauge", description="d", locations=[place]))
        sensor = service.post(istsos.Sensor(name="s", description="", encoding_type="text/plain", metadata="m"))
        observed = service.post(istsos.ObservedProperty(name="level", description="", definition="urn:level"))
        unit = istsos.UnitOfMeasurement(name="metre", symbol="m", definition="m")
        stream = service.post(
            istsos.Datastream(
                name="level", description="", unit_of_measurement=unit, observation_type=MEASUREMENT,
                thing=thing, sensor=sensor, observed_property=observed,
            )
        )  # fmt: skip
        times = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(5)]
        made = [
            service.post(istsos.Observation(phenomenon_time=time, result=number, datastream=stream))
            for number, time in enumerate(times)
        ]
        service.patch(istsos.Observation(iot_id=made[0].iot_id, result=9))
        assert stream.iot_id is not None
        whole = service.get(istsos.Datastream, stream.iot_id, expand="Thing")
        listed = service.list(istsos.Observation, filter="result ge 2", orderby="phenomenonTime asc", top=2)
        assert made[1].iot_id is not None
        service.delete(istsos.Observation, made[1].iot_id)
        with pytest.raises(requests.HTTPError):
            service.get(istsos.Observation, made[1].iot_id)
        assert thing.iot_id is not None
        service.delete(istsos.Thing, thing.iot_id)
        left = service.list(istsos.Datastream)
        return {"thing": whole.thing, "results": [one.result for one in listed], "left": left}


async def test_the_client_of_istsos(url: str) -> None:
    found = await asyncio.to_thread(_drive_istsos, url)
    assert found["thing"].name == "gauge"
    assert (found["results"], found["left"]) == ([9, 2, 3, 4], [])
