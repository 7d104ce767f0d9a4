"""The two doors in one application: machines' paths go to Starlette's routes, all others to Django."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from mimetypes import guess_type
from typing import Final, cast

from django.conf import settings
from django.core.asgi import get_asgi_application
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dothi.config.authenticate import Door, authenticate
from dothi.config.bearers import bearer_of
from dothi.config.environment import Environment
from dothi.config.layers import live_layers
from dothi.core.accounts.keyring import KeyRing
from dothi.core.live.service import Hub
from dothi.core.observations.service import Record
from dothi.kernel import events
from dothi.kernel.errors import DothiError
from dothi.kernel.events import Event
from dothi.kernel.manifest import load_manifests
from dothi.protocols.dcat import routes as dcat
from dothi.protocols.door import on_error, on_no_route
from dothi.protocols.features import routes as features
from dothi.protocols.features.served import Served
from dothi.protocols.monitoring import routes as monitoring
from dothi.protocols.mqtt.bus import SIGN_OF_LIFE_S, Bus
from dothi.protocols.mqtt.connection import address_of
from dothi.protocols.sensorthings import routes as sensorthings
from dothi.protocols.sensorthings.frequent import Frequent
from dothi.protocols.sensorthings.landing import Brokers
from dothi.protocols.sse import routes as sse

SERVICE_WORKER: Final = "/assets/offline-worker-"
"""Files that begin so may stand before pages anywhere on the site."""
HASHED: Final = "/build/assets/"
"""Files below this path carry a hash of their content in their name."""


class BuiltFiles(StaticFiles):
    """Serves the front end, from the compressed copies that the build left where the browser takes them.

    What carries its hash in its name never changes, so browsers keep it for a year.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file."""
        response = await super().get_response(path, scope)
        is_hashed = HASHED in f"/{path}"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        if SERVICE_WORKER in path:
            response.headers["Service-Worker-Allowed"] = "/"  # it lies beside what it serves pages with, not above
        return response

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, or with its compressed copy."""
        copy = f"{full_path}.gz"
        if "gzip" not in Headers(scope=scope).get("accept-encoding", "") or not os.path.isfile(copy):
            return super().file_response(full_path, stat_result, scope, status_code)
        response = super().file_response(copy, os.stat(copy), scope, status_code)
        response.headers["Content-Type"] = guess_type(full_path)[0] or "text/plain"
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return response


class LowercaseHeaders:
    """Names Django's headers in lower case, as ASGI wants: else compression states a second length beside the first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""

        async def send_lower(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [(name.lower(), value) for name, value in message["headers"]]}
            await send(message)

        await self._app(scope, receive, send_lower)


def machine_routes() -> list[BaseRoute]:
    """Give every route of the machines' door."""
    return [*monitoring.routes(), *sse.routes(), *features.routes(), *dcat.routes(), *sensorthings.routes()]


def application(environment: Environment) -> Starlette:
    """Make the application of the process `web`; Django must be set up."""
    bus = Bus(environment.mqtt_out_url, process="web")
    record = Record(environment.database_url, publish=bus.publish)
    hub = Hub(record, live_layers(load_manifests()))
    served = Served(environment.database_url)
    keys = KeyRing(record.pool, is_told=lambda: bus.connected)
    door = Door(keys, bearer_of(environment))
    _connect(bus, hub, keys)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await record.start()
        bus.start()
        events.install(bus.publish_from_thread)
        hub.start()
        async with _signs_of_life(bus, record, keys):
            yield
        hub.close()
        await served.close()
        await record.stop()
        events.install(None)
        await bus.stop()

    app = Starlette(
        routes=[*machine_routes(), *people_routes()],
        middleware=[
            Middleware(Frequent, record=record, actor_of=door.actor_of),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={DothiError: on_error, 404: on_no_route},
        lifespan=lifespan,
    )
    app.state.record, app.state.hub, app.state.bus, app.state.door = record, hub, bus, door
    app.state.brokers = Brokers(address_of(environment.mqtt_url), address_of(environment.mqtt_out_url))
    app.state.features = served
    app.state.city, app.state.authenticate = settings.CITY, authenticate
    return app


def people_routes() -> list[BaseRoute]:
    """Give the built front end, and Django for every other path."""
    static = BuiltFiles(directory=settings.STATIC_ROOT, check_dir=False)
    pages = LowercaseHeaders(cast("ASGIApp", get_asgi_application()))
    return [Mount("/static", static), Mount("/", pages)]


def _connect(bus: Bus, hub: Hub, keys: KeyRing) -> None:
    """Let the live view and the remembered keys hear what other processes tell."""

    def hear(event: Event) -> None:
        hub.hear(event)
        keys.hear(event)

    def miss() -> None:
        hub.miss()
        keys.forget()

    bus.listen(hear, on_gap=miss)


@asynccontextmanager
async def _signs_of_life(bus: Bus, record: Record, keys: KeyRing) -> AsyncIterator[None]:
    sign = asyncio.create_task(_give_signs_of_life(bus, record, keys))
    yield
    sign.cancel()
    with suppress(asyncio.CancelledError):
        await sign


async def _give_signs_of_life(bus: Bus, record: Record, keys: KeyRing) -> None:
    while True:
        bus.sign_of_life(counters=record.writer.counters)
        await keys.note_use()
        await asyncio.sleep(SIGN_OF_LIFE_S)
