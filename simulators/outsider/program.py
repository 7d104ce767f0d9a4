"""A simulator as a program: its command line, its key from the environment, and its end when it is told to."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from simulators.outsider.life import Outsider


def command_line(
    name: str, about: str | None, *, devices: str, most: int, help_devices: str
) -> argparse.ArgumentParser:
    """Make the options that every simulator takes; how many devices is `--devices` and a word of its own."""
    parser = argparse.ArgumentParser(prog=f"simulators.{name}", description=about)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the platform's web address")
    parser.add_argument("--mqtt", default="mqtt://127.0.0.1:8001", help="the broker that devices speak to")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with; the same seed, the same city")
    parser.add_argument("--truth", type=Path, help="a file for what the simulator knows to be true, JSON lines")
    parser.add_argument(f"--{devices}", "--devices", type=_at_least_one, default=most, help=help_devices)
    parser.add_argument(
        "--control", type=int, metavar="PORT", help="let things be broken by HTTP on this loopback port"
    )
    parser.add_argument("--private", action="store_true", help="register devices that visitors don't see")
    parser.add_argument("--no-faults", action="store_true", help="nothing breaks by itself")
    parser.add_argument("--no-backfill", action="store_true", help="don't tell the past of devices that are new")
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def run(options: argparse.Namespace, simulation: Callable[..., Outsider]) -> NoReturn:
    """Run with the machine key of the environment, and leave with what there is to say to whoever began it."""
    code = _run(options, simulation)
    # A request that still waits for its answer is not waited for.
    sys.stderr.flush()
    os._exit(code)


def _run(options: argparse.Namespace, simulation: Callable[..., Outsider]) -> int:
    key: dict[str, Any] = {"key_id": os.environ.get("DOTHI_KEY_ID"), "key_secret": os.environ.get("DOTHI_KEY_SECRET")}
    if not all(key.values()):
        print("DOTHI_KEY_ID and DOTHI_KEY_SECRET must hold the devices' machine key", file=sys.stderr)
        return 2
    try:
        asyncio.run(_live(options, simulation, key))
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _live(options: argparse.Namespace, simulation: Callable[..., Outsider], key: dict[str, str]) -> None:
    """Run the simulation; SIGTERM and Ctrl-C end it at once."""
    made = simulation(options, **key)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, made.ended.set)
    await made.run()
