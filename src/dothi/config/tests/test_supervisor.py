"""`dothi up` is light, and says what it is asked wrongly and what is missing."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from dothi.config.cli import main
from dothi.config.supervisor import what_is_down


def test_the_supervisor_loads_no_django() -> None:
    code = "import sys, dothi.config.cli, dothi.config.supervisor as s; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("options", [("--start", "18:00"), ("--speed", "2"), ("--port", "65534"), ("--speed", "0")])
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["up", *options])
    assert result.exit_code == 2


def test_what_is_down_is_named_with_its_reason() -> None:
    assert what_is_down({}) == "the web process does not answer"
    components = {
        "web": {"status": "up"},
        "worker": {"status": "down", "reason": "no sign of life yet"},
        "broker_in": {"status": "down"},
    }
    assert what_is_down({"components": components}) == "worker is down (no sign of life yet), broker_in is down"
