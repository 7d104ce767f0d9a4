"""Under load, at random moments, everything fails in turn: what was acknowledged is in the record, exactly once."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.disk import SmallDisk, small_disk
from tests.faults.installation import Installation, wait_for
from tests.faults.load import START, Load, Sent

pytestmark = pytest.mark.faults

BACK_WITHIN_S = 30.0
PERMISSIONS = ("observations.thing.create", "observations.thing.view", "observations.observation.create")
QUERY = f"""
COPY (SELECT datastream_id, round(extract(epoch FROM phenomenon_time - '{START.isoformat()}') * 1000)
      FROM observations_observation) TO STDOUT
"""


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
        thing = {"name": "load", "description": "simulated", "Datastreams": streams}
        web.post("/Things", json=thing).raise_for_status()
        found = web.get("/Datastreams", params={"$select": "id", "$top": "100"}).raise_for_status().json()
    return [stream["@iot.id"] for stream in found["value"]]


def stored(installation: Installation) -> Counter[Sent]:
    """Read back what is in the record."""
    code = (
        "import psycopg, sys; from dothi.config.servers.beside import settings_beside; from pathlib import Path\n"
        "url = settings_beside(Path(sys.argv[1]), 1)['database_url']\n"
        "with psycopg.connect(url) as connection, connection.cursor().copy(sys.argv[2]) as rows:\n"
        "    for row in rows: sys.stdout.buffer.write(row)\n"
    )
    text = run_beside(installation, sys.executable, "-c", code, str(installation.home), QUERY)
    return Counter((int(stream), int(number)) for stream, number in (line.split("\t") for line in text.splitlines()))


def kill(installation: Installation, name: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Kill a process and wait until the supervisor has started it again."""
    wait_for(lambda: installation.number_of(name) is not None, f"{name} runs: {installation.said()}")
    victim = installation.number_of(name)
    assert victim is not None
    os.kill(victim, number)
    wait_for(lambda: installation.number_of(name) not in {None, victim}, f"{name} again: {installation.said()}")


def fill_and_free(disk: SmallDisk, load: Load, chance: random.Random) -> None:
    """Leave no room until devices have noticed it some times."""
    enough = load.repeated + chance.randrange(5, 40)
    disk.fill()
    wait_for(lambda: load.repeated >= enough, "devices notice a full disk", within_s=BACK_WITHIN_S)
    disk.free()


def some_moment(load: Load, chance: random.Random) -> None:
    """Let a random number of Observations pass."""
    enough = len(load.acknowledged) + chance.randrange(10, 600)
    wait_for(lambda: len(load.acknowledged) >= enough, "devices are acknowledged", within_s=BACK_WITHIN_S)


def faults(
    installation: Installation, disk: SmallDisk, load: Load, chance: random.Random
) -> dict[str, Callable[[], None]]:
    return {
        "SIGKILL of ingest": lambda: kill(installation, "ingest"),
        "SIGKILL of web": lambda: kill(installation, "serve"),
        "SIGKILL of PostgreSQL": lambda: kill(installation, "postgres"),
        "restart of the devices' broker": lambda: kill(installation, "mosquitto-in", signal.SIGTERM),
        "restart of the notifications' broker": lambda: kill(installation, "mosquitto-out", signal.SIGTERM),
        "disk full and freed": lambda: fill_and_free(disk, load, chance),
        "connections cut": load.cut_connections,
    }


def in_random_order(names: list[str], number: int, chance: random.Random) -> Iterator[str]:
    """Give faults so that each kind comes as often as the others."""
    while number > 0:
        chance.shuffle(names)
        yield from names[:number]
        number -= len(names)


def come_back(installation: Installation, load: Load, name: str) -> None:
    """Wait until all is well again, and devices are acknowledged as before."""
    wait_for(installation.is_ready, f"ready after {name}: {installation.health()}", within_s=BACK_WITHIN_S)
    before = len(load.acknowledged)
    wait_for(lambda: len(load.acknowledged) > before + 50, f"work goes on after {name}", within_s=BACK_WITHIN_S)


@pytest.mark.parametrize("number", [10, pytest.param(100, marks=pytest.mark.nightly)])
def test_nothing_acknowledged_is_lost_or_doubled(
    installation: Installation, disk: SmallDisk, key: tuple[str, str], streams: list[int], number: int
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # a seed that is told makes a run repeatable
    print(f"seed {seed}")
    with Load(port=installation.port, key=key, streams=streams) as load:
        known = faults(installation, disk, load, chance)
        for name in in_random_order(list(known), number, chance):
            some_moment(load, chance)
            known[name]()
            come_back(installation, load, name)
    missing: set[Sent] = set(load.acknowledged)

    def is_all_there() -> bool:
        missing.difference_update(stored(installation))
        return not missing

    wait_for(
        is_all_there, f"{len(missing)} of {len(load.acknowledged)} are there (seed {seed})", within_s=BACK_WITHIN_S
    )
    doubled = [sent for sent, times in stored(installation).items() if times > 1]
    assert not doubled
    assert len(load.acknowledged) > number * 50
    assert load.repeated > 0, "no device noticed any fault: nothing was tried"
