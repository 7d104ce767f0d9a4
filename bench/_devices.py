"""Many devices that publish as fast as the broker takes it: MQTT 3.1.1 by hand, so that the load costs little."""

import asyncio
import struct
from collections.abc import Iterator, Sequence
from typing import Final

WINDOW: Final = 64
"""How many messages of one device may wait for their acknowledgement."""


class Device(asyncio.Protocol):
    """One client: sends packets that were made before, a window of them at a time, and counts acknowledgements."""

    def __init__(self, packets: Sequence[bytes], client_id: str, username: str, password: str) -> None:
        self._packets = packets
        self._hello = connect_packet(client_id, username, password)
        self._sent = 0
        self.acknowledged = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._hello)
        self._rest = b""
        self._greeted = False

    def data_received(self, data: bytes) -> None:
        """Count acknowledgements (four bytes each) and send as many messages."""
        data = self._rest + data
        if not self._greeted:
            if data[3] != 0:
                self.done.set_exception(ConnectionRefusedError(f"CONNACK {data[3]}"))
                return
            self._greeted, data = True, data[4:]
            self._send(WINDOW)
        count, left = divmod(len(data), 4)
        self._rest = data[len(data) - left :]
        self.acknowledged += count
        self._send(count)
        if self.acknowledged == len(self._packets) and not self.done.done():
            self._transport.write(b"\xe0\x00")
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits, if that came too early."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError())

    def _send(self, count: int) -> None:
        self._transport.writelines(self._packets[self._sent : self._sent + count])
        self._sent += min(count, len(self._packets) - self._sent)


def connect_packet(client_id: str, username: str, password: str) -> bytes:
    """Write a CONNECT with a clean session (MQTT 3.1.1, 3.1)."""
    body = (
        _text("MQTT") + bytes([4, 0xC2]) + struct.pack("!H", 60) + _text(client_id) + _text(username) + _text(password)
    )
    return b"\x10" + _length(len(body)) + body


def publish_packet(topic: str, payload: bytes, *, number: int) -> bytes:
    """Write a PUBLISH of QoS 1 (MQTT 3.1.1, 3.3); `number` is its packet identifier, 1 to 65535."""
    body = _text(topic) + struct.pack("!H", number) + payload
    return b"\x32" + _length(len(body)) + body


def publish_packets(messages: Iterator[tuple[str, bytes]]) -> list[bytes]:
    """Write PUBLISH packets of QoS 1, numbered from 1."""
    return [publish_packet(topic, payload, number=place % 65535 + 1) for place, (topic, payload) in enumerate(messages)]


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("!H", len(raw)) + raw


def _length(number: int) -> bytes:
    written = bytearray()
    while True:
        number, digit = divmod(number, 128)
        written.append(digit | 0x80 if number else digit)
        if not number:
            return bytes(written)
