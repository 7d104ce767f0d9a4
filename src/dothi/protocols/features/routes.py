"""The addresses of OGC API Features and Tiles: `/features/`, each layer for whoever may see it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dothi.core.accounts.apart import apart
from dothi.core.places.layers import service as layers
from dothi.core.places.serving import service as serving
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.door import operation
from dothi.protocols.features.seen import seen
from dothi.protocols.features.served import Served

PREFIX: Final = "/features"
_list_shown: Final = apart(serving.list_shown)
_ITEMS: Final = re.compile(r"^collections/[^/]+/items/?$")
_COLLECTION: Final = re.compile(r"^collections/([^/]+)")


class _Passed(Response):
    """An answer that tipg gives, with what is for the asker's eyes as its catalogue."""

    def __init__(self, app: ASGIApp, collections: Mapping[str, Any]) -> None:
        super().__init__()
        self._app, self._collections = app, collections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let tipg answer."""
        token = seen.set(self._collections)
        # The outer router knows no addresses of tipg's operations; pages are none of its answers here.
        own = {name: value for name, value in scope.items() if name not in {"router", "endpoint", "path_params"}}
        headers = [
            (name, b"*/*" if name == b"accept" and b"html" in value else value) for name, value in scope["headers"]
        ]
        try:
            await self._app({**own, "headers": headers, "root_path": PREFIX, "app_root_path": PREFIX}, receive, send)
        finally:
            seen.reset(token)


@operation(layers.VIEW)
async def serve(request: Request) -> Response:
    """Answer as tipg does, for the layers that whoever asks may see; others are not there.

    Raises NotFound for a layer that is not for the asker's eyes, InvalidInput for a filter that says more than CQL2.
    """
    if request.query_params.get("f") == "html":
        raise InvalidInput("there are no pages here: ask for json or geojson", place="f")
    shown = await _list_shown(request.state.actor)
    served: Served = request.app.state.features
    made = await served.made()
    collections = made.collections(shown)
    asked = _COLLECTION.match(request.path_params["path"])
    if asked and asked[1] not in collections:
        raise NotFound(f"no layer {asked[1][:80]}")
    if asked and _ITEMS.match(request.path_params["path"]):
        made.check_asked(request.query_params, {c.name for c in collections[asked[1]].table_columns})
    if text := request.query_params.get("filter"):
        made.check_filter(text, {c.name for c in collections[asked[1]].table_columns} if asked else ())
    return _Passed(made.app, collections)


@operation(layers.VIEW)
async def lead_home(_request: Request) -> Response:
    """Lead to the landing page, whose address ends in a slash."""
    return RedirectResponse(f"{PREFIX}/")


def routes() -> list[BaseRoute]:
    """Give the routes: all is read, nothing is written."""
    return [Route(PREFIX, lead_home), Route(PREFIX + "/{path:path}", serve)]
