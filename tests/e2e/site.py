"""Dothi's own processes under test: `serve` and `ingest` against the private servers, killed and started at will."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Final

import httpx

from tests.waiting import wait_for

SPEED: Final = 5
NOON_CLOCK: Final = "2026-06-21T17:50:00+07:00"
PERMISSIONS: Final = (
    "observations.thing.create",
    "observations.thing.view",
    "observations.observation.create",
    "observations.task.create",
    "observations.task.view",
    "observations.task.answer",
)


@dataclass
class Site:
    """One running Dothi, as a browser and a device meet it."""

    settings: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the web site, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> str:
        """Run one command of Dothi to its end; gives what it printed."""
        done = subprocess.run(
            self._command(*words), env=self._environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"dothi {' '.join(words)}: {done.stderr[-2000:]}"
        return done.stdout

    def start(self, *words: str) -> None:
        """Start a process that stays; it is named by its first word."""
        self.running[words[0]] = subprocess.Popen(
            self._command(*words), env=self._environment(), stdin=subprocess.DEVNULL
        )

    def start_web(self) -> None:
        """Start the web site and wait until it answers."""
        self.start("serve", "--port", str(self.port))
        wait_for(self._answers, "the web site answers")

    def kill_web(self) -> None:
        """Kill the web site as an accident would."""
        process = self.running.pop("serve")
        process.send_signal(signal.SIGKILL)
        process.wait()

    def create_key(self) -> tuple[str, str]:
        """Make a device's key; gives its id and its secret."""
        allowed = [word for permission in PERMISSIONS for word in ("--allow", permission)]
        key = json.loads(self.run("keys", "create", "--name", "e2e", "--json", *allowed))
        return key["id"], key["secret"]

    def stop(self) -> None:
        """Stop what was started."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=30)
        self.running.clear()

    def _answers(self) -> bool:
        assert self.running["serve"].poll() is None, "the web site ended"
        try:
            return httpx.get(f"{self.url}/health/live", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "dothi.config.cli", *words]

    def _environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
        return outside | self.settings | {"PYTHONWARNINGS": "default"}
