"""One `dothi up` under test: started, watched from outside through /proc and its console, and never left behind."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dothi.config.tests.private_servers import find_free_port
from tests.waiting import wait_for

WITH_THE_TEST: Final = ("setpriv", "--pdeathsig", "KILL")
"""What is started ends with the test's own process, even if that is killed."""
COMMANDS: Final = ("serve", "ingest", "worker")
NAMES: Final = {
    "postgres": "PostgreSQL",
    "mosquitto-in": "mosquitto-in",
    "mosquitto-out": "mosquitto-out",
    **{command: command for command in COMMANDS},
    "simulators.lighting": "simulator lighting",
}
"""Every process of a demo: a word of its command line, and what the supervisor calls it."""
DEVICES: Final = 6
"""Of each simulator: enough to see that they live."""


@dataclass
class Installation:
    """A home with a port, and the supervisor that runs on it."""

    home: Path
    consoles: Path
    """A folder for what supervisors say; not in the home, whose disk may be full."""
    prefix: tuple[str, ...] = ()
    """What the command line is run through, such as a namespace of its own."""
    is_demo: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the operator's, such as servers of their own."""
    port: int = field(default_factory=find_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def console(self) -> Path:
        """The file with everything that the supervisor said."""
        return self.consoles / f"console-{self.port}"

    def start(self, *options: str) -> None:
        """Start `dothi up` without waiting for anything."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
        command = [sys.executable, "-m", "dothi.config.cli", "up", "--home", str(self.home)]
        if self.is_demo:
            command += ["--demo", "--devices", str(DEVICES)]
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(
                [*WITH_THE_TEST, *self.prefix, *command, "--port", str(self.port), *options],
                env={**environment, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    def start_and_wait(self, *options: str) -> None:
        """Start, and wait until it says that it is ready."""
        self.start(*options)
        wait_for(lambda: self.has_ended() or self.count("Dothi is ready") == 1, "ready", tell=self.story)
        assert not self.has_ended(), self.said()

    def wait_for_end(self) -> int:
        """Wait until the supervisor has ended; gives its exit code."""
        wait_for(self.has_ended, "the end of the supervisor", tell=self.story)
        assert self.process is not None
        return self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the supervisor and wait for its end; gives its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait_for_end()

    def has_ended(self) -> bool:
        """Tell whether the supervisor is gone."""
        return self.process is not None and self.process.poll() is not None

    def said(self) -> list[str]:
        """Give the lines that the supervisor said."""
        return self.console.read_text("utf-8", "replace").splitlines()

    def story(self) -> str:
        """Tell all there is to know about a failure."""
        logs = {file.name: _read(file)[-600:].decode("utf-8", "replace") for file in (self.home / "log").glob("*.log")}
        return f"said: {self.said()}; health: {self.health()}; processes: {self.processes()}; logs: {logs}"

    def count(self, words: str) -> int:
        """Count the lines that hold some words."""
        return sum(words in line for line in self.said())

    def processes(self) -> dict[int, str]:
        """Give the command lines of all living processes that have to do with the home, by number."""
        mark = os.fsencode(self.home)
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and mark in (_read(folder / "cmdline") + _read(folder / "environ")):
                found[int(folder.name)] = _read(folder / "cmdline").replace(b"\0", b" ").decode("utf-8", "replace")
        return found

    def number_of(self, name: str) -> int | None:
        """Give the number of the process of a name: a child of the supervisor."""
        assert self.process is not None
        numbers = _read(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")).decode().split()
        for number in numbers:
            words = _read(Path(f"/proc/{number}/cmdline")).decode().split("\0")
            if _is_called(name, words):
                return int(number)
        return None

    def assert_nothing_left(self) -> None:
        """Check that every process ends soon."""
        wait_for(lambda: not self.processes(), "no process is left behind", within_s=30, tell=self.story)

    def health(self) -> dict[str, object]:
        """Ask Dothi how it is; {} if nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            found = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        return found if isinstance(found, dict) else {}

    def is_ready(self) -> bool:
        """Tell whether Dothi says that all its parts are up."""
        return self.health().get("status") == "ready"

    def shows(self, path: str) -> bool:
        """Tell whether a page is shown."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill_everything(self) -> None:
        """End whatever a failed test left."""
        if self.process is not None and not self.has_ended():
            self.process.kill()
            self.process.wait()
        for number in self.processes():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_for(lambda: not self.processes(), "killed")


def _is_called(name: str, words: list[str]) -> bool:
    if name in COMMANDS:
        return "dothi.config.cli" in words and name in words
    if name == "postgres":
        return words[0].endswith("/postgres")
    return any(name in word for word in words) and (name.startswith("mosquitto-") == words[0].endswith("/mosquitto"))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
