"""The forecast of PM2.5 over a record of hours: its error beside two guesses, and how often its interval held."""

import argparse
import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from bench.report import Figure, figure
from dothi.domains.air.rules import forecast
from dothi.domains.air.types import Floats, Ints, Skill

# Rolling origin: each model learns from what lies before the first origin that it serves, a fortnight long; an origin
# sees nothing after itself. What is compared is compared on the same cases. The rules are those of the worker.

HOUR: Final = timedelta(hours=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which file, and what its columns are called."""
    parser.add_argument(
        "--record", type=Path, help="a CSV file of hourly means in local time, one row a station's hour"
    )
    parser.add_argument("--station", default="Station_No", metavar="COLUMN", help="the column of the station's name")
    parser.add_argument("--time", default="date", metavar="COLUMN", help="the column of the local time")
    parser.add_argument("--format", default="%d-%m-%Y %H:%M", help="how times are written")
    parser.add_argument("--value", default="PM2.5", metavar="COLUMN", help="the column of the concentration")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Score each station of a record, then all together; without a record there is nothing to score."""
    if options.record is None:
        print("air-forecast: give a record with --record FILE")
        return []
    found = {name: list(forecast.evaluate(*hours).skills) for name, hours in read_record(options).items()}
    scored = {name: skills for name, skills in found.items() if skills}
    print(_table(scored), end="\n\n")
    figures = [each for name, skills in scored.items() for each in _figures(f"station {name}", skills[0])]
    return [*figures, *_together([skills[0] for skills in scored.values()])]


def read_record(options: argparse.Namespace) -> Mapping[str, tuple[Floats, Ints]]:
    """Read each station's hours without a gap, NaN where there is none, with their local hours."""
    rows: dict[str, dict[datetime, float]] = {}
    with options.record.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row[options.value]:
                at = datetime.strptime(row[options.time], options.format)  # noqa: DTZ007 (the record's local time)
                rows.setdefault(row[options.station], {})[at] = float(row[options.value])
    return {name: _hours(values) for name, values in sorted(rows.items())}


def _hours(values: Mapping[datetime, float]) -> tuple[Floats, Ints]:
    begin, last = min(values), max(values)
    found = np.full((last - begin) // HOUR + 1, np.nan)
    for at, value in values.items():
        found[(at - begin) // HOUR] = value
    return found, (begin.hour + np.arange(len(found))) % 24


def _figures(name: str, skill: Skill) -> list[Figure]:
    best = min(skill.now, skill.yesterday)
    return [
        Figure(f"{name}: MAE", skill.mae, "µg/m³", goal=f"<={best:.4f}", limit=best),
        Figure(f"{name}: MAE, same as now", skill.now, "µg/m³"),
        Figure(f"{name}: MAE, same hour yesterday", skill.yesterday, "µg/m³"),
        Figure(f"{name}: within the interval", 100 * skill.coverage, "%", limit=100 * skill.nominal),
    ]


def _together(skills: list[Skill]) -> list[Figure]:
    if not skills:
        return []
    share = [100 * (1 - each.mae / min(each.now, each.yesterday)) for each in skills]
    return [
        figure("better than the better guess, median of stations", share, "%", goal=">=0"),
        figure("within the interval, median of stations", [100 * each.coverage for each in skills], "%"),
    ]


def _table(scored: Mapping[str, list[Skill]]) -> str:
    """Draw every station by groups of leads."""
    lines = ["| station | hours ahead | cases | MAE | same as now | same hour yesterday | within the interval |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name, skills in scored.items():
        lines += [
            f"| {name} | {each.first}–{each.last} | {each.cases:,} | {each.mae:.2f} | {each.now:.2f}"
            f" | {each.yesterday:.2f} | {100 * each.coverage:.1f} % of {100 * each.nominal:.0f} % |"
            for each in skills
        ]
    return "\n".join(lines)
