"""Runs the lamps until they are told to end: `python -m simulators.lighting --url http://… --mqtt mqtt://…`."""

import argparse

from simulators.lighting.live import FULL_FLEET, Simulation
from simulators.outsider.program import command_line, run


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    about = "how many lamps; fewer stand in one street"
    parser = command_line("lighting", __doc__, devices="lamps", most=FULL_FLEET, help_devices=about)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run(parse(), Simulation)
