"""Both doors' features on a server of loopback, with layers of each visibility."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
import shapely
import uvicorn
from asgiref.sync import sync_to_async
from starlette.applications import Starlette

from dothi.config import environment
from dothi.config.asgi import application


def put_layers() -> None:
    """Publish three layers of squares: one for everyone, one of the house, one of a department alone."""
    from dothi.core.places.layers.types import Visibility  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.places.serving.tests.published import publish  # noqa: PLC0415

    for slug, visibility in (
        ("open", Visibility.PUBLIC),
        ("house", Visibility.INTERNAL),
        ("closed", Visibility.RESTRICTED),
    ):
        rows = [
            (
                f"Thửa {n}",
                {"so": n, "use": "ODT" if n % 2 else "LUA"},
                shapely.box(106.6 + n / 1e3, 11, 106.6008 + n / 1e3, 11.0008),
            )
            for n in range(1, 21)
        ]
        publish(slug, rows, visibility=visibility, owner="land", name=f"Lớp {slug}")


@pytest_asyncio.fixture
async def app(database_url: str) -> AsyncIterator[Starlette]:
    """Both doors on the tests' database, without their start-up."""
    made = application(msgspec.structs.replace(environment.read(), database_url=database_url))
    await made.state.record.start()
    made.state.hub.close()
    await sync_to_async(put_layers)()
    yield made
    await made.state.features.close()
    await made.state.record.stop()
    await sync_to_async(drop_layers)()


def drop_layers() -> None:
    """Remove what the flush between tests knows nothing of: partitions and views."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::regclass::text FROM pg_partition_tree('places_feature') WHERE isleaf AND level > 0"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {table} CASCADE")
        cursor.execute("TRUNCATE places_feature_cell")


@pytest_asyncio.fixture
async def url(app: Starlette) -> AsyncIterator[str]:
    """The address of a server that ends with the test."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}/features/"
    server.should_exit = True
    await running
