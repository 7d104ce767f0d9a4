"""One night of the demo's lamps through the whole pipeline: from devices' messages to alarms, against the truth."""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import httpx
import psycopg

from bench._lighting_scores import KIND_OF, Event, Raised, Score, read_truth, score
from bench._running import Running, running
from bench.report import Figure, figure
from dothi.domains.lighting.types.detection import FaultRule

START: Final = "15:00"
HOURS: Final = 15.5
SETTLING: Final = timedelta(hours=3)
"""Lamps are judged when they have been known for 90 minutes, and most faults show only in the dark, which comes within
so long: one from the days before that ended by then, unseen, is not missed."""
LATE: Final = timedelta(hours=1)
"""Nor is a fault missed that shows so shortly before the end that it may not have been told yet."""
GOAL: Final = ">=0.97"
SPEAKS: Final = ">=0.98"
"""A simulator that a busy machine keeps from speaking shows no fault that it wrote down: then nothing is judged."""
HOUR: Final = timedelta(hours=1)
CABINETS: Final = "StreetlightControlCabinet"
SPOKEN: Final = (
    "SELECT DISTINCT date_trunc('minute', o.phenomenon_time) FROM observations_observation o"
    " JOIN observations_datastream d ON d.id = o.datastream_id JOIN observations_thing t ON t.id = d.thing_id"
    " WHERE t.properties ->> 'kind' = %s AND o.phenomenon_time >= %s AND o.phenomenon_time < %s"
)
TOLD: Final = (
    "SELECT a.rule, t.properties ->> 'serial', a.key, n.recorded_at FROM alarms_transition n"
    " JOIN alarms_alarm a ON a.id = n.alarm_id JOIN observations_thing t ON t.id = a.thing_id"
    " WHERE n.deed = 'raise' ORDER BY n.id"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--seed", type=int, default=1, help="of lamps, noise and faults")
    parser.add_argument("--lamps", type=int, default=6000)
    parser.add_argument("--speed", type=float, default=5.0, help="of the city's clock")
    parser.add_argument("--hours", type=float, default=HOURS, help="of city time")
    parser.add_argument("--explain", action="store_true", help="list false alarms and missed faults")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Let the night pass, then hold every alarm against what was true."""
    demo = ("--demo", "--start", START, "--speed", f"{options.speed:g}")
    with running(*demo, "--devices", str(options.lamps), "--seed", str(options.seed)) as dothi:
        begin = _city_time(dothi)
        end = begin + timedelta(hours=options.hours)
        spoken = _spoken(dothi, begin + SETTLING, end - LATE)
        while _city_time(dothi) < end:
            time.sleep(1)
        raised = list(_raised(dothi))
        lines = (dothi.home / "truth" / "lighting.jsonl").read_text("utf-8").splitlines()
    truth = read_truth(map(json.loads, lines))
    scores = {kind: _fair(score(kind, raised, truth), begin + SETTLING, end - LATE) for kind in KIND_OF.values()}
    if options.explain:
        _explain(scores)
    return [
        figure("minutes in which the city spoke", [spoken], "", goal=SPEAKS),
        *(each for kind, one in scores.items() for each in _figures(kind, one)),
    ]


def _fair(found: Score, first: datetime, last: datetime) -> Score:
    """Leave out what nobody could have found: it counts neither way."""
    missed = [event for event in found.missed if event.end > first and event.visible_at < last]
    return found._replace(missed=missed, faults=found.found + len(missed))


def _city_time(dothi: Running) -> datetime:
    answer = httpx.get(f"{dothi.url}/health/ready", trust_env=False, timeout=30).json()
    return datetime.fromisoformat(answer["city_time"])


def _raised(dothi: Running) -> Iterator[Raised]:
    kinds = {rule.value: KIND_OF[rule] for rule in FaultRule}
    with psycopg.connect(dothi.database_url) as record:
        for rule, serial, key, at in record.execute(TOLD).fetchall():
            if rule in kinds:
                yield Raised(kinds[rule], serial, key, at)


def _spoken(dothi: Running, first: datetime, last: datetime) -> float:
    """Wait until `last`, and give the share of the minutes since `first` of which any cabinet said something.

    They are counted as the night goes on, as a demo keeps no more of its record than it has room for.
    """
    spoken: set[datetime] = set()
    seen = first
    while seen < last:
        time.sleep(1)
        # What is late by some minutes is there when its hour is over by half of one.
        until = min(seen + HOUR, last)
        if _city_time(dothi) < until + HOUR / 2:
            continue
        with psycopg.connect(dothi.database_url) as record:
            spoken.update(minute for (minute,) in record.execute(SPOKEN, [CABINETS, seen, until]).fetchall())
        seen = until
    return len(spoken) / ((last - first) / timedelta(minutes=1))


def _figures(kind: str, one: Score) -> list[Figure]:
    found = [figure(f"{kind}: faults", [one.faults], "faults"), figure(f"{kind}: false", [len(one.false)], "alarms")]
    if one.faults:
        found.append(figure(f"{kind}: recall", [one.recall], "", goal=GOAL))
        found.append(figure(f"{kind}: precision", [one.precision], "", goal=GOAL))
    if one.minutes:
        found.append(figure(f"{kind}: time to alarm, median", [median(one.minutes)], "min"))
    return found


def _explain(scores: dict[str, Score]) -> None:
    for kind, one in scores.items():
        for false in one.false:
            print(f"false {kind} {false.serial} {false.phase} at {false.at:%d %H:%M}")
        missed: Event
        for missed in one.missed:
            print(f"missed {kind} {missed.serial} {missed.phase} {missed.begin:%d %H:%M} to {missed.end:%d %H:%M}")
