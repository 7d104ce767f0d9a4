"""What answers have in common: the service's address, entity tags, and what a client prefers to get back."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dothi.core.observations.query.tables import TABLES
from dothi.core.observations.query.types import Entity, Step
from dothi.core.observations.service import Record
from dothi.kernel.errors import PreconditionFailed
from dothi.protocols.sensorthings import formats
from dothi.protocols.sensorthings.versions import PREFIXES

_MINIMAL: Final = "return=minimal"


def base_of(request: Request) -> str:
    """Give the service's address as whoever asks has it, without a slash at its end."""
    prefix = next(prefix for prefix in PREFIXES if request.url.path.startswith(prefix))
    return str(request.base_url).rstrip("/") + prefix


def record_of(request: Request) -> Record:
    """Give the record that the application reads and writes."""
    record: Record = request.app.state.record
    return record


def json_answer(body: bytes, status: int = 200, location: str = "") -> Response:
    """Answer with JSON; `location` is the address of what was made."""
    headers = {"Location": location} if location else None
    return Response(body, status, headers, media_type="application/json")


def formatted(answer: bytes, result_format: formats.ResultFormat) -> Response:
    """Answer in another form than JSON; the address of the next page is a header (RFC 8288)."""
    entities, following = formats.entities_of(answer)
    body = formats.to_csv(entities) if result_format is formats.ResultFormat.CSV else formats.to_geojson(entities)
    headers = {"Content-Type": formats.MEDIA_TYPES[result_format]}
    if following is not None:
        headers["Link"] = f'<{following}>; rel="next"'
    return Response(body, headers=headers)


def made(request: Request, body: bytes, location: str) -> Response:
    """Answer that something was made: with it, or where that is preferred with its address alone (RFC 7240, 4.2)."""
    if prefers_minimal(request):
        return Response(status_code=204, headers={"Location": location, "Preference-Applied": _MINIMAL})
    return json_answer(body, 201, location)


def prefers_minimal(request: Request) -> bool:
    """Tell whether whoever asks wants no representation back."""
    return _MINIMAL in request.headers.get("prefer", "").replace(" ", "").lower()


async def changed(request: Request, entity: Entity, entity_id: int) -> Response:
    """Answer that an entity was changed: with it as it is now, or where that is preferred with nothing."""
    if prefers_minimal(request):
        return Response(status_code=204, headers={"Preference-Applied": _MINIMAL})
    body = await record_of(request).show(Step(TABLES[entity].set_name, entity_id), base=base_of(request))
    return tagged(request, body)


def tag_of(body: bytes) -> str:
    """Give the entity tag of a representation (RFC 9110, 8.8.3); weak, as compression keeps it."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def tagged(request: Request, body: bytes) -> Response:
    """Answer with an entity and its tag; with nothing but the tag where whoever asks has it already."""
    tag = tag_of(body)
    known = request.headers.get("if-none-match", "")
    if request.method in ("GET", "HEAD") and known and _matches(tag, known):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag}, media_type="application/json")


@asynccontextmanager
async def matched(request: Request, entity: Entity, entity_id: int) -> AsyncIterator[None]:
    """Change an entity only while it is what whoever changes it has seen (RFC 9110, 13.1.1).

    Raises PreconditionFailed.
    """
    wanted = request.headers.get("if-match")
    if wanted is None:
        yield
        return
    record = record_of(request)
    async with record.undivided():
        await record.hold(entity, entity_id)
        body = await record.show(Step(TABLES[entity].set_name, entity_id), base=base_of(request))
        if not _matches(tag_of(body), wanted):
            raise PreconditionFailed("the entity is not what it was when its tag was read")
        yield


def _matches(tag: str, listed: str) -> bool:
    """Compare weakly (RFC 9110, 8.8.3.2)."""
    tags = [each.strip().removeprefix("W/") for each in listed.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags
