"""The gateways' side of MQTT: a few connections that carry all messages, and say when they can't follow."""

import asyncio
from collections.abc import Sequence
from typing import Final

from simulators.outsider.connection import Connection, Message, OnTask

CONNECTIONS: Final = 4


class Publisher:
    """All connections: a gateway always speaks through the same one, so its messages stay in order."""

    def __init__(self, url: str, *, key_id: str, key_secret: str, on_task: OnTask) -> None:
        self._connections = [
            Connection(
                url,
                f"lighting-{key_id}-{number}",
                key_id=key_id,
                key_secret=key_secret,
                on_task=on_task if number == 0 else None,
            )
            for number in range(CONNECTIONS)
        ]
        self.sent = 0
        self.skipped = 0

    def start(self) -> None:
        """Begin to connect."""
        for connection in self._connections:
            connection.start()

    async def stop(self) -> None:
        """Leave with all connections."""
        await asyncio.gather(*(connection.stop() for connection in self._connections))

    def send(self, gateway: int, messages: Sequence[Message]) -> None:
        """Send what a gateway has to say; never waits, and never keeps more than a bound."""
        self.skipped += self._connections[gateway % CONNECTIONS].send(messages)
        self.sent += len(messages)

    @property
    def unanswered(self) -> int:
        """How many messages were not sent or not acknowledged yet."""
        return sum(connection.unanswered for connection in self._connections)
