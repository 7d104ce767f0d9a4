"""`dothi observations dead-letters` shows what could not be used."""

import os
import subprocess
import sys

import msgspec

from dothi.core.observations.deadletters.types import DeadLetter
from dothi.core.observations.service import Record


def ask(database_url: str, *options: str) -> str:
    command = [sys.executable, "-m", "dothi.config.cli", "observations", "dead-letters", *options]
    environment = {**os.environ, "DOTHI_DATABASE_URL": database_url}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


async def test_the_newest_are_listed(record: Record, database_url: str) -> None:
    for number in range(3):
        await record.keep_dead_letter(source=f"mqtt:{number}", reason="not JSON", payload=b"\x1b]{\n")
    lines = ask(database_url, "--limit", "2").splitlines()
    assert [line.split("  ")[1:] for line in lines] == [
        ["mqtt:2", "not JSON", "\\x1b]{\\n"],
        ["mqtt:1", "not JSON", "\\x1b]{\\n"],
    ]
    found = msgspec.json.decode(ask(database_url, "--json"), type=list[DeadLetter])
    assert [letter.source for letter in found] == ["mqtt:2", "mqtt:1", "mqtt:0"]
