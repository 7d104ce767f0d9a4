"""The live view over HTTP: one snapshot, or a stream of events; and the bell that rings when alarms change."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dothi.core.alarms.service import VIEW as VIEW_ALARMS
from dothi.core.live.service import VIEW_MAP, Hub
from dothi.core.live.types import Changes, Message, View
from dothi.kernel.errors import InvalidInput, Unauthenticated
from dothi.protocols.door import operation
from dothi.protocols.sse.entitled import Entitlement

RETRY_MS: Final = 1000
"""After a lost connection a browser tries again after so many milliseconds."""

FORGET: Final = b"id:\n\n"
"""Lets a client come back as one who holds nothing: what it held may not be for its eyes any more."""

_encoder: Final = msgspec.json.Encoder()


class Written:
    """The newest messages as JSON: what the hub gives to many clients at once is written once."""

    KEEP: Final = 32

    def __init__(self) -> None:
        self._kept: dict[int, tuple[object, bytes]] = {}

    def json_of(self, body: object) -> bytes:
        """Give a message as JSON; the same object is known again while it is among the newest."""
        kept = self._kept.get(id(body))
        if kept is None:
            # The object is kept beside, so that no other can have its identity meanwhile.
            kept = self._kept[id(body)] = (body, _encoder.encode(body))
            if len(self._kept) > self.KEEP:
                del self._kept[next(iter(self._kept))]
        return kept[1]


_written_once: Final = Written()


@operation(VIEW_MAP)
async def snapshot(request: Request) -> Response:
    """Answer with all that is in the view that the query asks for (`layers`, `bbox`, `alarms=1`)."""
    hub: Hub = request.app.state.hub
    body = hub.snapshot(_view_of(request, hub))
    return Response(_encoder.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@operation(VIEW_MAP)
async def past(request: Request) -> Response:
    """Answer with all features and alarms of the view as they were at the moment `at`, ISO 8601 with its zone."""
    hub: Hub = request.app.state.hub
    view = _view_of(request, hub)
    body = await hub.past(view, parse_moment(request.query_params.get("at", "")))
    return Response(_encoder.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


@operation(VIEW_MAP)
async def events(request: Request) -> Response:
    """Stream the view: a snapshot, or what changed since Last-Event-ID, then every change."""
    hub: Hub = request.app.state.hub
    return _streamed(request, hub.follow(_view_of(request, hub), last_event_id=_last(request)))


@operation(VIEW_ALARMS)
async def alarms(request: Request) -> Response:
    """Stream that alarms changed, for pages that then ask again for what they show."""
    hub: Hub = request.app.state.hub
    if request.state.actor.kind == "visitor":
        raise Unauthenticated("alarms are for those who are signed in")
    return _streamed(request, hub.bell.follow(last_event_id=_last(request)))


def _last(request: Request) -> str:
    return request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")


def _streamed(request: Request, messages: AsyncIterator[tuple[str, Message]]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    hub: Hub = request.app.state.hub
    right = Entitlement(request, doubts=lambda: hub.bell.doubts)
    return StreamingResponse(written(messages, right), media_type="text/event-stream", headers=headers)


async def written(messages: AsyncIterator[tuple[str, Message]], right: Entitlement) -> AsyncIterator[bytes]:
    """Write messages until they end, or the right to them does: then the client asks anew, with what it may now."""
    yield b"retry: %d\n\n" % RETRY_MS
    async for event_id, (kind, body) in messages:
        if not await right.holds():
            yield FORGET
            return
        yield b"id: %s\nevent: %s\ndata: %s\n\n" % (event_id.encode(), kind.encode(), _text(body))


def _text(body: object) -> bytes:
    return _written_once.json_of(body) if isinstance(body, Changes) else _encoder.encode(body)


def _view_of(request: Request, hub: Hub) -> View:
    layers = [layer for layer in request.query_params.get("layers", "").split(",") if layer]
    return hub.view_of(
        request.state.actor,
        layers=layers,
        bbox=parse_bbox(request.query_params.get("bbox", "")),
        alarms=request.query_params.get("alarms", "") == "1",
    )


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 time with its zone. Raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("a moment is written as in ISO 8601: 2026-11-22T10:22:13Z", place="at") from error
    if moment.tzinfo is None:
        raise InvalidInput("a moment needs its zone", place="at")
    return moment


def parse_bbox(text: str) -> tuple[float, float, float, float] | None:
    """Read `west,south,east,north` in degrees; None for an empty text. Raises InvalidInput."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput("bbox is west,south,east,north in degrees", place="bbox") from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput("bbox is west,south,east,north in degrees, each pair in order", place="bbox")
    return west, south, east, north


def routes() -> list[Route]:
    """Give the routes of the live view."""
    return [
        Route("/live/snapshot", snapshot, methods=["GET"]),
        Route("/live/past", past, methods=["GET"]),
        Route("/live/events", events, methods=["GET"]),
        Route("/live/alarms", alarms, methods=["GET"]),
    ]
