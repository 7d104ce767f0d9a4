"""Changing and deleting by HTTP: one entity, or all that a filter finds."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dothi.core.observations.query.tables import BY_SET
from dothi.core.observations.query.types import Entity, Form, Options, Step
from dothi.core.observations.revision import CHANGE, CHANGE_OBSERVATION, DELETE, DELETE_OBSERVATION
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.door import NotAllowed, operation
from dothi.protocols.sensorthings import address, bodies, changing
from dothi.protocols.sensorthings.answers import base_of, changed, matched, record_of

_TASKS: Final = BY_SET["Tasks"].set_name
_OBSERVATIONS: Final = BY_SET["Observations"].set_name


@operation(CHANGE)
async def change(request: Request) -> Response:
    """Change an entity; when this answers, it is committed."""
    entity, number = await _find(request, _steps(request.path_params["path"]))
    if entity is Entity.OBSERVATION:
        raise NotFound(f"there is no {request.path_params['path'][:200]}")
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    revise = changing.revision(entity, number, body, _how(request))
    async with matched(request, entity, number):
        await record_of(request).change(request.state.actor, entity, number, revise)
    return await changed(request, entity, number)


@operation(CHANGE_OBSERVATION)
async def amend(request: Request) -> Response:
    """Change an Observation; when this answers, it is committed."""
    entity, number = await _find(request, _steps(_observation_path(request)))
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    amend_it = changing.amendment(number, body, _how(request))
    async with matched(request, entity, number):
        await record_of(request).amend(request.state.actor, number, amend_it)
    return await changed(request, entity, number)


@operation(DELETE)
async def remove(request: Request) -> Response:
    """Delete an entity with what can't be without it, or all of a list that a filter finds."""
    path = request.path_params["path"]
    if _steps(path)[-1].name == _OBSERVATIONS:
        raise NotFound(f"there is no {path[:200]}")
    return await _remove(request, path)


@operation(DELETE_OBSERVATION)
async def strike(request: Request) -> Response:
    """Delete an Observation, or all of a list that a filter finds."""
    return await _remove(request, _observation_path(request))


def _observation_path(request: Request) -> str:
    parents, number = request.path_params.get("parents", ""), request.path_params.get("number")
    last = _OBSERVATIONS if number is None else f"{_OBSERVATIONS}({number})"
    return f"{parents}/{last}" if parents else last


async def _remove(request: Request, path: str) -> Response:
    steps = _steps(path)
    if steps[-1].id is None and steps[-1].name in BY_SET:
        await _remove_listed(request, path)
    else:
        entity, number = await _find(request, steps)
        async with matched(request, entity, number):
            await record_of(request).remove(request.state.actor, entity, number)
    return Response(status_code=200)


async def _remove_listed(request: Request, path: str) -> None:
    asked = address.parse_query(path, request.url.query, base=base_of(request))
    if asked.options.filter is None:
        raise InvalidInput("a list is deleted by $filter alone", place="$filter")
    rest = msgspec.structs.replace(asked.options, filter=None, link="")
    if rest != Options() or asked.form is not Form.ENTITIES:
        raise InvalidInput("no option but $filter says what is deleted", place="query")
    await record_of(request).remove_all(request.state.actor, asked)


def _steps(path: str) -> tuple[Step, ...]:
    """Read the path of what is changed. Raises NotFound, NotAllowed for what stays as it is."""
    steps, form = address.parse_path(path)
    if form is not Form.ENTITIES:
        raise NotAllowed("only entities are changed", methods=("GET", "HEAD"))
    if steps[-1].name == _TASKS:
        raise NotAllowed("a command that is given stays as it is", methods=("GET", "HEAD", "POST"))
    return steps


async def _find(request: Request, steps: tuple[Step, ...]) -> tuple[Entity, int]:
    """Give the entity at a path, where it is one that the actor may see. Raises NotFound."""
    if steps[-1].id is None and steps[-1].name in BY_SET:
        raise NotAllowed("a list is not changed", methods=("GET", "HEAD", "POST", "DELETE"))
    found = await record_of(request).locate(request.state.actor, steps)
    if found is None:
        raise NotFound(f"there is no {request.url.path[:200]}")
    return found


def _how(request: Request) -> changing.How:
    return changing.how_of(request.method, request.headers.get("content-type", ""))
