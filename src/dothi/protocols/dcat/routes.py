"""The address of the catalogue: `/dcat/catalogue.jsonld`, each layer for whoever may see it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dothi.core.accounts.apart import apart
from dothi.core.accounts.types import Actor
from dothi.core.places.layers import service as layers
from dothi.core.places.layers.types import Revision
from dothi.core.places.serving import service as serving
from dothi.core.places.serving.types import Shown
from dothi.protocols.dcat.catalogue import Catalogue
from dothi.protocols.door import operation

PREFIX: Final = "/dcat"
ADDRESS: Final = f"{PREFIX}/catalogue.jsonld"
MEDIA_TYPE: Final = "application/ld+json"


@operation(layers.VIEW)
async def serve(request: Request) -> Response:
    """Answer with the published layers that whoever asks may see, as DCAT-AP; others are not there."""
    shown, revisions = await apart(_read)(request.state.actor)
    root = str(request.base_url).rstrip("/")
    catalogue = Catalogue(
        root,
        request.app.state.city,
        formats=layers.FORMATS,
        systems=layers.SYSTEMS,
        address=f"{root}{ADDRESS}",
    )
    told = catalogue.write(shown, revisions)
    headers = {"Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
    return Response(msgspec.json.encode(told), headers=headers, media_type=MEDIA_TYPE)


def _read(actor: Actor) -> tuple[list[Shown], Mapping[int, Revision]]:
    return serving.list_shown(actor), layers.list_revisions_shown(actor)


@operation(layers.VIEW)
async def lead_there(_request: Request) -> Response:
    """Lead to the catalogue."""
    return RedirectResponse(ADDRESS)


def routes() -> list[BaseRoute]:
    """Give the routes: all is read, nothing is written."""
    return [Route(f"{PREFIX}/", lead_there), Route(ADDRESS, serve)]
