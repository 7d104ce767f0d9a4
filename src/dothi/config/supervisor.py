"""`dothi up`: the private servers and all of Dothi's processes under one supervisor that leaves nothing behind."""

import asyncio
import http.client
import json
import math
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
import psycopg

from dothi.config import environment, simulators, welcome
from dothi.config.city import absolute, load_city
from dothi.config.city_time import RESERVE_S, ClockRecord, first_city_time
from dothi.config.servers.child import Child
from dothi.config.servers.console import Log, complain, tell
from dothi.config.servers.home import Home, open_home
from dothi.config.servers.mosquitto import PrivateMosquitto, private_mosquitto
from dothi.config.servers.ports import check_free
from dothi.config.servers.postgres import PrivatePostgres, private_postgres
from dothi.config.servers.process import CannotStart, Program
from dothi.config.servers.room import Room
from dothi.kernel.city import City
from dothi.kernel.clock import WALL, CityClock

SERVER_PATIENCE_S: Final = 600.0
"""How long a server may take to open: PostgreSQL may have a long journal to replay."""
UNREADY_AFTER_S: Final = 60.0
DEMO_SPEED: Final = 5.0
"""Dusk, a night's dimming and dawn take some three hours; 2,900 values/s keep two cores busy by less than a third."""
DEMO_RAW_GB: Final = 2.0
"""Of Observations; with 2 GB of PostgreSQL's journal and all the rest the demo's disk stays under 5 GB."""

WELCOME: Final = "welcome"
"""The home's secret that opens the welcome page as long as there is no administrator."""
FIRST_CONTROL: Final = 3
"""The port after the brokers', and those after it, are where simulators let things be broken, on loopback alone."""

Server = PrivatePostgres | PrivateMosquitto


@dataclass(frozen=True)
class Options:
    """What `dothi up` was asked for."""

    home: Path
    port: int
    is_demo: bool
    start: str
    speed: float
    seed: int
    devices: int | None = None


