"""Many HTTP clients that post as fast as they are answered: by hand, so that the load costs little."""

import asyncio
from collections.abc import Mapping, Sequence


class Client(asyncio.Protocol):
    """One connection: sends requests that were made before, one at a time, and keeps the statuses of the answers."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = iter(requests)
        self._buffer = b""
        self.statuses: dict[int, int] = {}
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take an answer once it is whole, and send the next request."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if found and _is_whole(head.lower(), body):
            self._buffer = b""
            status = int(head[9:12])
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits, if that came too early."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError())

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


def _is_whole(head: bytes, body: bytes) -> bool:
    """Tell whether an answer's body has come, which has a length or comes in chunks."""
    _, known, rest = head.partition(b"content-length:")
    if known:
        return len(body) >= int(rest.split(b"\r\n", 1)[0])
    return body.endswith(b"0\r\n\r\n")


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Write a POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def send_all(port: int, requests: Sequence[Sequence[bytes]]) -> dict[int, int]:
    """Send each connection's requests, all connections at once; gives how often each status came."""
    loop = asyncio.get_running_loop()
    clients = []
    for own in requests:
        _, client = await loop.create_connection(lambda own=own: Client(own), "127.0.0.1", port)  # type: ignore[misc]
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    found: dict[int, int] = {}
    for client in clients:
        for status, count in client.statuses.items():
            found[status] = found.get(status, 0) + count
    return found
