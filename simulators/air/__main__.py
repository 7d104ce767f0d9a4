"""Runs the stations until they are told to end: `python -m simulators.air --url http://… --mqtt mqtt://…`."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from simulators.air.live import Simulation

ALL = 6


async def live(options: argparse.Namespace, key: dict[str, str]) -> None:
    """Run the simulation; SIGTERM and Ctrl-C end it at once."""
    simulation = Simulation(options, **key)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, simulation.ended.set)
    await simulation.run()


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="simulators.air", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the platform's web address")
    parser.add_argument("--mqtt", default="mqtt://127.0.0.1:8001", help="the broker that devices speak to")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with; the same seed, the same air")
    parser.add_argument("--truth", type=Path, help="a file for what the simulator knows to be true, JSON lines")
    parser.add_argument("--stations", "--devices", type=int, default=ALL, help="how many stations, at most six")
    parser.add_argument(
        "--control", type=int, metavar="PORT", help="let things be broken by HTTP on this loopback port"
    )
    parser.add_argument("--private", action="store_true", help="register stations that visitors don't see")
    parser.add_argument("--no-faults", action="store_true", help="nothing happens by itself")
    parser.add_argument("--no-backfill", action="store_true", help="don't tell the past of stations that are new")
    options = parser.parse_args(arguments)
    if options.stations < 1:
        parser.error("--stations must be 1 or more")
    return options


def main() -> int:
    """Run with the machine key of the environment."""
    options = parse(sys.argv[1:])
    key: dict[str, Any] = {"key_id": os.environ.get("DOTHI_KEY_ID"), "key_secret": os.environ.get("DOTHI_KEY_SECRET")}
    if not all(key.values()):
        print("DOTHI_KEY_ID and DOTHI_KEY_SECRET must hold the stations' machine key", file=sys.stderr)
        return 2
    try:
        asyncio.run(live(options, key))
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    # A request that still waits for its answer is not waited for.
    sys.stderr.flush()
    os._exit(code)
