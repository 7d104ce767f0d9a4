"""Every simulator as a process: it needs a key, waits for the platform, and ends when it is told to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NOBODY = ["--url", "http://127.0.0.1:9", "--mqtt", "mqtt://127.0.0.1:9"]
ALL = sorted(file.parent.name for file in (ROOT / "simulators").glob("*/__main__.py"))
KEY = {"DOTHI_KEY_ID": "a", "DOTHI_KEY_SECRET": "b"}


def start(name: str, **variables: str) -> subprocess.Popen[str]:
    """Start it against a platform that is not there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_KEY")} | variables
    command = [sys.executable, "-m", f"simulators.{name}", *NOBODY]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", ALL)
def test_without_a_key_it_says_so_and_ends(name: str) -> None:
    process = start(name)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.count("\n")) == (2, 1)
    assert "DOTHI_KEY_ID" in said


@pytest.mark.parametrize("name", ALL)
def test_it_waits_for_the_platform_and_ends_when_told(name: str) -> None:
    with start(name, **KEY) as process:
        assert process.stderr is not None
        assert "the platform does not answer" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
