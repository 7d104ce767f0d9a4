"""Registered Things for the tests of every package: a pytest plugin, so that no domain's tests touch core's tables."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from django.contrib.gis.geos import Point

from dothi.core.observations.partitions import day_of
from dothi.kernel import clock

RegisterThing = Callable[..., int]
WriteSeries = Callable[..., None]


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
        place: tuple[float, float] = (106.67, 11.05),
        capabilities: Mapping[str, Mapping[str, object]] | None = None,
        properties: Mapping[str, object] | None = None,
    ) -> int:
        location = models.Location.objects.create(
            name=name, encoding_type="application/geo+json", location={}, geom=Point(*place)
        )
        own = {"kind": kind, "simulated": simulated, "public": is_public, **(properties or {})}
        thing = models.Thing.objects.create(name=name, properties=own, is_public=is_public, department=department)
        thing.locations.add(location)
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


@pytest.fixture
def write_series(db: None) -> WriteSeries:
    """Put Observations into the record, as moments and numbers, for a Thing's Datastream of a name.

    They carry `parameters` where given. Everything goes with the test's transaction, the partitions too.
    """
    from django.db import connection  # noqa: PLC0415 (needs Django to be set up)

    def write(thing_id: int, name: str, values: Mapping[datetime, float], *, parameters: str | None = None) -> None:
        with connection.cursor() as cursor:
            for span in sorted({day_of(at) for at in values}):
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {span.table} PARTITION OF observations_observation"
                    f" FOR VALUES FROM ('{span.begin.isoformat()}') TO ('{span.end.isoformat()}')"
                )
            cursor.execute(
                "INSERT INTO observations_observation"
                " (id, datastream_id, phenomenon_time, result, fingerprint, parameters)"
                " SELECT 0, d.id, v.at, v.result, 0, %s::jsonb FROM observations_datastream d,"
                " unnest(%s::timestamptz[], %s::float8[]) AS v(at, result) WHERE d.thing_id = %s AND d.name = %s",
                [parameters, list(values), [float(value) for value in values.values()], thing_id, name],
            )

    return write


def add_capabilities(thing_id: int, capabilities: Mapping[str, Mapping[str, object]]) -> None:
    """Let a Thing be told what the names of `capabilities` say, each with its taskingParameters."""
    from dothi.core.observations import models  # noqa: PLC0415 (needs Django to be set up)

    if capabilities:
        actuator = models.Actuator.objects.create(name="driver", encoding_type="text/plain", metadata="")
        models.TaskingCapability.objects.bulk_create(
            models.TaskingCapability(name=each, thing_id=thing_id, actuator=actuator, parameters=parameters)
            for each, parameters in capabilities.items()
        )
