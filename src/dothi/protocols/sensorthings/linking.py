"""Links between stored entities, written at addresses of their own (OData 4.0, Part 1, 11.4.6)."""

from typing import Any, Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dothi.core.observations.query.tables import BY_SET, TABLES, Navigation
from dothi.core.observations.query.types import MAX_EXPANDED_TOP, Entity, Options, Query, Step
from dothi.core.observations.revision import CHANGE
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.door import NotAllowed, operation
from dothi.protocols.sensorthings import address, bodies, changing
from dothi.protocols.sensorthings.answers import record_of
from dothi.protocols.sensorthings.observation import Reference

_reference: Final = msgspec.json.Decoder(Reference)
_PLACES: Final = "Locations"
LINKED_BY_CHANGE: Final = frozenset({Entity.OBSERVATION, Entity.TASK, Entity.HISTORICAL_LOCATION})
"""Entities whose links are changed with them alone."""


class _Link(NamedTuple):
    """A navigation of one entity, and the id of the entity at its other end where the address names it."""

    entity: Entity
    id: int
    navigation: Navigation
    other: int | None


@operation(CHANGE)
async def add(request: Request) -> Response:
    """Link one more of many; when this answers, it is committed."""
    found = await _find(request)
    if not found.navigation.many:
        raise NotAllowed("a link to one is set by PUT", methods=("GET", "HEAD", "PUT"))
    await _write(request, found, await _given(request))
    return Response(status_code=204)


@operation(CHANGE)
async def put(request: Request) -> Response:
    """Let a link to one lead to another; when this answers, it is committed."""
    found = await _find(request)
    if found.navigation.many:
        raise NotAllowed("links to many are added by POST", methods=("GET", "HEAD", "POST", "DELETE"))
    await _write(request, found, await _given(request))
    return Response(status_code=204)


@operation(CHANGE)
async def remove(request: Request) -> Response:
    """Take a Location from its Thing; any other entity is never without what it is linked to."""
    found = await _find(request)
    if not _is_of_places(found) or found.other is None:
        message = f"a {found.navigation.entity} or {found.entity} would be without a link it needs: set another"
        raise InvalidInput(message, place=found.navigation.name)
    thing, place = _thing_and_place(found, found.other)
    await _move(request, thing, place, is_added=False)
    return Response(status_code=204)


async def _find(request: Request) -> _Link:
    """Read the address of a link; what it starts at must be there for the actor. Raises NotFound, NotAllowed."""
    steps, _ = address.parse_path(request.path_params["path"])
    if len(steps) < 2:
        raise NotAllowed("links are of one entity", methods=("GET", "HEAD"))
    start = await record_of(request).locate(request.state.actor, steps[:-1])
    navigation = None if start is None else TABLES[start[0]].find_navigation(steps[-1].name)
    if start is None or navigation is None or (steps[-1].id is not None and request.method != "DELETE"):
        raise NotFound(f"there is no {request.url.path[:200]}")
    return _Link(*start, navigation, steps[-1].id)


async def _given(request: Request) -> int:
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    reference: Reference = bodies.decode(_reference, body)
    return reference.id


async def _write(request: Request, link: _Link, other: int) -> None:
    if _is_of_places(link):
        thing, place = _thing_and_place(link, other)
        await _move(request, thing, place, is_added=True)
        return
    if link.navigation.link:
        raise NotAllowed("these links are changed with the entity", methods=("GET", "HEAD"))
    if not link.navigation.many:
        await _change(request, link.entity, link.id, {link.navigation.name: _to(other)})
        return
    back = next(
        each
        for each in TABLES[link.navigation.entity].navigations
        if not each.many and each.source == link.navigation.target and each.entity is link.entity
    )
    await _change(request, link.navigation.entity, other, {back.name: _to(link.id)})


async def _change(request: Request, entity: Entity, number: int, body: dict[str, Any]) -> None:
    if entity in LINKED_BY_CHANGE:
        raise NotAllowed(f"the links of a {entity} are changed with it", methods=("GET", "HEAD"))
    revise = changing.revision(entity, number, msgspec.json.encode(body), changing.How.PATCH)
    await record_of(request).change(request.state.actor, entity, number, revise)


async def _move(request: Request, thing: int, place: int, *, is_added: bool) -> None:
    """Add a Location to those of a Thing, or take one away, as its history tells. Raises NotFound, InvalidInput."""
    record = record_of(request)
    async with record.undivided():
        await record.hold(Entity.THING, thing)
        steps = (Step(BY_SET["Things"].set_name, thing), Step(_PLACES))
        asked = Query(steps, base="", options=Options(select=("id",), top=MAX_EXPANDED_TOP))
        answer = await record.read(request.state.actor, asked)
        if answer is None:
            raise NotFound(f"there is no Thing {thing}")
        places = [each["@iot.id"] for each in msgspec.json.decode(answer)["value"]]
        if is_added and place in places:
            return
        if not is_added and place not in places:
            raise NotFound(f"Thing {thing} is not at Location {place}")
        left = [*places, place] if is_added else [each for each in places if each != place]
        if not left:
            raise InvalidInput("a Thing's only Location is not taken from it: give it another", place=_PLACES)
        await _change(request, Entity.THING, thing, {_PLACES: [_to(each) for each in left]})


def _is_of_places(link: _Link) -> bool:
    return {link.entity, link.navigation.entity} == {Entity.THING, Entity.LOCATION}


def _thing_and_place(link: _Link, other: int) -> tuple[int, int]:
    return (link.id, other) if link.entity is Entity.THING else (other, link.id)


def _to(number: int) -> dict[str, int]:
    return {"@iot.id": number}
