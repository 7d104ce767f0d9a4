"""Runs the stations until they are told to end: `python -m simulators.air --url http://… --mqtt mqtt://…`."""

import argparse

from simulators.air.live import Simulation
from simulators.outsider.program import command_line, run

ALL = 6


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line("air", __doc__, devices="stations", most=ALL, help_devices="how many stations, at most six")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run(parse(), Simulation)
