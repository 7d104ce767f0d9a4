"""What a measurement says, as JSON and as a table."""

import os
import platform
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

Goal = str | None


class Figure(msgspec.Struct):
    """One measured figure: the median of `runs`; `limit` is the peer's or physical figure of the same run.

    `goal` is ">=X", "<=X" or None.
    """

    id: str
    value: float
    unit: str
    goal: Goal = None
    limit: float | None = None
    runs: list[float] = []

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        bound = float(self.goal[2:])
        return self.value >= bound if self.goal.startswith(">=") else self.value <= bound


class Report(msgspec.Struct):
    """All figures of one measurement."""

    name: str
    machine: str
    figures: list[Figure]


def figure(name: str, runs: list[float], unit: str, *, goal: Goal = None, limit: float | None = None) -> Figure:
    """Make a figure of several runs: its value is their median."""
    return Figure(id=name, value=median(runs), unit=unit, goal=goal, limit=limit, runs=runs)


def machine() -> str:
    """Say in a few words what this was measured on."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {_memory_gib():.0f} GiB, {system}"


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


_HEAD: Final = ("figure", "value", "unit", "goal", "met", "limit", "of limit", "runs")


def table(report: Report) -> str:
    """Draw the figures as a table of text, which is Markdown as well."""
    lines = [_HEAD, tuple("---" for _ in _HEAD), *(_line(one) for one in report.figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEAD))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return f"{report.name} on {report.machine}\n\n" + "\n".join(drawn)


def _line(one: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[one.is_met]
    share = f"{one.value / one.limit:.2f}" if one.limit else ""
    limit = "" if one.limit is None else _number(one.limit)
    spread = f"{len(one.runs)}: {_number(min(one.runs))} – {_number(max(one.runs))}" if one.runs else ""
    return (one.id, _number(one.value), one.unit, one.goal or "", met, limit, share, spread)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
