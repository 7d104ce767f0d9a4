"""What mosquitto alone does: the same messages to a subscriber that does nothing with them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench._devices import connect_packet
from bench._load import PATIENCE_S, Broker, Load
from bench._running import free_ports
from dothi.config.servers.process import find_program

_CONFIG: Final = """
listener {port} 127.0.0.1
allow_anonymous true
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
"""
_SUBSCRIBE: Final = b"\x82\x06\x00\x01\x00\x01#\x01"
"""SUBSCRIBE to everything at QoS 1 (MQTT 3.1.1, 3.8)."""


class _Subscriber(asyncio.Protocol):
    """Acknowledges every message, and looks no further into it than its packet identifier."""

    def __init__(self, wanted: int) -> None:
        self._rest, self._left = b"", wanted
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(connect_packet("null", "bench", "bench") + _SUBSCRIBE)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        begin, answers = 0, []
        while (packet := _packet_at(data, begin)) is not None:
            body, end = packet
            if data[begin] >> 4 == 3:
                topic = int.from_bytes(data[body : body + 2])
                answers.append(b"\x40\x02" + data[body + 2 + topic : body + 4 + topic])
            elif data[begin] >> 4 == 9:
                self.ready.set_result(None)
            begin = end
        self._rest = data[begin:]
        if answers:
            self._transport.write(b"".join(answers))
            self._left -= len(answers)
        if self._left <= 0 and not self.done.done():
            self.done.set_result(None)


def _packet_at(data: bytes, begin: int) -> tuple[int, int] | None:
    """Give where the body of a packet begins and ends (MQTT 3.1.1, 2.2); None where it is not whole yet."""
    length = 0
    for place in range(4):
        at = begin + 1 + place
        if at >= len(data):
            return None
        length |= (data[at] & 0x7F) << 7 * place
        if not data[at] & 0x80:
            end = at + 1 + length
            return (at + 1, end) if end <= len(data) else None
    raise ValueError("no length of a packet has more than four bytes")


async def rate(load: Load, total: int) -> float:
    """Give how many messages a second pass a bare mosquitto, from the first one to the last one received."""
    async with _mosquitto() as port:
        loop = asyncio.get_running_loop()
        transport, subscriber = await loop.create_connection(lambda: _Subscriber(total), "127.0.0.1", port)
        await subscriber.ready
        begin = loop.time()
        # Its messages are made before they are sent: only the sending counts.
        sending = total / await load.published(total, Broker(port, "bench", "bench"))
        made = loop.time() - begin - sending
        await asyncio.wait_for(subscriber.done, PATIENCE_S)
        taken = loop.time() - begin - made
        transport.close()
        return total / taken


@asynccontextmanager
async def _mosquitto() -> AsyncIterator[int]:
    port = free_ports()
    with tempfile.TemporaryDirectory() as name:
        config = _configure(Path(name), port)
        program = find_program("mosquitto") or "mosquitto"
        process = await asyncio.create_subprocess_exec(program, "-c", str(config), stderr=asyncio.subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.1)
            yield port
        finally:
            process.terminate()
            await process.wait()


def _configure(folder: Path, port: int) -> Path:
    """Write its settings where its own user can read them."""
    folder.chmod(0o755)
    config = folder / "mosquitto.conf"
    config.write_text(_CONFIG.format(port=port), "utf-8")
    return config
