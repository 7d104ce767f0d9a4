"""Keeps one program running: watches it, says why it ended, and starts it again with growing patience."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from time import monotonic
from typing import Final

from dothi.config.servers.console import Log
from dothi.config.servers.process import CannotStart, Program, exit_of, spawn, stop

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 5.0
"""With the start itself less than the 30 s within which all is back after a fault."""
WELL_AFTER_S: Final = 10.0


class BackOff:
    """How long to wait before the next start: twice as long each time, and anew after a life that went well."""

    def __init__(self) -> None:
        self._next_s = FIRST_DELAY_S

    def after(self, lived_s: float) -> float:
        """Give the seconds to wait after a life of so many seconds."""
        if lived_s >= WELL_AFTER_S:
            self._next_s = FIRST_DELAY_S
        delay_s = self._next_s
        self._next_s = min(delay_s * 2, LONGEST_DELAY_S)
        return delay_s


class Child:
    """One program under the supervisor; `tell` gets a line whenever it had to be started again."""

    def __init__(
        self,
        program: Program,
        *,
        log: Log,
        tell: Callable[[str], None],
        prepare: Callable[[], None] | None = None,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self.program: Final = program
        self.log: Final = log
        self._tell: Final = tell
        self._prepare: Final = prepare
        self._keep_open: Final = keep_open
        self._stopping: Final = asyncio.Event()
        self._hurry: Final = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._reading: asyncio.Task[None] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it. Raises CannotStart, or OSError if what it needs cannot be written or run."""
        if self._prepare is not None:
            self._prepare()
        self.log.forget()
        reader, writer = os.pipe()
        try:
            self._process = spawn(self.program, output=writer, keep_open=self._keep_open)
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self._reading = asyncio.create_task(self._read(reader))
        return self._process

    async def ended(self) -> str:
        """Wait until it has ended and give the reason in words; "" if it ended well."""
        if self._process is None:
            return "it was not started"
        code = await exit_of(self._process)
        await self._finish_reading()
        if code == 0:
            return ""
        if code == -signal.SIGKILL:
            return "SIGKILL"  # what it said last has nothing to do with it
        what = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{what}: {self.log.last_line()}".removesuffix(": ")

    async def watch(self) -> None:
        """Start it again whenever it has ended, until it is stopped."""
        back_off = BackOff()
        began = monotonic()
        reason = await self.ended()
        while not self._stopping.is_set():
            delay_s = back_off.after(monotonic() - began)
            self._tell(f"{self.program.name} ended ({reason or 'by itself'}); starting it again in {delay_s:g} s.")
            await self._pause(delay_s)
            if self._stopping.is_set():
                return
            began = monotonic()
            try:
                self.start()
            except (CannotStart, OSError) as error:
                reason = str(error)
            else:
                reason = await self.ended()

    def hurry(self) -> None:
        """Start it again at once if it waits for its next start."""
        self._hurry.set()

    async def stop(self) -> None:
        """End it, and do not start it again."""
        self._stopping.set()
        self._hurry.set()
        if self._process is not None:
            await stop(self._process, self.program)
        await self._finish_reading()

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        if self._stopping.is_set():
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _read(self, descriptor: int) -> None:
        stream = asyncio.StreamReader()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            while output := await stream.read(65_536):
                self.log.write(output)
        finally:
            transport.close()

    async def _finish_reading(self) -> None:
        """Read what it said last; a process that it left behind may keep the pipe open, so not for long."""
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=1.0)
            self._reading.cancel()