class Supervisor:
    """Starts everything in order, keeps it running, and ends it in the opposite order."""

    def __init__(self, options: Options, given: environment.Environment) -> None:
        self.options: Final = options
        self.given: Final = given
        self._groups: list[list[Child]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._room: Final = Room(tell=complain, on_room=self._hurry)
        self._home: Home | None = None
        self._clock: CityClock = WALL
        self._record: ClockRecord | None = None

    async def run(self) -> None:
        """Start everything, then keep it running until cancelled. Raises CannotStart, or what ended a part of this."""
        await self._start()
        while self._tasks:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            self._tasks -= done
            for task in done:
                task.result()

    async def _start(self) -> None:
        """Start everything, each thing when what it needs is there."""
        city = _load_city(self.given.city)
        home = self._home = await open_home(self.options.home)
        self._check(home)
        servers = self._private_servers(home)
        for line in home.told:
            tell(line)
        await self._start_servers(servers)
        self._clock = self._start_clock(city, home)
        variables = self._variables(home, servers)
        await self._run_once("migrate", variables)
        self._start_processes(variables)
        if self.options.is_demo:
            await self._start_simulators(home, variables)
        self._in_background(self._room.watch())
        self._in_background(self._tell_when_ready(city))

    async def stop(self) -> None:
        """End everything that was started, last first, and keep where the city's time stopped."""
        for task in self._tasks:
            task.cancel()
        for group in reversed(self._groups):
            await asyncio.gather(*(child.stop() for child in group))
        if self._record is not None:
            self._record.write(self._clock.now())
        if self._home is not None:
            self._home.close()

    def _check(self, home: Home) -> None:
        """Look at what would only fail later and less clearly. Raises CannotStart."""
        self._room.add(home.path)
        check_free(self.options.port, "web")
        if not self.given.mqtt_url:
            check_free(self.options.port + 1, "the devices' broker")
        if not self.given.mqtt_out_url:
            check_free(self.options.port + 2, "the notifications' broker")
        home.note_port(self.options.port)
        if self.options.is_demo:
            for control, name in self._controls():
                check_free(control, f"the control of the simulator {name}")
        elif ClockRecord(home.path / "clock.json").find() is not None:
            raise CannotStart(f"{home.path} holds simulated data: use it with --demo, or give another --home.")

    def _controls(self) -> list[tuple[int, str]]:
        """Give the port at which each simulator lets things be broken. Raises CannotStart if there is none."""
        return list(enumerate(simulators.list_simulators(), self.options.port + FIRST_CONTROL))

    def _private_servers(self, home: Home) -> dict[str, Server]:
        """Find the servers that nobody else provides, by the setting they stand for. Raises CannotStart."""
        servers: dict[str, Server] = {}
        if not self.given.database_url:
            servers["database_url"] = private_postgres(home)
        if not self.given.mqtt_url:
            servers["mqtt_url"] = private_mosquitto(home, "mosquitto-in", port=self.options.port + 1)
        if not self.given.mqtt_out_url:
            servers["mqtt_out_url"] = private_mosquitto(
                home, "mosquitto-out", port=self.options.port + 2, tells_subscriptions=True
            )
        return servers

    async def _start_servers(self, servers: Mapping[str, Server]) -> None:
        self._groups.extend([] for _ in servers)
        for group, server in zip(self._groups, servers.values(), strict=True):
            self._room.add(server.data.parent)
            program = server.program(environment.inherited())
            child = self._child(program, prepare=server.prepare)
            group.append(child)
            if not await server.wait_until_open(_begin(child), within_s=SERVER_PATIENCE_S):
                raise CannotStart(f"{program.name} does not start: {await child.ended()} (see {child.log.file})")
            if isinstance(server, PrivatePostgres):
                await _open_database(server)
            self._in_background(child.watch())

    def _start_clock(self, city: City, home: Home) -> CityClock:
        """Set the city's clock: wall time, or the demo's. Raises CannotStart for a start that the record forbids."""
        if not self.options.is_demo:
            return WALL
        wall_now = WALL.now()
        record = ClockRecord(home.path / "clock.json")
        start = first_city_time(city, wall_now=wall_now, stopped_at=record.find(), wanted=self.options.start)
        self._record = record
        self._in_background(self._keep_record(record))
        return CityClock(start, wall_now, self.options.speed)

    def _variables(self, home: Home, servers: Mapping[str, Server]) -> dict[str, str]:
        """Give the environment of Dothi's own processes; secrets go this way, as arguments can be read by everybody."""
        settings = {name: server.url for name, server in servers.items()}
        if self.options.is_demo:
            settings["clock"] = self._clock.format()
            settings["visitor_role"] = self.given.visitor_role or "viewer"
            settings["raw_gb"] = f"{self.given.raw_gb or DEMO_RAW_GB:g}"
            settings["demo"] = "true"
            settings["simulators"] = ",".join(f"{name}={control}" for control, name in self._controls())
        settings["city"] = absolute(self.given.city)
        settings["welcome_token"] = home.secret(WELCOME)
        settings["secret_key"] = self.given.secret_key or home.secret("secret-key")
        return environment.inherited(home=str(home.path), port=str(self.options.port), **settings)

    async def _run_once(self, command: str, variables: Mapping[str, str]) -> None:
        """Run a command of Dothi to its end. Raises CannotStart if it fails."""
        child = self._child(_command(command, variables=variables))
        self._groups.append([child])
        _begin(child)
        if reason := await child.ended():
            raise CannotStart(f"dothi {command} failed: {reason} (see {child.log.file})")
        self._groups.pop()

    def _start_processes(self, variables: Mapping[str, str]) -> None:
        programs = [
            _command("serve", "--port", str(self.options.port), variables=variables),
            _command("ingest", variables=variables),
            _command("worker", variables=variables),
        ]
        self._start_group(programs)

    async def _start_simulators(self, home: Home, variables: Mapping[str, str]) -> None:
        url = f"http://127.0.0.1:{self.options.port}"
        broker = _without_password(self.given.mqtt_url) or f"mqtt://127.0.0.1:{self.options.port + 1}"
        outside = {name: value for name, value in environment.inherited().items() if not name.startswith("DOTHI_")}
        programs = []
        for control, name in self._controls():
            key = await simulators.key_of(name, home, variables)
            truth = home.path / "truth" / f"{name}.jsonl"
            arguments = ["--url", url, "--mqtt", broker, "--seed", str(self.options.seed), "--truth", str(truth)]
            arguments += ["--control", str(control)]
            if self.options.devices is not None:
                arguments += ["--devices", str(self.options.devices)]
            programs.append(simulators.simulator(name, *arguments, variables=outside | key))
        self._start_group(programs)

    def _start_group(self, programs: list[Program]) -> None:
        """Start programs that end together."""
        group: list[Child] = []
        self._groups.append(group)
        for program in programs:
            child = self._child(program)
            group.append(child)
            _begin(child)
            self._in_background(child.watch())

    def _child(self, program: Program, *, prepare: Callable[[], None] | None = None) -> Child:
        if self._home is None:
            raise RuntimeError("the home is opened first")
        log = Log(self._home.path / "log" / f"{program.name.lower().replace(' ', '-')}.log")
        return Child(program, log=log, tell=self._tell_of_restart, prepare=prepare, keep_open=(self._home.lock,))

    def _tell_of_restart(self, line: str) -> None:
        """Say that a program is started again; on a full disk that was said once, and is the reason."""
        if not self._room.is_full():
            complain(line)

    def _hurry(self) -> None:
        for group in self._groups:
            for child in group:
                child.hurry()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def _keep_record(self, record: ClockRecord) -> None:
        """Keep where the city's time will be a little later; after a kill it goes on from there."""
        while True:
            await asyncio.to_thread(record.write, self._clock.at(WALL.now() + timedelta(seconds=RESERVE_S)))
            await asyncio.sleep(RESERVE_S / 2)

    async def _tell_when_ready(self, city: City) -> None:
        """Say once that Dothi is ready, as its own health says it is; and once what is missing if that takes long."""
        state: dict[str, Any] = {}
        tell_after = monotonic() + UNREADY_AFTER_S
        while state.get("status") != "ready":
            await asyncio.sleep(0.2)
            state = await asyncio.to_thread(_health, self.options.port)
            if monotonic() > tell_after:
                tell(f"Dothi is not ready yet: {what_is_down(state)}.")
                tell_after = math.inf
        at = datetime.fromisoformat(state["city_time"]).astimezone(ZoneInfo(city.zone))
        speed = f", at {self._clock.speed:g} times the speed" if self._clock.speed != 1 else ""
        address = f"http://127.0.0.1:{self.options.port}/"
        tell(f"Dothi is ready: {address} (city time {at:%Y-%m-%d %H:%M:%S}{speed}). Ctrl-C stops it.")
        token = self._home.secret(WELCOME) if self._home else ""
        if link := await asyncio.to_thread(welcome.find_address, self.options.port, token):
            tell(f"There is no administrator yet. Open this address to begin: {link}")


def _command(*words: str, variables: Mapping[str, str]) -> Program:
    """Say how to run one of Dothi's own commands. It stops by SIGTERM, and at once if the supervisor dies."""
    return Program(name=words[0], argv=(sys.executable, "-m", "dothi.config.cli", *words), variables=variables)


def _begin(child: Child) -> subprocess.Popen[bytes]:
    try:
        return child.start()
    except OSError as error:
        raise CannotStart(f"{child.program.name} cannot be started: {error}") from error


async def _open_database(server: PrivatePostgres) -> None:
    try:
        await server.open_database()
    except psycopg.Error as error:
        raise CannotStart(f"The database could not be made: {str(error).splitlines()[0]}") from error


def _load_city(name_or_path: str) -> City:
    try:
        return load_city(name_or_path)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def _without_password(url: str) -> str:
    """Give a broker's address for those who have a name and password of their own; "" stays ""."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 1883}" if url else ""


def _health(port: int) -> dict[str, Any]:
    """Ask the web process how everything is; nothing if it gives no answer yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        found = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    return found if isinstance(found, dict) else {}


def what_is_down(health: Mapping[str, Any]) -> str:
    """Name the components that are down, with their reasons."""
    down = [
        f"{name} is down" + (f" ({part['reason']})" if part.get("reason") else "")
        for name, part in health.get("components", {}).items()
        if part.get("status") != "up"
    ]
    return ", ".join(down) or "the web process does not answer"


async def _supervise(options: Options, given: environment.Environment) -> None:
    """Run until told to stop by a signal; whatever happens, nothing that was started stays behind."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    supervisor = Supervisor(options, given)
    work = {asyncio.create_task(supervisor.run()), asyncio.create_task(told.wait())}
    ended, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        tell("Stopping ...")
    for task in work:
        task.cancel()
    await asyncio.wait(work)
    await supervisor.stop()
    for task in ended:
        task.result()
    tell("Dothi has stopped.")


@click.command()
@click.option("--demo", is_flag=True, help="Simulate the city's devices, with a clock that starts shortly before dusk.")
@click.option(
    "--home", type=click.Path(path_type=Path), help="The folder for data and secrets; DOTHI_HOME if not given."
)
@click.option("--port", type=click.IntRange(1, 65_533), help="The web port; the brokers take the next two.")
@click.option("--start", default="", metavar="TIME", help="With --demo: the city's time at the start, such as 18:05.")
@click.option(
    "--speed", type=click.FloatRange(0, 10_000, min_open=True), help="With --demo: how fast the city's clock runs; 5."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="With --demo: what the simulators' chance begins with."
)
@click.option(
    "--devices", type=click.IntRange(1), help="With --demo: the most devices that each simulator has; all if not given."
)
def up(
    demo: bool,
    home: Path | None,
    port: int | None,
    start: str,
    speed: float | None,
    seed: int,
    devices: int | None,
) -> None:
    """Start Dothi and the servers it needs; Ctrl-C stops everything again."""
    if not demo and (start or speed is not None):
        raise click.UsageError("--start and --speed need --demo: in production the city's time is the wall's.")
    try:
        given = environment.read()
        options = Options(
            home=home or given.home,
            port=port or given.port,
            is_demo=demo,
            start=start,
            speed=DEMO_SPEED if speed is None else speed,
            seed=seed,
            devices=devices,
        )
        asyncio.run(_supervise(options, given))
    except (CannotStart, ValueError) as error:
        _give_up(str(error))
    except OSError as error:
        _give_up(f"{error.strerror or error}: {error.filename or ''}")


def _give_up(reason: str) -> NoReturn:
    complain(f"dothi: {reason}")
    sys.exit(1)
