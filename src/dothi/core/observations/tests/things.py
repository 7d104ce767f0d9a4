"""Registered Things for the tests of every package: a pytest plugin, so that no domain's tests touch core's tables."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from django.contrib.gis.geos import Point

from dothi.kernel import clock

RegisterThing = Callable[..., int]


@pytest.fixture
def register_thing(db: None) -> RegisterThing:
    """Register a Thing; gives its id.

    It has newest readings, as (value, unit) by Datastream name, all of one moment, and can be told what the names of
    `capabilities` say, each with its taskingParameters.
    """
    from dothi.core.observations import models  # noqa: PLC0415 (needs Django to be set up)

    def register(
        name: str,
        *,
        kind: str,
        readings: Mapping[str, tuple[float, str]] | None = None,
        at: datetime | None = None,
        simulated: bool = True,
        is_public: bool = True,
        department: str = "",
        capabilities: Mapping[str, Mapping[str, object]] | None = None,
    ) -> int:
        place = models.Location.objects.create(
            name=name, encoding_type="application/geo+json", location={}, geom=Point(106.67, 11.05)
        )
        properties = {"kind": kind, "simulated": simulated, "public": is_public}
        thing = models.Thing.objects.create(
            name=name, properties=properties, is_public=is_public, department=department
        )
        thing.locations.add(place)
        sensor = models.Sensor.objects.create(name=name, encoding_type="text/plain", metadata="")
        for stream, (value, unit) in (readings or {}).items():
            datastream = models.Datastream.objects.create(
                name=stream, thing=thing, sensor=sensor, observation_type="", unit={"symbol": unit}
            )
            models.LatestObservation.objects.create(
                datastream=datastream, result=value, phenomenon_time=at or clock.now()
            )
        add_capabilities(int(thing.pk), capabilities or {})
        return int(thing.pk)

    return register


def add_capabilities(thing_id: int, capabilities: Mapping[str, Mapping[str, object]]) -> None:
    """Let a Thing be told what the names of `capabilities` say, each with its taskingParameters."""
    from dothi.core.observations import models  # noqa: PLC0415 (needs Django to be set up)

    if capabilities:
        actuator = models.Actuator.objects.create(name="driver", encoding_type="text/plain", metadata="")
        models.TaskingCapability.objects.bulk_create(
            models.TaskingCapability(name=each, thing_id=thing_id, actuator=actuator, parameters=parameters)
            for each, parameters in capabilities.items()
        )
