"""Many screens that follow the live view, without drawing it."""

# They stand in a process of their own, which has its order on stdin, so that reading their streams doesn't hold up who
# measures. Each reads every byte and notes when each event came; an event that many receive alike is taken apart once.

import asyncio
import json
import pickle
import re
import subprocess
import sys
import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

VALUE: Final = re.compile(rb'"value":([0-9.e-]+)')
SAID: Final = re.compile(rb"^event: (\w+)$", re.MULTILINE)


@dataclass
class Heard:
    """What one screen heard: the Unix time of its snapshot, and of each event the place among `Followed.events`."""

    snapshot_at: float = 0.0
    snapshots: int = 0
    events: list[tuple[int, float]] = field(default_factory=list)


@dataclass
class Followed:
    """What all screens heard; of each different event the values in it."""

    screens: list[Heard]
    events: list["array[float]"]
    octets: int = 0


class Screen(asyncio.Protocol):
    """One connection to the stream of events: HTTP/1.1 by hand, since reading is all there is to do."""

    def __init__(self, request: bytes, known: dict[bytes, int], followed: Followed) -> None:
        self._request, self._known, self._followed = request, known, followed
        self._raw, self._text = bytearray(), bytearray()
        self._has_head = False
        self.heard = Heard()
        followed.screens.append(self.heard)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take in what came: the head, then chunks, each of which may end an event."""
        at = time.time()
        self._followed.octets += len(data)
        self._raw += data
        if not self._has_head:
            head, found, rest = bytes(self._raw).partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                raise ConnectionError(head.decode())
            self._has_head, self._raw = True, bytearray(rest)
        self._take_chunks()
        *events, left = bytes(self._text).split(b"\n\n") if b"\n\n" in self._text else [bytes(self._text)]
        if events:
            self._text = bytearray(left)
        for event in events:
            self._hear(event, at)

    def _take_chunks(self) -> None:
        raw, place = self._raw, 0
        while (end := raw.find(b"\r\n", place)) >= 0:
            size = int(raw[place:end], 16)
            begin = end + 2
            if len(raw) < begin + size + 2:
                break
            self._text += raw[begin : begin + size]
            place = begin + size + 2
        del raw[:place]

    def _hear(self, event: bytes, at: float) -> None:
        found = SAID.search(event[:80])
        kind = found[1] if found else b""
        if kind == b"snapshot":
            self.heard.snapshots += 1
            self.heard.snapshot_at = at
        elif kind == b"changes":
            data = event[event.index(b"data: ") :]
            if (place := self._known.get(data)) is None:
                place = self._known[data] = len(self._followed.events)
                self._followed.events.append(array("d", map(float, VALUE.findall(data))))
            self.heard.events.append((place, at))


async def follow(port: int, cookies: Sequence[Mapping[str, str]], seconds: float) -> Followed:
    """Let one screen for each set of cookies follow everything for so long after the last one has its snapshot."""
    followed = Followed([], [])
    known: dict[bytes, int] = {}
    loop = asyncio.get_running_loop()
    transports = []
    for each in cookies:
        request = _request(port, each)
        made = await loop.create_connection(lambda r=request: Screen(r, known, followed), "127.0.0.1", port)  # type: ignore[misc]
        transports.append(made[0])
    async with asyncio.timeout(60):
        while not all(heard.snapshots for heard in followed.screens):  # noqa: ASYNC110  the loop itself fills them
            await asyncio.sleep(0.05)
    print("ready", flush=True)
    await asyncio.sleep(seconds)
    for transport in transports:
        transport.close()
    return followed


def _request(port: int, cookies: Mapping[str, str]) -> bytes:
    written = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return (
        f"GET /live/events?alarms=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
        f"Cookie: {written}\r\n\r\n"
    ).encode()


class Following:
    """The process of the screens, as whoever measures sees it."""

    def __init__(self, port: int, cookies: Sequence[Mapping[str, str]], seconds: float) -> None:
        order = {"port": port, "cookies": list(cookies), "seconds": seconds}
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from bench._screens import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def wait_until_ready(self) -> None:
        """Wait until every screen has its snapshot."""
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the screens could not be opened")

    def end(self) -> Followed:
        """Wait until the time is over, and give what was heard."""
        raw, _ = self._process.communicate(timeout=300)
        followed = pickle.loads(raw)  # noqa: S301  (our own process wrote it)
        assert isinstance(followed, Followed)
        return followed


def main() -> None:
    """Follow as the order on stdin says; writes what was heard to stdout."""
    asked = json.loads(sys.stdin.readline())
    heard = asyncio.run(follow(asked["port"], asked["cookies"], asked["seconds"]))
    sys.stdout.buffer.write(pickle.dumps(heard))
