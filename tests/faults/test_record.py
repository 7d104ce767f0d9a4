"""Under load, at random moments, everything fails in turn: what was acknowledged is in the record, exactly once."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import pytest

from tests.faults.disk import SmallDisk, small_disk
from tests.faults.installation import Installation
from tests.faults.load import START, Load, Sent, moment_of
from tests.waiting import wait_for

pytestmark = pytest.mark.faults

BACK_WITHIN_S: Final = 30.0
PERMISSIONS = ("observations.thing.create", "observations.thing.view", "observations.observation.create")
QUERY: Final = f"""
COPY (SELECT datastream_id, round(extract(epoch FROM phenomenon_time - '{START.isoformat()}') * 1000)
      FROM observations_observation WHERE phenomenon_time >= '{{since}}') TO STDOUT
"""
COUNTS: Final = """
COPY (SELECT (SELECT count(*) FROM observations_observation), (SELECT sum(stored) FROM observations_latest),
             (SELECT count(*) FROM observations_observation WHERE conflicting),
             (SELECT count(*) FROM observations_deadletter)) TO STDOUT
"""
"""Rows, rows as the Datastreams count them, those said to conflict, and messages set aside."""
LONG_S: Final = 40.0
"""How long a disk stays full or the database away in the nightly run: longer than anything waits between two tries."""


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    """A disk of its own for one home, in a folder that the servers' users can enter."""
    with tempfile.TemporaryDirectory(prefix="dothi-record-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        (Path(name) / "disk").mkdir()
        with small_disk(Path(name) / "disk", megabytes=1200) as made:
            yield made


@pytest.fixture(scope="module")
def installation(disk: SmallDisk) -> Iterator[Installation]:
    """A Dothi as in production on that disk."""
    made = Installation(disk.inside / "home", disk.inside.parent, prefix=disk.prefix, is_demo=False)
    made.start_and_wait()
    yield made
    made.kill_everything()


def run_beside(installation: Installation, *words: str) -> str:
    """Run a command where the installation's disk is mounted."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    variables |= {"DOTHI_HOME": str(installation.home), "DOTHI_PORT": str(installation.port)}
    done = subprocess.run([*installation.prefix, *words], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def key(installation: Installation) -> tuple[str, str]:
    allowed = [word for permission in PERMISSIONS for word in ("--allow", permission)]
    command = (sys.executable, "-m", "dothi.config.cli", "keys", "create", "--name", "load", "--json", *allowed)
    made = json.loads(run_beside(installation, *command))
    return made["id"], made["secret"]


@pytest.fixture(scope="module")
def streams(installation: Installation, key: tuple[str, str]) -> list[int]:
    """Some Datastreams to send to."""
    streams = [
        {
            "name": f"s{number}",
            "description": "",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "watt", "symbol": "W", "definition": "ucum:W"},
            "Sensor": {"name": "s", "description": "", "encodingType": "text/plain", "metadata": "s"},
            "ObservedProperty": {"name": "power", "description": "", "definition": "urn:dothi:test:power"},
        }
        for number in range(20)
    ]
    headers = {"Authorization": "Bearer " + ".".join(key)}
    base = f"http://127.0.0.1:{installation.port}/v1.1"
    with httpx.Client(base_url=base, headers=headers, timeout=60, trust_env=False) as web:
        point = {"type": "Point", "coordinates": [106.67, 11.05]}
        place = {"name": "here", "description": "", "encodingType": "application/geo+json", "location": point}
        thing = {"name": "load", "description": "simulated", "Locations": [place], "Datastreams": streams}
        web.post("/Things", json=thing).raise_for_status()
        found = web.get("/Datastreams", params={"$select": "id", "$top": "100"}).raise_for_status().json()
    return [stream["@iot.id"] for stream in found["value"]]


def ask(installation: Installation, query: str) -> list[tuple[int, ...]]:
    """Give rows of numbers, by COPY."""
    code = (
        "import psycopg, sys; from dothi.config.servers.beside import settings_beside; from pathlib import Path\n"
        "url = settings_beside(Path(sys.argv[1]), 1)['database_url']\n"
        "with psycopg.connect(url) as connection, connection.cursor().copy(sys.argv[2]) as rows:\n"
        "    for row in rows: sys.stdout.buffer.write(row)\n"
    )
    text = run_beside(installation, sys.executable, "-c", code, str(installation.home), query)
    return [tuple(int(word) for word in line.split("\t")) for line in text.splitlines()]


def kill(installation: Installation, name: str, number: signal.Signals = signal.SIGKILL) -> float:
    """Kill a process and wait until the supervisor has started it again; gives when it was killed."""
    wait_for(lambda: installation.number_of(name) is not None, f"{name} runs", tell=installation.story)
    victim = installation.number_of(name)
    assert victim is not None
    os.kill(victim, number)
    began = time.monotonic()
    wait_for(
        lambda: installation.number_of(name) not in {None, victim},
        f"{name} runs again",
        within_s=BACK_WITHIN_S,
        tell=installation.story,
    )
    return began


def keep_away(installation: Installation, name: str, *, at_least_s: float) -> float:
    """Kill a process each time that it runs again; gives when that ended."""
    until = time.monotonic() + at_least_s
    while time.monotonic() < until:
        last = kill(installation, name)
    return last


def fill_and_free(disk: SmallDisk, load: Load, chance: random.Random, *, at_least_s: float = 0) -> float:
    """Leave no room until devices have noticed it some times; gives when there was room again."""
    enough = load.repeated + chance.randrange(5, 40)
    until = time.monotonic() + at_least_s
    disk.fill()
    wait_for(
        lambda: load.repeated >= enough and time.monotonic() >= until,
        "devices notice a full disk",
        within_s=BACK_WITHIN_S + at_least_s,
    )
    disk.free()
    return time.monotonic()


def cut_connections(load: Load) -> float:
    load.cut_connections()
    return time.monotonic()


def some_moment(load: Load, chance: random.Random) -> None:
    """Let a random number of Observations pass."""
    enough = len(load.acknowledged) + chance.randrange(10, 600)
    wait_for(lambda: len(load.acknowledged) >= enough, "devices are acknowledged", within_s=BACK_WITHIN_S)


Faults = dict[str, Callable[[], float]]
"""What fails, by its name; each gives when it was over, from when on Dothi has time to be back."""


def faults(installation: Installation, disk: SmallDisk, load: Load, chance: random.Random) -> Faults:
    return {
        "SIGKILL of ingest": lambda: kill(installation, "ingest"),
        "SIGKILL of web": lambda: kill(installation, "serve"),
        "SIGKILL of PostgreSQL": lambda: kill(installation, "postgres"),
        "restart of the devices' broker": lambda: kill(installation, "mosquitto-in", signal.SIGTERM),
        "restart of the notifications' broker": lambda: kill(installation, "mosquitto-out", signal.SIGTERM),
        "disk full and freed": lambda: fill_and_free(disk, load, chance),
        "connections cut": lambda: cut_connections(load),
    }


def in_random_order(names: list[str], number: int, chance: random.Random) -> Iterator[str]:
    """Give faults so that each kind comes as often as the others."""
    while number > 0:
        chance.shuffle(names)
        yield from names[:number]
        number -= len(names)


class Account:
    """What was done, how long it took to be back, and whether the record has what was acknowledged."""

    def __init__(self, installation: Installation, load: Load, tell: Callable[[str], None]) -> None:
        self._installation, self._load, self._tell = installation, load, tell
        self._verified: set[Sent] = set()
        self._back_s: dict[str, list[float]] = {}

    def suffer(self, name: str, fault: Callable[[], float]) -> None:
        """Let something fail, wait until all is well again, and look at the record."""
        before = self._load.repeated
        over = fault()
        self._wait_until_back(name, over)
        back_s = time.monotonic() - over
        self._look(name, within_s=max(1.0, BACK_WITHIN_S - back_s))
        self._back_s.setdefault(name, []).append(back_s)
        number = sum(map(len, self._back_s.values()))
        self._tell(
            f"{number:4} {name}: back in {back_s:.1f} s; {self._load.repeated - before} sent again;"
            f" {len(self._verified)} acknowledged are there, none twice ({time.monotonic() - over:.1f} s)"
        )

    def _wait_until_back(self, name: str, over: float) -> None:
        """Wait until Dothi says that all is well, and devices are acknowledged by each way in."""
        left_s = over + BACK_WITHIN_S - time.monotonic()
        wait_for(self._installation.is_ready, f"ready after {name}", within_s=left_s, tell=self._installation.story)
        before = self._load.by_door.copy()
        left_s = over + BACK_WITHIN_S - time.monotonic()
        wait_for(
            lambda: all(self._load.by_door[door] >= before[door] + 25 for door in ("HTTP", "MQTT")),
            f"work goes on after {name}",
            within_s=left_s,
            tell=self._installation.story,
        )

    def _look(self, name: str, *, within_s: float) -> None:
        """See that each Observation acknowledged until now is there once; only those not seen before are read."""
        wanted = self._load.acknowledged.copy() - self._verified
        since = moment_of(min((number for _, number in wanted), default=0))

        def is_all_there() -> bool:
            found = Counter(ask(self._installation, QUERY.format(since=since)))
            twice = [sent for sent, times in found.items() if times > 1]
            assert not twice, f"after {name}: {twice[:20]} are there twice"
            wanted.difference_update(found)
            return not wanted

        seen = set(wanted)
        wait_for(
            is_all_there,
            f"everything acknowledged is there after {name}",
            within_s=within_s,
            tell=lambda: f"{len(wanted)} are missing: {sorted(wanted)[:20]}; {self._installation.story()}",
        )
        self._verified |= seen

    def close(self) -> None:
        """Look at all of the record once more, when nothing is under way, and tell how it went."""
        self._verified.clear()
        self._look("everything", within_s=BACK_WITHIN_S)
        [(rows, counted, conflicting, set_aside)] = ask(self._installation, COUNTS)
        assert (counted, conflicting, set_aside) == (rows, 0, 0)
        self._tell(
            f"{len(self._verified)} acknowledged, {self._load.repeated} sent again, {rows} in the record; by kind:"
        )
        for name, times in sorted(self._back_s.items()):
            self._tell(f"  {name}: {len(times)} times, back in {median(times):.1f} s, at most {max(times):.1f} s")


@pytest.mark.parametrize("number", [10, pytest.param(100, marks=pytest.mark.nightly)])
def test_nothing_acknowledged_is_lost_or_doubled(
    installation: Installation,
    disk: SmallDisk,
    key: tuple[str, str],
    streams: list[int],
    number: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # a seed that is told makes a run repeatable
    is_nightly = number >= 100

    def tell(line: str) -> None:
        with capsys.disabled() if is_nightly else contextlib.nullcontext():
            print(line, flush=True)

    tell(f"seed {seed}")
    with Load(port=installation.port, key=key, streams=streams) as load:
        known = faults(installation, disk, load, chance)
        if is_nightly:
            known["PostgreSQL killed for long"] = lambda: keep_away(installation, "postgres", at_least_s=LONG_S)
            known["disk full for long"] = lambda: fill_and_free(disk, load, chance, at_least_s=LONG_S)
        account = Account(installation, load, tell)
        for name in in_random_order(list(known), number, chance):
            some_moment(load, chance)
            account.suffer(name, known[name])
    account.close()
    assert len(load.acknowledged) > number * 50
    assert load.repeated > 0, "no device noticed any fault: nothing was tried"
