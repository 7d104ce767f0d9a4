"""The demo's simulators: found in their folder, each with a machine key of its own, started as outsiders."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Final

from dothi.config.servers.home import Home, write_private
from dothi.config.servers.process import CannotStart, Program, exit_of, spawn
from dothi.kernel.manifest import ROOT

PROJECT: Final = ROOT.parents[1]
"""The project's folder: simulators are no part of the installed package."""
RIGHTS: Final = (
    "observations.thing.view",
    "observations.thing.create",
    "observations.observation.create",
    "observations.task.answer",
)
"""What a simulator may do: what any vendor's device may."""


def list_simulators() -> list[str]:
    """Name the simulators: each is a package of `simulators` that can be run. Raises CannotStart if there is none."""
    found = sorted(file.parent.name for file in PROJECT.glob("simulators/*/__main__.py"))
    if not found:
        raise CannotStart(f"The demo needs the simulators, and there are none in {PROJECT / 'simulators'}.")
    return found


async def key_of(simulator: str, home: Home, variables: Mapping[str, str]) -> dict[str, str]:
    """Give the variables with a simulator's key, made once and kept among the home's secrets. Raises CannotStart."""
    file = home.path / "secrets" / f"simulator-{simulator}.json"
    key = json.loads(file.read_bytes()) if file.exists() else {}
    if key.get("rights") != list(RIGHTS):  # a home of before may have a key that lacks some
        key = json.loads(await _create_key(f"demo-{simulator}", variables)) | {"rights": RIGHTS}
        write_private(file, json.dumps(key))
    return {"DOTHI_KEY_ID": key["id"], "DOTHI_KEY_SECRET": key["secret"]}


def simulator(name: str, *arguments: str, variables: Mapping[str, str]) -> Program:
    """Say how to run a simulator."""
    return Program(
        name=f"simulator {name}",
        argv=(sys.executable, "-m", f"simulators.{name}", *arguments),
        variables=variables,
        folder=str(PROJECT),
    )


async def _create_key(name: str, variables: Mapping[str, str]) -> str:
    """Let the command line make a key; its answer goes through a pipe, never into a log. Raises CannotStart."""
    rights = [word for right in RIGHTS for word in ("--allow", right)]
    command = (sys.executable, "-m", "dothi.config.cli", "keys", "create", "--name", name, *rights, "--json")
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as answer:
        try:
            process = spawn(Program(name="keys", argv=command, variables=variables), output=writer)
        finally:
            os.close(writer)
        code = await exit_of(process)
        said = answer.read().decode("utf-8", "replace").strip()
    line = said.splitlines()[-1] if said else ""
    if code != 0 or not line.startswith("{"):
        raise CannotStart(f"The machine key {name} could not be made: {line or code}")
    return line
