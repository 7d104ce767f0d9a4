"""The address that takes batches: each request in one goes through the same door as if it came by itself."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from dothi.core.accounts import service as accounts
from dothi.kernel.errors import InvalidInput
from dothi.protocols.door import operation
from dothi.protocols.sensorthings import batch, bodies, multipart
from dothi.protocols.sensorthings.answers import record_of
from dothi.protocols.sensorthings.batch import Answer, Part
from dothi.protocols.sensorthings.versions import PREFIXES

_SHARED: Final = (b"authorization", b"cookie", b"host", b"x-csrftoken", b"origin", b"referer")
"""The headers of a batch that stand for each request in it; what says who asks is never taken from within."""

_WITHHELD: Final = (*_SHARED, b"content-length", b"transfer-encoding", b"accept-encoding")
_KEPT: Final = ("type", "asgi", "http_version", "server", "client", "scheme")


@operation(accounts.PUBLIC)
async def carry_out(request: Request) -> Response:
    """Carry out many requests, each under its own permission; atomic groups all or none."""
    kind = request.headers.get("content-type", "")
    body = await bodies.read_body(request, limit=batch.MAX_BYTES)
    is_multipart = kind.lower().startswith("multipart/mixed")
    if not is_multipart and not kind.lower().startswith("application/json"):
        raise InvalidInput("a batch is application/json or multipart/mixed", place="Content-Type")
    parts = multipart.read(body, kind) if is_multipart else batch.read_json(body)
    goes_on = "continue-on-error" in request.headers.get("prefer", "").replace("odata.", "").lower()

    async def carry(part: Part) -> Answer:
        return await _ask(request, part)

    answers = await batch.carry_out(parts, carry, record_of(request).undivided, goes_on=goes_on or not is_multipart)
    if is_multipart:
        content, content_type = multipart.write(answers)
        return Response(content, headers={"Content-Type": content_type})
    return Response(batch.write_json(answers), media_type="application/json")


async def _ask(request: Request, part: Part) -> Answer:
    """Put one request to the application, in this task, so that it is within the group's transaction."""
    prefix = next(prefix for prefix in PREFIXES if request.url.path.startswith(prefix))
    path, query = batch.target(part.url, prefix)
    shared = [(name, value) for name, value in request.scope["headers"] if name in _SHARED]
    own = [(_coded(name), _coded(text)) for name, text in part.headers.items()]
    headers = [(name, text) for name, text in own if name not in _WITHHELD]
    scope = {name: request.scope[name] for name in _KEPT if name in request.scope}
    scope |= {
        "state": {},
        "method": part.method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": request.scope.get("root_path", ""),
        "query_string": query.encode(),
        "headers": [*shared, *headers, (b"content-length", str(len(part.body)).encode())],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": part.body, "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401  ASGI's own type is a mapping of anything
        sent.append(message)

    await request.app(scope, receive, send)
    start = sent[0]
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(part, start["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))


def _coded(text: str) -> bytes:
    """Give a part of a header as it goes over the wire."""
    return text.encode("latin-1", "replace")
