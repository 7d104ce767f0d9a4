"""A whole Dothi of its own for one measurement: `dothi up` on a fresh home, as in production."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from dothi.config.simulators import list_simulators
from dothi.config.supervisor import FIRST_CONTROL

PATIENCE_S: Final = 120.0
STOPPING_S: Final = 300.0
"""After a full load a database takes long to write down what it holds."""


@dataclass(frozen=True)
class Key:
    """A machine key, to use as Bearer token or at the devices' broker."""

    id: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP header that carries it."""
        return {"Authorization": f"Bearer {self.id}.{self.secret}"}


@dataclass(frozen=True)
class Running:
    """A Dothi that is up."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        """The web site, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def devices_port(self) -> int:
        """The devices' broker's port."""
        return self.port + 1

    @property
    def control(self) -> str:
        """Where lighting's simulator lets things be broken, without a slash at the end."""
        place = list_simulators().index("lighting")
        return f"http://127.0.0.1:{self.port + FIRST_CONTROL + place}"

    @property
    def database_url(self) -> str:
        """The private database's address."""
        return self._settings()["DOTHI_DATABASE_URL"]

    def process_ids(self, command: str) -> list[int]:
        """Give the processes of this home that run `dothi COMMAND`."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                variables = (folder / "environ").read_bytes()
            except OSError:
                continue
            if command.encode() in words and str(self.home).encode() in variables:
                found.append(int(folder.name))
        return found

    def dothi(self, *words: str) -> str:
        """Run one of Dothi's commands against it and give what it prints."""
        return self.run_module(_CLI, *words)

    def run_module(self, *words: str) -> str:
        """Run a module with its settings, as one of its own processes would be, and give what it prints."""
        variables = os.environ | self._settings()
        done = subprocess.run(
            [sys.executable, "-m", *words], env=variables, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def create_key(self, permissions: Sequence[str]) -> Key:
        """Make a machine key."""
        allowed = [word for permission in permissions for word in ("--allow", permission)]
        made = json.loads(self.dothi("keys", "create", "--name", "bench", "--json", *allowed))
        return Key(made["id"], made["secret"])

    def _settings(self) -> dict[str, str]:
        """Read the settings from one of its processes: the supervisor gave them."""
        [process, *_] = self.process_ids("ingest")
        lines = Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
        return dict(line.split("=", 1) for line in lines if line.startswith("DOTHI_"))


_CLI: Final = "dothi.config.cli"


@contextmanager
def running(*options: str, visitor_role: str = "viewer") -> Iterator[Running]:
    """Start a Dothi on a fresh home and free ports; it is stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="dothi-bench-"))
    home.chmod(0o711)
    port = free_ports()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    log = (home / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", _CLI, "up", "--home", str(home), "--port", str(port), *options],
        env=variables | {"DOTHI_VISITOR_ROLE": visitor_role},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        made = Running(home, port)
        _wait_until_ready(made, process)
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOPPING_S)
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(made: Running, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError((made.home / "up.log").read_text()[-2000:])
        try:
            if httpx.get(f"{made.url}/health/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError((made.home / "up.log").read_text()[-2000:])


def free_ports() -> int:
    """Give a port that is free together with the two after it."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for place, probe in enumerate((one, two, three)):
                    probe.bind(("127.0.0.1", port + place))
            except OSError:
                continue
            return port


def thing(name: str, *, kind: str, streams: Sequence[tuple[str, str]], lon: float, lat: float) -> dict[str, object]:
    """Write a Thing for one deep insert; `streams` are names and units of its Datastreams."""
    text = {"encodingType": "text/plain", "description": "simulated"}
    measurement = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    place = {"type": "Point", "coordinates": [lon, lat]}
    return {
        "name": name,
        "description": "simulated",
        "properties": {"kind": kind, "simulated": True, "public": True},
        "Locations": [{"name": name, "description": "", "encodingType": "application/geo+json", "location": place}],
        "Datastreams": [
            {
                "name": stream,
                "description": "",
                "observationType": measurement,
                "unitOfMeasurement": {"name": unit, "symbol": unit, "definition": f"ucum:{unit}"},
                "Sensor": {"name": "bench", "metadata": "bench", **text},
                "ObservedProperty": {"name": stream, "description": "", "definition": f"urn:dothi:bench:{stream}"},
            }
            for stream, unit in streams
        ],
    }
