"""While commands go out, what carries them is killed in turn: each command still is obeyed and acknowledged."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import gmqtt
import httpx
import pytest
import pytest_asyncio
from gmqtt.mqtt.constants import UNLIMITED_RECONNECTS

from tests.faults.installation import Installation
from tests.waiting import wait_for

pytestmark = pytest.mark.faults

SEED = 20261125
LAMPS = 20
ROUNDS = 6
KILLED = ("ingest", "ingest", "mosquitto-in", "ingest", "postgres", "ingest")
WITHIN_S = 120.0
PERMISSIONS = (
    "observations.thing.create",
    "observations.thing.view",
    "observations.task.create",
    "observations.task.view",
    "observations.task.answer",
)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A Dothi as in production."""
    with tempfile.TemporaryDirectory(prefix="dothi-commands-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        made = Installation(Path(name) / "home", Path(name), is_demo=False)
        made.start_and_wait()
        yield made
        made.kill_everything()


@pytest.fixture(scope="module")
def key(installation: Installation) -> tuple[str, str]:
    allowed = [word for permission in PERMISSIONS for word in ("--allow", permission)]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    variables |= {"DOTHI_HOME": str(installation.home), "DOTHI_PORT": str(installation.port)}
    command = (sys.executable, "-m", "dothi.config.cli", "keys", "create", "--name", "lamps", "--json", *allowed)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    return made["id"], made["secret"]


@pytest_asyncio.fixture(loop_scope="session")
async def web(installation: Installation, key: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    base = f"http://127.0.0.1:{installation.port}/v1.1/"
    async with httpx.AsyncClient(base_url=base, auth=key, trust_env=False, timeout=30) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def obeyed(installation: Installation, key: tuple[str, str]) -> AsyncIterator[Counter[int]]:
    """A controller that obeys everything, and how often it was told each Task."""
    told: Counter[int] = Counter()
    client = gmqtt.Client("lamps")
    client.set_config({"reconnect_retries": UNLIMITED_RECONNECTS, "reconnect_delay": 1})
    client.set_auth_credentials(*key)
    client.on_connect = lambda made, *_answer: made.subscribe("v1.1/+/Tasks", qos=1)

    def obey(made: gmqtt.Client, topic: str, payload: bytes, *_more: Any) -> int:
        number = json.loads(payload)["@iot.id"]
        told[number] += 1
        made.publish(f"{topic}({number})/status", b'{"status": "done"}', qos=1)
        return 0

    client.on_message = obey
    await client.connect("127.0.0.1", installation.port + 1)
    yield told
    await client.disconnect()


async def register(web: httpx.AsyncClient) -> list[int]:
    capability = {
        "name": "light",
        "taskingParameters": {},
        "Actuator": {"name": "driver", "encodingType": "text/plain", "metadata": "none"},
    }
    for number in range(LAMPS):
        body = {"name": f"lamp {number}", "TaskingCapabilities": [capability]}
        (await web.post("Things", json=body)).raise_for_status()
    return [each["@iot.id"] for each in (await web.get("TaskingCapabilities")).json()["value"]]


async def command(web: httpx.AsyncClient, capability: int) -> int:
    """Give one command; what is answered with anything but 201, while the database is away, is given again."""
    while True:
        answer = await web.post(f"TaskingCapabilities({capability})/Tasks", json={"taskingParameters": {"level": 1}})
        if answer.status_code == 201:
            return int(answer.json()["@iot.id"])
        assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.2)  # before it is asked again


async def count_open(web: httpx.AsyncClient) -> int | None:
    answer = await web.get("Tasks/$count", params={"$filter": "status ne 'done'"})
    return int(answer.text) if answer.status_code == 200 else None


def _running(installation: Installation, name: str) -> int:
    """Give the number of a process once it runs: what was killed just before may not be back yet."""
    wait_for(lambda: installation.number_of(name) is not None, f"{name} runs", tell=installation.story)
    number = installation.number_of(name)
    assert number is not None
    return number


async def test_each_command_is_acknowledged_whatever_is_killed(
    installation: Installation, web: httpx.AsyncClient, obeyed: Counter[int]
) -> None:
    chance = random.Random(SEED)
    capabilities = await register(web)
    given: list[int] = []
    for name in KILLED[:ROUNDS]:
        number = await asyncio.to_thread(_running, installation, name)
        commands = asyncio.gather(*(command(web, capability) for capability in capabilities))
        await asyncio.sleep(chance.uniform(0, 0.5))
        os.kill(number, signal.SIGKILL)
        given += await commands
        back = f"back after {name} was killed"
        await asyncio.to_thread(wait_for, installation.is_ready, back, tell=installation.story)
    async with asyncio.timeout(WITHIN_S):
        while await count_open(web) != 0:
            await asyncio.sleep(0.2)
    assert set(given) <= set(obeyed)
    assert len(set(given)) == LAMPS * ROUNDS
    assert await asyncio.to_thread(installation.stop) == 0
    installation.assert_nothing_left()
