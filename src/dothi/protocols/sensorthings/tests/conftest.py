"""A client of the service on a running record."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

from dothi.kernel.errors import DothiError


@pytest_asyncio.fixture
async def client(record: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that may do anything, below the service's root."""
    from dothi.core.accounts.types import SYSTEM, Actor  # noqa: PLC0415 (needs Django to be set up)
    from dothi.protocols.door import on_error  # noqa: PLC0415
    from dothi.protocols.sensorthings.routes import routes  # noqa: PLC0415

    async def authenticate(_request: Request) -> Actor:
        return SYSTEM

    app = Starlette(routes=routes(), exception_handlers={DothiError: on_error})
    app.state.record, app.state.authenticate = record, authenticate
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test/v1.1/") as found:
        yield found


@pytest_asyncio.fixture
async def url(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """The address of a server on loopback, which ends with the test."""
    app = client._transport.app  # type: ignore[attr-defined]
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}/v1.1"
    server.should_exit = True
    await running
