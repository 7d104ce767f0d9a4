"""Private servers for a run of the tests: a pytest plugin (`-p`), as Django reads settings before any conftest."""

import asyncio
import atexit
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from dothi.config.servers.home import Home, open_home
from dothi.config.servers.mosquitto import PrivateMosquitto, private_mosquitto
from dothi.config.servers.postgres import PrivatePostgres, private_postgres
from dothi.config.servers.process import CannotStart, Program, spawn, stop

PREFIX: Final = "dothi-tests-"
PATIENCE_S: Final = 60.0
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, and leave the loops of asynchronous tests alone."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@dataclass
class PrivateServers:
    """The servers of this run; their addresses are known at once, each is started when a test first asks for it."""

    home: Home
    postgres: PrivatePostgres
    mosquitto_in: PrivateMosquitto
    mosquitto_out: PrivateMosquitto
    port: int
    """A free port for a web server under test."""
    running: dict[str, tuple[subprocess.Popen[bytes], Program]] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """Give the settings that make Dothi use them."""
        return {
            "DOTHI_HOME": str(self.home.path),
            "DOTHI_DATABASE_URL": self.postgres.url,
            "DOTHI_MQTT_URL": self.mosquitto_in.url,
            "DOTHI_MQTT_OUT_URL": self.mosquitto_out.url,
            "DOTHI_SECRET_KEY": self.home.secret("secret-key"),
            "DOTHI_PORT": str(self.port),
        }

    def start_postgres(self) -> PrivatePostgres:
        """Start the database, once."""
        if self._start(self.postgres):
            run(self.postgres.open_database())
        return self.postgres

    def start_mosquittos(self) -> tuple[PrivateMosquitto, PrivateMosquitto]:
        """Start the devices' broker and the notifications' broker, once."""
        self._start(self.mosquitto_in)
        self._start(self.mosquitto_out)
        return self.mosquitto_in, self.mosquitto_out

    def _start(self, server: PrivatePostgres | PrivateMosquitto) -> bool:
        program = server.program(os.environ)
        if program.name in self.running:
            return False
        server.prepare()
        log = self.home.path / f"{program.name}.log"
        with log.open("wb") as output:
            process = spawn(program, output=output.fileno(), keep_open=(self.home.lock,))
        self.running[program.name] = process, program
        if not run(server.wait_until_open(process, within_s=PATIENCE_S)):
            pytest.exit(f"{program.name} does not start: {log.read_text('utf-8', 'replace')[-800:]}", 1)
        return True

    def close(self) -> None:
        """Stop what was started and remove its data."""
        for process, program in reversed(self.running.values()):
            run(stop(process, program))
        self.running.clear()
        self.home.close()
        for folder in {self.home.path, self.postgres.data.parent, self.postgres.sockets}:
            shutil.rmtree(folder, ignore_errors=True)


def find_free_port() -> int:
    """Give a port that nobody listens on, below those that the kernel hands to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def choose_servers() -> PrivateServers:
    """Choose a home and ports for a set of servers; nothing is started yet."""
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)  # the servers' own users pass through
    home = run(open_home(folder))
    return PrivateServers(
        home=home,
        postgres=private_postgres(home, is_durable=False),
        mosquitto_in=private_mosquitto(home, "mosquitto-in", port=find_free_port()),
        mosquitto_out=private_mosquitto(home, "mosquitto-out", port=find_free_port(), tells_subscriptions=True),
        port=find_free_port(),
    )


def _remove_leftovers() -> None:
    """Remove what runs of the tests that were killed left behind; the lock of a living one is held."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = folder / "lock"
        if os.access(folder, os.W_OK) and lock.exists() and _is_free(lock):
            shutil.rmtree(folder, ignore_errors=True)


def _is_free(lock: Path) -> bool:
    return subprocess.run(["flock", "--nonblock", str(lock), "true"], check=False).returncode == 0


try:
    SERVERS: Final = choose_servers()
except CannotStart as error:
    raise pytest.UsageError(str(error)) from error
for _name in [name for name in os.environ if name.startswith("DOTHI_")]:
    del os.environ[_name]
os.environ.update(SERVERS.settings())
atexit.register(SERVERS.close)
