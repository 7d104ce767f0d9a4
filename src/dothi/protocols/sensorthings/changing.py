"""What a change asks for: PATCH, PUT and JSON Patch, applied to the document that an entity is (OGC 18-088, 10.3)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import jsonpatch
import msgspec
from jsonpointer import JsonPointerException

from dothi.core.observations.entities.types import Creatable
from dothi.core.observations.query.tables import TABLES
from dothi.core.observations.query.types import Entity
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import Conflict, InvalidInput
from dothi.protocols.sensorthings import observation
from dothi.protocols.sensorthings.bodies import MAX_ENTITY_BYTES, decode, decoder_of

MAX_OPERATIONS: Final = 100
"""How many operations one JSON Patch may have: each may double what it copies."""
_ID: Final = "@iot.id"
_NOT_OWN: Final = ("@iot.selfLink", "@iot.navigationLink", "@iot.associationLink", "@iot.nextLink", "@iot.count")
Document = dict[str, Any]


class How(StrEnum):
    """How a body says what changes."""

    PATCH = "patch"
    MERGE = "merge"
    OPERATIONS = "operations"
    PUT = "put"


def how_of(method: str, content_type: str) -> How:
    """Tell how a request changes: by its method, and of PATCH by the type of its body."""
    if method == "PUT":
        return How.PUT
    kind = content_type.partition(";")[0].strip().lower()
    kinds = {"application/json-patch+json": How.OPERATIONS, "application/merge-patch+json": How.MERGE}
    return kinds.get(kind, How.PATCH)


def revision(entity: Entity, entity_id: int, body: bytes, how: How) -> Callable[[bytes], Creatable]:
    """Give the function from what an entity is to what it is to be. Raises InvalidInput for a body that is none."""
    apply = _application(entity, entity_id, body, how)
    decoder = decoder_of(TABLES[entity].set_name)

    def revise(document: bytes) -> Creatable:
        new: Creatable = decode(decoder, msgspec.json.encode(apply(msgspec.json.decode(document))))
        return new

    return revise


def amendment(entity_id: int, body: bytes, how: How) -> Callable[[bytes], NewObservation]:
    """Do what `revision` does, for an Observation."""
    apply = _application(Entity.OBSERVATION, entity_id, body, how)

    def amend(document: bytes) -> NewObservation:
        changed = {name: value for name, value in apply(msgspec.json.decode(document)).items() if value is not None}
        return observation.decode(msgspec.json.encode(changed))

    return amend


def _application(entity: Entity, entity_id: int, body: bytes, how: How) -> Callable[[Document], Document]:
    given = decode(msgspec.json.Decoder(), body)
    if how is How.OPERATIONS:
        return _operations(given)
    if not isinstance(given, dict):
        raise InvalidInput("the body must be a JSON object", place="body")
    own = _own(given, entity_id)
    links = {link.name for link in TABLES[entity].navigations}

    def apply(document: Document) -> Document:
        if how is How.PUT:
            return {name: value for name, value in document.items() if name in links and value is not None} | own
        if how is How.MERGE:
            return _merged(_present(document), own)
        return _present(document) | own

    return apply


def _present(document: Document) -> Document:
    return {name: value for name, value in document.items() if value is not None}


def _own(given: Document, entity_id: int) -> Document:
    """Give what a body says of the entity itself: who reads, edits and sends back sends links as well."""
    if given.get(_ID, entity_id) != entity_id:
        raise InvalidInput(f"the body names {given[_ID]}, the address {entity_id}", place=_ID)
    return {name: value for name, value in given.items() if name != _ID and not name.endswith(_NOT_OWN)}


def _merged(document: object, patch: Mapping[str, Any]) -> Document:
    """Apply a JSON Merge Patch (RFC 7396); bodies nest less deep than Python recurses."""
    found = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = _merged(found.get(name), value) if isinstance(value, dict) else value
    return found


def _operations(given: object) -> Callable[[Document], Document]:
    """Read a JSON Patch (RFC 6902). Raises InvalidInput that names the operation."""
    if not isinstance(given, list) or len(given) > MAX_OPERATIONS:
        raise InvalidInput(f"a JSON Patch is a list of at most {MAX_OPERATIONS} operations", place="body")

    def apply(document: Document) -> Document:
        found: Any = _present(document)
        for number, operation in enumerate(given):
            found = _operated(found, operation, f"[{number}]")
        if not isinstance(found, dict):
            raise InvalidInput("what remains is no JSON object", place="body")
        return _own(found, found.get(_ID, 0))

    return apply


def _operated(document: object, operation: object, place: str) -> object:
    if not isinstance(operation, dict):
        raise InvalidInput("an operation is a JSON object", place=place)
    try:
        found: object = jsonpatch.apply_patch(document, [operation])
        size = len(msgspec.json.encode(found))
    except jsonpatch.JsonPatchTestFailed as error:
        raise Conflict(f"the test at {place} fails") from error
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(f"the operation can't be done: {error}", place=place) from error
    if size > MAX_ENTITY_BYTES:
        raise InvalidInput(f"what it makes is larger than {MAX_ENTITY_BYTES} bytes", place=place)
    return found
