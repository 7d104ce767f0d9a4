"""The service's addresses: reading anything, and making entities and Observations."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dothi.core.accounts import service as accounts
from dothi.core.observations.query.types import Form, Query, Step
from dothi.core.observations.service import CREATE_OBSERVATION, CREATE_THING, VIEW, Record
from dothi.core.observations.tasking.desk import CREATE as CREATE_TASK
from dothi.kernel.errors import NotFound
from dothi.protocols.door import NotAllowed, operation
from dothi.protocols.sensorthings import address, bodies, landing, observing, tasking

PREFIXES: Final = ("/sensorthings/v1.1", "/v1.1")
BY_ROWS: Final = "CreateObservations"
_OTHERS: Final = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY")
"""Methods that other services of this kind know."""


def base_of(request: Request) -> str:
    """Give the service's address as whoever asks has it, without a slash at its end."""
    prefix = next(prefix for prefix in PREFIXES if request.url.path.startswith(prefix))
    return str(request.base_url).rstrip("/") + prefix


def _record(request: Request) -> Record:
    record: Record = request.app.state.record
    return record


def _json(body: bytes, status: int = 200, location: str = "") -> Response:
    headers = {"Location": location} if location else None
    return Response(body, status, headers, media_type="application/json")


@operation(accounts.PUBLIC)
async def front_page(request: Request) -> Response:
    """Answer with the entity sets and the conformance statement."""
    return _json(landing.page(base_of(request)))


@operation(VIEW)
async def read(request: Request) -> Response:
    """Answer any question about the record."""
    asked = address.parse_query(request.path_params["path"], request.url.query, base=base_of(request))
    found = await _record(request).read(request.state.actor, asked)
    if found is None:
        return await _missing(request, asked)
    bare = asked.form in (Form.VALUE, Form.COUNT)
    return Response(found, media_type="text/plain" if bare else "application/json")


async def _missing(request: Request, asked: Query) -> Response:
    """Tell a property that is null from an entity that is not there (RFC 9110: 204 has no body)."""
    steps = _entity_of(asked.steps)
    if len(steps) < len(asked.steps) and await _record(request).has(request.state.actor, steps):
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
    record, actor = _record(request), request.state.actor
    (made,) = await record.create(actor, new)
    if rows:
        await record.write(actor, observing.nested_rows(made))
    step = Step(steps[-1].name, made.id)
    base = base_of(request)
    return _json(await record.show(step, base=base), 201, f"{base}/{step.name}({made.id})")


async def _require_parents(request: Request, steps: tuple[Step, ...]) -> None:
    """See that what the path names before its last part is there. Raises NotFound."""
    if len(steps) > 1 and not await _record(request).has(request.state.actor, steps[:-1]):
        raise NotFound(f"there is no {request.url.path[:200]}")


@operation(CREATE_OBSERVATION)
async def observe(request: Request) -> Response:
    """Store one Observation; when this answers 201 it is committed."""
    steps, _ = address.parse_path(request.path_params.get("parents", "") + "/Observations")
    if len(steps) > 2:
        await _require_parents(request, steps)
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    stored, row = await observing.store(_record(request), request.state.actor, steps, body)
    location = f"{base_of(request)}/Observations({stored.id})"
    return _json(observing.represent(stored, row, location), 201, location)


@operation(CREATE_TASK)
async def command(request: Request) -> Response:
    """Give a command to a device; when this answers 201 it is committed, and on its way."""
    steps, _ = address.parse_path(request.path_params.get("parents", "") + "/Tasks")
    if len(steps) > 2:
        await _require_parents(request, steps)
    body = await bodies.read_body(request, limit=bodies.MAX_ENTITY_BYTES)
    made = await tasking.command(_record(request), request.state.actor, steps, body)
    location = f"{base_of(request)}/Tasks({made.id})"
    return _json(tasking.represent(made, location), 201, location)


@operation(CREATE_OBSERVATION)
async def observe_many(request: Request) -> Response:
    """Store Observations given as rows; answers with the address of each, or with what is wrong with it."""
    body = await bodies.read_body(request, limit=bodies.MAX_OBSERVATIONS_BYTES)
    answers = await observing.store_rows(_record(request), request.state.actor, body, base=base_of(request))
    return _json(answers, 201)


@operation(accounts.PUBLIC)
async def refuse_method(request: Request) -> Response:
    """Answer what no address here knows (RFC 9110, 15.5.6)."""
    if request.url.path.endswith(f"/{BY_ROWS}"):
        methods: tuple[str, ...] = ("POST",)
    else:
        methods = ("GET", "HEAD", "POST") if request.path_params.get("path") else ("GET", "HEAD")
    raise NotAllowed(f"{request.method} is not known here", methods=methods)


def routes() -> list[Route]:
    """Give the routes of the service under each of its prefixes."""
    found: list[Route] = []
    for prefix in PREFIXES:
        found += [
            Route(prefix, front_page, methods=["GET"]),
            Route(prefix + "/", front_page, methods=["GET"]),
            Route(f"{prefix}/{BY_ROWS}", observe_many, methods=["POST"]),
            Route(f"{prefix}/{BY_ROWS}", refuse_method, methods=["GET"]),
            Route(prefix + "/Observations", observe, methods=["POST"]),
            Route(prefix + "/{parents:path}/Observations", observe, methods=["POST"]),
            Route(prefix + "/Tasks", command, methods=["POST"]),
            Route(prefix + "/{parents:path}/Tasks", command, methods=["POST"]),
            Route(prefix + "/{path:path}", read, methods=["GET"]),
            Route(prefix + "/{path:path}", create, methods=["POST"]),
            Route(prefix, refuse_method, methods=["POST", *_OTHERS]),
            Route(prefix + "/{path:path}", refuse_method, methods=list(_OTHERS)),
        ]
    return found
