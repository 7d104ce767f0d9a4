"""The commands of "Getting started" do what the guide says, run as they stand there against a running demo."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, SITE, blocks
from tests.faults.installation import Installation

pytestmark = [
    pytest.mark.faults,
    pytest.mark.nightly,
    pytest.mark.skipif(
        not shutil.which("mosquitto_rr"), reason="the guide asks for the Debian package mosquitto-clients"
    ),
]

TOKEN = re.compile(r"^[0-9a-f]{16}\.[\w-]{43}$", re.MULTILINE)


@pytest.fixture
def demo() -> Iterator[Installation]:
    """A running demo in a folder that the servers' users can enter."""
    with tempfile.TemporaryDirectory(prefix="dothi-first-steps-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        installation = Installation(Path(name) / "home", consoles=Path(name))
        installation.start_and_wait()
        yield installation
        installation.stop()


def steps(demo: Installation) -> list[str]:
    """Give the guide's scripts after the start of the demo, with the ports and programs of this one."""
    scripts = [block.text for block in blocks((SITE / "guides/getting-started.md").read_text("utf-8"), "sh")]
    own = {":8000": f":{demo.port}", "-p 8001": f"-p {demo.port + 1}", ".venv/bin/dothi": "dothi"}
    for guides, ours in own.items():
        scripts = [script.replace(guides, ours) for script in scripts]
    return [script for script in scripts if not script.startswith("make demo")]


def test_the_first_steps_lead_to_a_lamp(demo: Installation) -> None:
    create, variables, *rest = steps(demo)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    environment |= {"DOTHI_HOME": str(demo.home), "DOTHI_PORT": str(demo.port), "PYTHONPATH": str(ROOT / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def run(script: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", script], env=environment, cwd=demo.consoles, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    token = TOKEN.search(run(create))
    assert token is not None
    known = variables.replace("KEY=…", f"KEY={token[0]}")
    register, find, by_http, by_mqtt, ask, read, revoke = [f"{known}\n{script}" for script in rest]

    assert "201 Created" in run(register)
    [datastream] = json.loads(run(find))["value"]
    mine = f"Datastreams({datastream['@iot.id']})"
    assert "201 Created" in run(by_http.replace("Datastreams(4)", mine))
    run(by_mqtt.replace("Datastreams(4)", mine))
    first, again = (json.loads(run(ask.replace("Datastreams(4)", mine))) for _ in range(2))
    assert (first["outcome"], again) == ("stored", {"outcome": "duplicate", "id": first["id"]})
    results = {each["result"] for each in json.loads(run(read.replace("Datastreams(4)", mine)))["value"]}
    assert results == {97.5, 0.8, 98.1}
    assert "is revoked" in run(revoke)
    assert "401 Unauthorized" in run(by_http.replace("Datastreams(4)", mine))
