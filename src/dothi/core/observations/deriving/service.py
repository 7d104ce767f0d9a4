"""The door for analyses in the worker: they say what they derive, and write it as any device does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from django.conf import settings
from msgspec import Raw

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import service as observations
from dothi.core.observations.deriving import store
from dothi.core.observations.deriving.types import DerivedStream, DerivedThing
from dothi.core.observations.entities.types import NewDatastream, NewLocation, NewObservedProperty, NewSensor, NewThing
from dothi.core.observations.service import Record
from dothi.core.observations.types import NewObservation, Stored
from dothi.kernel import events
from dothi.kernel.events import Publish

# Synchronous, for jobs and watches. Each call writes through a short-lived writer of its own, so it suits what comes by
# the minute or the hour, not by the second.

T = TypeVar("T")
_CONNECTIONS: Final = 2
_MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def ensure_streams(
    actor: Actor, thing_ids: Sequence[int], stream: DerivedStream, *, publish: Publish = events.publish
) -> Mapping[int, int]:
    """Give the Datastream of an analysis for each Thing, by Thing; those that are not there are made. Audited.

    Whoever calls sees to it that no other process makes the same at the same time. Raises Unauthenticated or Forbidden,
    Unavailable.
    """
    accounts.require(actor, observations.CREATE_THING)
    found = store.find_streams(thing_ids, stream)
    for thing_id in [each for each in thing_ids if each not in found]:
        new = _datastream(thing_id, stream)
        [made] = _in_record(lambda record, new=new: record.create(actor, new), publish)  # type: ignore[misc]
        found[thing_id] = made.id
    return found


def ensure_thing(actor: Actor, wanted: DerivedThing, *, publish: Publish = events.publish) -> int:
    """Give the Thing that stands beside another one for what is derived of it, made if it isn't there. Audited.

    Raises NotFound for no such Thing to be about, Unauthenticated or Forbidden, Unavailable.
    """
    accounts.require(actor, observations.CREATE_THING)
    known = store.find_thing(wanted)
    if known is not None:
        return known
    about = observations.get_thing(actor, wanted.of)
    properties = {
        "kind": wanted.kind,
        "of": wanted.of,
        "derived": True,
        "public": about.is_public,
        "simulated": about.simulated,
    }
    places = []
    if about.lon is not None:
        point = {"type": "Point", "coordinates": [about.lon, about.lat]}
        places = [NewLocation(name=wanted.name, encoding_type="application/geo+json", location=_raw(point))]
    new = NewThing(name=wanted.name, properties=_raw(properties), locations=places)
    [made] = _in_record(lambda record: record.create(actor, new), publish)
    return made.id


def write(actor: Actor, rows: Sequence[NewObservation], *, publish: Publish = events.publish) -> list[Stored]:
    """Store what was derived; returns after the commit with an answer to each, in order.

    The same row twice is stored once. Raises what `Record.write` does.
    """
    if not rows:
        return []
    return _in_record(lambda record: record.write(actor, rows), publish)


def _in_record(work: Callable[[Record], Awaitable[T]], publish: Publish) -> T:
    async def run() -> T:
        record = Record(settings.DATABASE_URL, publish=publish, pool_size=_CONNECTIONS)
        await record.start()
        try:
            return await work(record)
        finally:
            await record.stop()

    return asyncio.run(run())


def _datastream(thing_id: int, stream: DerivedStream) -> NewDatastream:
    definition = f"urn:dothi:derived:{stream.by}"
    sensor_id, property_id = store.find_shared(stream.by, definition)
    mark = {"derived_by": stream.by}
    unit = {"name": stream.unit, "symbol": stream.symbol, "definition": f"ucum:{stream.ucum}"}
    return NewDatastream(
        name=stream.name,
        description=stream.description,
        properties=_raw(mark),
        observation_type=_MEASUREMENT,
        unit_of_measurement=_raw(unit),
        thing=NewThing(id=thing_id),
        sensor=NewSensor(
            id=sensor_id,
            name=stream.by,
            description=stream.description,
            encoding_type="text/plain",
            metadata=_raw(stream.description),
            properties=_raw(mark),
        ),
        observed_property=NewObservedProperty(
            id=property_id, name=stream.by, definition=definition, description=stream.description
        ),
    )


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))
