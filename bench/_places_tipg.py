"""tipg as it comes, over the same views in the same database: `python -m bench._places_tipg DATABASE_URL PORT`."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any, Final

import httpx
import uvicorn
from fastapi import FastAPI
from tipg.collections import register_collection_catalog
from tipg.database import close_db_connection, connect_to_db
from tipg.errors import DEFAULT_STATUS_CODES, add_exception_handlers
from tipg.factory import Endpoints
from tipg.openapi import _update_openapi
from tipg.settings import DatabaseSettings

from bench._running import free_ports

SCHEMA: Final = "layers"
PATIENCE_S: Final = 60.0
POOL: Final = {"db_min_conn_size": 1, "db_max_conn_size": 10, "db_max_queries": 50_000}


@contextmanager
def running_tipg(database_url: str) -> Iterator[str]:
    """Run it in a process of its own; gives its address, without a slash at the end."""
    port = free_ports()
    process = subprocess.Popen([sys.executable, "-m", __name__, database_url, str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and process.poll() is None:
            try:
                httpx.get(f"{url}/collections", trust_env=False, timeout=10).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        else:
            raise RuntimeError("tipg did not start")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _app(database_url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Its own settings take no address of a Unix socket.
        settings: Any = SimpleNamespace(database_url=database_url, db_max_inactive_conn_lifetime=300, **POOL)
        await connect_to_db(app, schemas=[SCHEMA], settings=settings)
        await register_collection_catalog(app, db_settings=DatabaseSettings(schemas=[SCHEMA]))
        yield
        await close_db_connection(app)

    app = FastAPI(openapi_url="/api", docs_url="/api.html", lifespan=lifespan)
    _update_openapi(app)
    app.include_router(Endpoints(with_tiles_viewer=False).router)
    add_exception_handlers(app, DEFAULT_STATUS_CODES)
    return app


if __name__ == "__main__":
    uvicorn.run(_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning")
