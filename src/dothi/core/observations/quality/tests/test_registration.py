"""What is registered has its unit read and its quality configuration checked, wherever in a deep insert it stands."""

from typing import Any

import msgspec
import pytest

from dothi.core.observations import entities
from dothi.core.observations.entities.types import NewObservedProperty, NewThing
from dothi.core.observations.models import Datastream, Thing
from dothi.core.observations.service import Record
from dothi.kernel.errors import InvalidInput

BAD = {"qartod": {"gross_range_test": {"fail_span": [9, 1]}}}


def thing(**changes: Any) -> dict[str, Any]:
    datastream = {
        "name": "PM2.5",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "", "symbol": "µg/m³", "definition": ""},
        "Sensor": {"name": "s", "encodingType": "text/plain", "metadata": "m"},
        "ObservedProperty": {"name": "PM2.5", "definition": "https://example.org/pm25"},
        "properties": {"qartod": {"gross_range_test": {"fail_span": [-5, 400]}}},
    }
    return {"name": "station", "Datastreams": [datastream | changes]}


async def register(record: Record, body: dict[str, Any], kind: Any = NewThing) -> None:
    async with record.pool.connection() as connection:
        await entities.create(connection, msgspec.json.decode(msgspec.json.encode(body), type=kind))


async def test_a_unit_is_read_at_registration(record: Record) -> None:
    await register(record, thing())
    await register(record, thing(unitOfMeasurement={"name": "Bananas", "symbol": "bananas", "definition": ""}))
    codes = [row.ucum async for row in Datastream.objects.order_by("id")]
    assert codes == ["ug/m3", None]


@pytest.mark.parametrize(
    ("body", "kind", "place"),
    [
        (thing(properties=BAD), NewThing, "Datastreams[0]/properties/qartod/gross_range_test"),
        (
            thing(ObservedProperty={"name": "p", "definition": "d", "properties": BAD}),
            NewThing,
            "Datastreams[0]/ObservedProperty/properties/qartod/gross_range_test",
        ),
        (
            {"name": "p", "definition": "d", "properties": BAD},
            NewObservedProperty,
            "properties/qartod/gross_range_test",
        ),
    ],
)
async def test_a_bad_configuration_is_refused_and_nothing_is_made(
    record: Record, body: dict[str, Any], kind: Any, place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await register(record, body, kind)
    assert refused.value.place == place
    assert await Thing.objects.acount() == 0
