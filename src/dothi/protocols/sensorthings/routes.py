"""The service's addresses: reading anything, and making entities and Observations."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dothi.core.accounts import service as accounts
from dothi.core.observations.query import shape_of
from dothi.core.observations.query.types import Entity, Form, Query, Step
from dothi.core.observations.service import CREATE_OBSERVATION, CREATE_THING, VIEW
from dothi.core.observations.tasking.desk import CREATE as CREATE_TASK
from dothi.kernel.errors import NotFound
from dothi.protocols.door import NotAllowed, operation
from dothi.protocols.sensorthings import (
    address,
    batching,
    bodies,
    description,
    landing,
    linking,
    observing,
    revising,
    tasking,
)
from dothi.protocols.sensorthings.answers import base_of, formatted, json_answer, made, record_of, tagged
from dothi.protocols.sensorthings.formats import ResultFormat
from dothi.protocols.sensorthings.versions import PREFIXES

BY_ROWS: Final = "CreateObservations"
BATCH: Final = "$batch"
_READ: Final = ("GET", "HEAD")
_OTHERS: Final = ("OPTIONS", "TRACE", "CONNECT", "QUERY")
"""Methods that other services of this kind know."""


@operation(accounts.PUBLIC)
async def front_page(request: Request) -> Response:
    """Answer with the entity sets and the conformance statement."""
    return json_answer(landing.page(base_of(request), getattr(request.app.state, "brokers", landing.Brokers())))


@operation(accounts.PUBLIC)
async def describe(request: Request) -> Response:
    """Answer with the service's description as OpenAPI."""
    return json_answer(description.describe(base_of(request)))


@operation(VIEW)
async def read(request: Request) -> Response:
    """Answer any question about the record."""
    asked = address.parse_query(request.path_params["path"], request.url.query, base=base_of(request))
    found = await record_of(request).read(request.state.actor, asked)
    if found is None:
        return await _missing(request, asked)
    if asked.form in (Form.VALUE, Form.COUNT):
        return Response(found, media_type="text/plain")
    result_format = address.format_of(request.url.query)
    if result_format in (None, ResultFormat.ROWS):
        return tagged(request, found)
    return await run_in_threadpool(formatted, found, result_format)


async def _missing(request: Request, asked: Query) -> Response:
    """Tell a property that is null from an entity that is not there (RFC 9110: 204 has no body)."""
    steps = _entity_of(asked.steps)
    if len(steps) < len(asked.steps) and await record_of(request).has(request.state.actor, steps):
        return Response(status_code=204)
    raise NotFound(f"there is no {request.path_params['path'][:200]}")


def _entity_of(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return steps[: max(place for place, step in enumerate(steps, start=1) if step.id is not None or place == 1)]


@operation(CREATE_THING)
async def create(request: Request) -> Response:
    """Make an entity, with all that its body brings along."""
    steps, _ = address.parse_path(request.path_params["path"])
    new = bodies.decode_entity(steps, await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES))
    await _require_parents(request, steps)
    rows = observing.check_nested(new)
    if rows:
        accounts.require(request.state.actor, CREATE_OBSERVATION)
    record, actor = record_of(request), request.state.actor
    if rows:
        async with record.undivided():
            (created,) = await record.create(actor, new)
            await observing.store_nested(record, actor, created)
    else:
        (created,) = await record.create(actor, new)
    step = Step(steps[-1].name, created.id)
    base = base_of(request)
    return made(request, await record.show(step, base=base), f"{base}/{step.name}({created.id})")


async def _require_parents(request: Request, steps: tuple[Step, ...]) -> None:
    """See that what the path names before its last part is there. Raises NotFound."""
    if len(steps) > 1 and not await record_of(request).has(request.state.actor, steps[:-1]):
        raise NotFound(f"there is no {request.url.path[:200]}")


@operation(CREATE_OBSERVATION)
async def observe(request: Request) -> Response:
    """Store one Observation; when this answers 201 it is committed."""
    steps, _ = address.parse_path(request.path_params.get("parents", "") + "/Observations")
    if len(steps) > 2:
        await _require_parents(request, steps)
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    stored, row = await observing.store(record_of(request), request.state.actor, steps, body)
    location = f"{base_of(request)}/Observations({stored.id})"
    return made(request, observing.represent(stored, row, location), location)


