"""Reads the bodies of requests that make entities, with what the path says of their parent."""

from typing import Any, Final

import msgspec
from starlette.requests import Request

from dothi.core.observations.entities.types import (
    Creatable,
    NewActuator,
    NewDatastream,
    NewFeatureOfInterest,
    NewHistoricalLocation,
    NewLocation,
    NewMultiDatastream,
    NewObservedProperty,
    NewSensor,
    NewTaskingCapability,
    NewThing,
)
from dothi.core.observations.query.types import Step
from dothi.kernel.errors import InvalidInput, NotFound, TooLarge

MAX_ENTITY_BYTES: Final = 2_000_000
"""The largest body that makes entities."""
MAX_OBSERVATIONS_BYTES: Final = 64_000_000
"""The largest body of Observations."""

_LENGTH_DIGITS: Final = 18
"""A Content-Length of more digits is too large, whatever it says."""

_KINDS: Final[dict[str, type[Creatable]]] = {
    "Things": NewThing,
    "Locations": NewLocation,
    "HistoricalLocations": NewHistoricalLocation,
    "Sensors": NewSensor,
    "ObservedProperties": NewObservedProperty,
    "Datastreams": NewDatastream,
    "MultiDatastreams": NewMultiDatastream,
    "FeaturesOfInterest": NewFeatureOfInterest,
    "Actuators": NewActuator,
    "TaskingCapabilities": NewTaskingCapability,
}
_PARENTS: Final[dict[tuple[str, str], tuple[str, bool]]] = {
    ("Things", "Locations"): ("things", True),
    ("Things", "HistoricalLocations"): ("thing", False),
    ("Things", "Datastreams"): ("thing", False),
    ("Things", "MultiDatastreams"): ("thing", False),
    ("Locations", "Things"): ("locations", True),
    ("Locations", "HistoricalLocations"): ("locations", True),
    ("Sensors", "Datastreams"): ("sensor", False),
    ("Sensors", "MultiDatastreams"): ("sensor", False),
    ("ObservedProperties", "Datastreams"): ("observed_property", False),
    ("Things", "TaskingCapabilities"): ("thing", False),
    ("Actuators", "TaskingCapabilities"): ("actuator", False),
}
"""Which field a new entity's parent goes into, and whether there may be more of it."""
_decoders: Final = {name: msgspec.json.Decoder(kind) for name, kind in _KINDS.items()}


async def read_body(request: Request, *, limit: int) -> bytes:
    """Read a body up to a limit in bytes, and no further. Raises TooLarge, InvalidInput."""
    said = request.headers.get("content-length", "0")
    too_large = TooLarge(f"the body is larger than {limit} bytes", place="body")
    if not (said.isascii() and said.isdigit()):
        raise InvalidInput("Content-Length is no number", place="Content-Length")
    if len(said) > _LENGTH_DIGITS or int(said) > limit:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def decode_entity(steps: tuple[Step, ...], body: bytes) -> Creatable:
    """Read a new entity of the set that a path ends with. Raises NotFound for no such set, InvalidInput."""
    last = steps[-1]
    if last.name not in _decoders or last.id is not None:
        raise NotFound(f"nothing can be made at {last.name}")
    new: Creatable = decode(_decoders[last.name], body)
    return new if len(steps) == 1 else _of_parent(new, steps[-2], last.name)


def decoder_of(name: str) -> Any:  # noqa: ANN401  what it gives depends on the name
    """Give the decoder of new entities of a set. Raises InvalidInput for one that is not changed so."""
    if name not in _decoders:
        raise InvalidInput(f"{name} are not changed", place=name)
    return _decoders[name]


def decode(decoder: Any, body: bytes) -> Any:  # noqa: ANN401  what it gives is the decoder's
    """Decode JSON. Raises InvalidInput with the place as msgspec names it: `$.Datastreams[0].name`."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message, _, place = str(error).partition(" - at ")
        raise InvalidInput(f"the body can't be read: {message}", place=place.strip("`") or "body") from error


def _of_parent(new: Creatable, parent: Step, name: str) -> Creatable:
    found = _PARENTS.get((parent.name, name))
    if found is None or parent.id is None:
        raise NotFound(f"nothing can be made at {parent.name}/{name}")
    field, many = found
    given = getattr(new, field)
    link = _KINDS[parent.name](id=parent.id)
    if given and (many or given.id != parent.id):
        raise InvalidInput(f"the body and the address both name {parent.name}", place=field)
    return msgspec.structs.replace(new, **{field: [link] if many else link})
