"""The process `web`: both doors behind one server."""

import socket
from typing import Final

import uvicorn
from django.db import connections

from dothi.config.asgi import application
from dothi.config.environment import Environment
from dothi.config.process import spare_the_collector
from dothi.core.live.service import Hub

CLOSE_WITHIN_S: Final = 3
"""How long answers that are under way may take after the process was told to stop."""
POOL: Final = {"min_size": 1, "max_size": 32, "timeout": 5, "reconnect_timeout": 4}
"""Of pages' connections; the seconds are those of the machines' door, and for its reasons."""


class Server(uvicorn.Server):
    """A server that ends open live streams at once when it is told to stop, instead of waiting for their clients."""

    def __init__(self, config: uvicorn.Config, *, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the live hub, then do as uvicorn does."""
        self._hub.close()
        await super().shutdown(sockets)


def share_connections() -> None:
    """Let pages take their connection to the database from a pool.

    Each request of a page has a thread of its own, and without a pool a connection of its own: to make one and to ask
    it the first questions took half of a search's processor time. A database that is away is told after some seconds,
    and who asks next once it is back has an answer: the pool tests what it gives.
    """
    connections.settings["default"]["OPTIONS"]["pool"] = dict(POOL)


def run(environment: Environment, *, host: str, port: int | None) -> None:
    """Serve until told to stop."""
    share_connections()
    app = application(environment)
    config = uvicorn.Config(
        app,
        host=host,
        port=environment.port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSE_WITHIN_S,
        timeout_keep_alive=30,
    )
    spare_the_collector()
    Server(config, hub=app.state.hub).run()