@operation(CREATE_TASK)
async def command(request: Request) -> Response:
    """Give a command to a device; when this answers 201 it is committed, and on its way."""
    steps, _ = address.parse_path(request.path_params.get("parents", "") + "/Tasks")
    if len(steps) > 2:
        await _require_parents(request, steps)
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    task = await tasking.command(record_of(request), request.state.actor, steps, body)
    location = f"{base_of(request)}/Tasks({task.id})"
    return made(request, tasking.represent(task, location), location)


@operation(CREATE_OBSERVATION)
async def observe_many(request: Request) -> Response:
    """Store Observations given as rows; answers with the address of each, or with what is wrong with it."""
    body = await bodies.read_body(request, limit=bodies.MAX_OBSERVATIONS_BYTES)
    answers = await observing.store_rows(record_of(request), request.state.actor, body, base=base_of(request))
    return json_answer(answers, 201)


@operation(accounts.PUBLIC)
async def refuse_method(request: Request) -> Response:
    """Answer what no address here knows (RFC 9110, 15.5.6)."""
    if request.url.path.endswith((f"/{BY_ROWS}", f"/{BATCH}")):
        methods: tuple[str, ...] = ("POST",)
    else:
        methods = _known_at(request.path_params.get("path", ""))
    raise NotAllowed(f"{request.method} is not known here", methods=methods)


def _known_at(path: str) -> tuple[str, ...]:
    """Give the methods that an address knows. Raises NotFound for a path that there is not."""
    if not path.strip("/"):
        return _READ
    steps, form = address.parse_path(path)
    shape = shape_of(steps)
    if form is Form.REFERENCES and len(steps) > 1:
        return (*_READ, "POST", "PUT", "DELETE")
    if form is not Form.ENTITIES or shape.property:
        return _READ
    is_task = shape.entity is Entity.TASK
    if shape.is_list:
        return (*_READ, "POST") if is_task else (*_READ, "POST", "DELETE")
    return _READ if is_task else (*_READ, "PUT", "PATCH", "DELETE")


def _changing(prefix: str) -> list[Route]:
    """Give the routes that change and delete; Observations have permissions of their own."""
    found: list[Route] = []
    for parents in ("", "/{parents:path}"):
        one, many = f"{prefix}{parents}/Observations({{number}})", f"{prefix}{parents}/Observations"
        found += [
            Route(one, revising.amend, methods=["PATCH", "PUT"]),
            Route(one, revising.strike, methods=["DELETE"]),
            Route(many, revising.strike, methods=["DELETE"]),
        ]
    at_link = prefix + "/{path:path}/$ref"
    return [
        Route(at_link, linking.put, methods=["PUT"]),
        Route(at_link, linking.remove, methods=["DELETE"]),
        *found,
        Route(prefix + "/{path:path}", revising.change, methods=["PATCH", "PUT"]),
        Route(prefix + "/{path:path}", revising.remove, methods=["DELETE"]),
    ]


def routes() -> list[Route]:
    """Give the routes of the service under each of its prefixes."""
    found: list[Route] = []
    for prefix in PREFIXES:
        found += [
            Route(prefix, front_page, methods=["GET"]),
            Route(prefix + "/", front_page, methods=["GET"]),
            Route(prefix + "/", refuse_method, methods=["POST", "PUT", "PATCH", "DELETE", *_OTHERS]),
            Route(f"{prefix}/api", describe, methods=["GET"]),
            Route(f"{prefix}/{BY_ROWS}", observe_many, methods=["POST"]),
            Route(f"{prefix}/{BY_ROWS}", refuse_method, methods=["GET", "PUT", "PATCH", "DELETE"]),
            Route(f"{prefix}/{BATCH}", batching.carry_out, methods=["POST"]),
            Route(f"{prefix}/{BATCH}", refuse_method, methods=["GET", "PUT", "PATCH", "DELETE"]),
            Route(prefix + "/{path:path}/$ref", linking.add, methods=["POST"]),
            Route(prefix + "/Observations", observe, methods=["POST"]),
            Route(prefix + "/{parents:path}/Observations", observe, methods=["POST"]),
            Route(prefix + "/Tasks", command, methods=["POST"]),
            Route(prefix + "/{parents:path}/Tasks", command, methods=["POST"]),
            Route(prefix + "/{path:path}", read, methods=["GET"]),
            Route(prefix + "/{path:path}", create, methods=["POST"]),
            *_changing(prefix),
            Route(prefix, refuse_method, methods=["POST", "PUT", "PATCH", "DELETE", *_OTHERS]),
            Route(prefix + "/{path:path}", refuse_method, methods=list(_OTHERS)),
        ]
    return found
