"""Air's alarms held against the truth: years of simulated stations through the rules, by kind."""

import argparse
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from bench.report import Figure, figure
from dothi.domains.air.rules import index as indexes
from dothi.domains.air.rules import instruments
from dothi.domains.air.rules.hours import HOUR, days_of
from dothi.domains.air.rules.stations import SILENT_AFTER, standing_of
from dothi.domains.air.types import Floats, Hours, Index, Regulation
from dothi.kernel.manifest import ROOT
from simulators.air.air import POLLUTANTS, air_of
from simulators.air.city import City
from simulators.air.events import MONTH_H, Event, Kind, befall, plan

# The simulated stations measure with noise, lose hours and break as their truth file tells; the rules of the watch see
# what arrived. Every planned fault counts, also one that another hides. What an index alarm is held against is the
# index of the true air, without noise and faults: it must be found where that is clearly above a band's begin (5 %, an
# instrument's noise), and an alarm is false where it was clearly below. Seeds 1 to 9 were used for tuning: they prove
# nothing.

YEARS: Final = 17
"""A fault of each kind in thirty days: more than two hundred of each."""
FIRST_HOUR: Final = 487_440 // MONTH_H * MONTH_H
"""Of a month that begins in August 2025, as a Unix hour."""
STATIONS: Final = 6
VN: Final = ROOT / "domains/air/service/regulations/vn.toml"
ZONE: Final = "Asia/Ho_Chi_Minh"
GRACE_H: Final = {Kind.DRIFT: 48}
"""Hours after a fault's end in which a finding of it still counts: the rule looks at three days."""
UNSURE: Final = 0.05
INDEX_GOAL: Final = 0.9
GOALS: Final = {Kind.DEAD_SENSOR: 0.97, Kind.STUCK_SENSOR: 0.97, Kind.STATION_SILENT: 0.97, Kind.DRIFT: 0.9}


class Finding(NamedTuple):
    """An alarm that rose: of which kind, at which station and instrument, in which hour from the first."""

    kind: str
    station: int
    pollutant: str
    hour: int


class Fault(NamedTuple):
    """What was to be found, from hour `begin` to before `end`."""

    kind: str
    station: int
    pollutant: str
    begin: int
    end: int


class Score(NamedTuple):
    """What became of one kind; hours from a fault's begin until it was told."""

    faults: int
    hours: list[float]
    false: list[Finding]
    missed: list[Fault]

    @property
    def precision(self) -> float:
        """The share of findings that are of a fault."""
        return len(self.hours) / max(len(self.hours) + len(self.false), 1)

    @property
    def recall(self) -> float:
        """The share of faults that were found."""
        return len(self.hours) / max(self.faults, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the seed of air and faults, and how long to look."""
    parser.add_argument("--seed", type=int, default=401, help="of air, noise and faults")
    parser.add_argument("--years", type=float, default=YEARS, help="fewer have fewer faults")
    parser.add_argument("--explain", action="store_true", help="list false findings and missed faults")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Let the stations measure for years, and score every kind."""
    hours = np.arange(FIRST_HOUR, FIRST_HOUR + round(options.years * 365.25 * 24 / MONTH_H) * MONTH_H)
    city = City(STATIONS, options.seed)
    came = city.measure(hours)
    events = plan(STATIONS, int(hours[0]), int(hours[-1]), seed=options.seed)
    findings = [*_of_instruments(came, hours), *_of_silence(came)]
    scores = {
        kind.value: score([each for each in findings if each.kind == kind], _faults(kind, events, len(hours)))
        for kind in GOALS
    }
    figures = [each for kind, goal in GOALS.items() for each in _figures(kind.value, scores[kind.value], goal)]
    for bound, one in _of_index(came, city, hours, events, options.seed).items():
        scores[bound] = one
        figures += [*_figures(bound, one, INDEX_GOAL), _of_drifts(bound, one, events)]
    if options.explain:
        _explain(scores, events)
    return figures


def _of_drifts(name: str, one: Score, events: Sequence[Event]) -> Figure:
    """Count the false alarms at stations whose instrument drifts just then: the index can't know better."""
    drifting = [
        each
        for each in one.false
        for event in events
        if event.kind is Kind.DRIFT and event.station == each.station
        if event.begin <= each.hour + FIRST_HOUR <= event.end
    ]
    return figure(f"{name}: of these while an instrument drifts", [len(drifting)], "")


def _faults(kind: Kind, events: Sequence[Event], length: int) -> list[Fault]:
    """Give the faults of a kind, in hours from the first."""
    return [
        Fault(kind, each.station, each.pollutant, each.begin - FIRST_HOUR, min(each.end - FIRST_HOUR, length))
        for each in events
        if each.kind is kind
    ]


def _of_instruments(came: Floats, hours: npt.NDArray[np.int64]) -> Iterator[Finding]:
    """Give what the rules say of instruments: dead and stuck hour by hour, drifting day by day."""
    place = np.arange(came.shape[-1])
    newest = np.maximum.accumulate(np.where(np.isnan(came), -instruments.FORGOTTEN_H, place), axis=-1)
    dead = instruments.is_dead(newest, newest.max(axis=1, keepdims=True))
    stuck = instruments.is_stuck(came)
    for kind, standing in ((Kind.DEAD_SENSOR, dead), (Kind.STUCK_SENSOR, stuck)):
        for station, pollutant in np.ndindex(standing.shape[:2]):
            for hour in _rises(standing[station, pollutant]):
                yield Finding(kind, station, POLLUTANTS[pollutant], hour)
    begin = _moment(int(hours[0]))
    _days, day_of = days_of(begin, len(hours), ZONE)
    fine, coarse = (instruments.without_stuck(came[:, POLLUTANTS.index(name)]) for name in ("PM2.5", "PM10"))
    apart = instruments.drifts(instruments.fine_shares(fine, coarse, day_of))
    last_hour = np.searchsorted(day_of, np.arange(apart.shape[1]), side="right") - 1
    for station in range(STATIONS):
        for day in _rises(_held([instruments.is_drift(value) for value in apart[station].tolist()])):
            yield Finding(Kind.DRIFT, station, "PM2.5", int(last_hour[day]))


def _held(said: Sequence[bool | None]) -> npt.NDArray[np.bool_]:
    """Give where an alarm stands that is raised, cleared, or left as it was where nothing is said."""
    found, standing = np.zeros(len(said), np.bool_), False
    for place, word in enumerate(said):
        standing = standing if word is None else word
        found[place] = standing
    return found


def _of_silence(came: Floats) -> Iterator[Finding]:
    """Give where stations fall silent: told in the hour in which their newest one is old enough."""
    place = np.arange(came.shape[-1])
    there = ~np.isnan(came).all(axis=1)
    newest = np.maximum.accumulate(np.where(there, place, -1), axis=-1)
    # An hour that begins at `place` is old enough from this many hours on; it is there an hour after its begin.
    silent = (place - newest) >= int(np.ceil(SILENT_AFTER / HOUR)) - 1
    for station in range(STATIONS):
        for hour in _rises(silent[station] & (newest[station] >= 0)):
            yield Finding(Kind.STATION_SILENT, station, "", hour)


def _rises(standing: npt.NDArray[np.bool_]) -> list[int]:
    found: list[int] = np.flatnonzero(standing & ~np.concatenate([[False], standing[:-1]])).tolist()
    return found


def score(findings: Sequence[Finding], faults: Sequence[Fault]) -> Score:
    """Hold findings against faults of their kind: of the same station and instrument, told until shortly after the end.

    Each further finding of a fault is false, and so is one that found none.
    """
    found: dict[Fault, float] = {}
    false = []
    for each in findings:
        grace = GRACE_H.get(Kind(each.kind), 1) if each.kind in set(Kind) else 1
        of = next(
            (
                fault
                for fault in faults
                if (fault.station, fault.pollutant) == (each.station, each.pollutant)
                and fault.begin <= each.hour <= fault.end + grace
            ),
            None,
        )
        if of is None or of in found:
            false.append(each)
        else:
            found[of] = each.hour + 1.0 - of.begin
    return Score(len(faults), list(found.values()), false, [each for each in faults if each not in found])


def _of_index(
    came: Floats, city: City, hours: npt.NDArray[np.int64], events: Sequence[Event], seed: int
) -> dict[str, Score]:
    """Score the alarms on the index, each band's with all that are worse."""
    index = msgspec.convert(tomllib.loads(VN.read_text("utf-8")), Regulation).index
    assert index is not None
    true_air = befall(
        air_of(city.stations, hours, seed=seed), hours, [each for each in events if each.kind is Kind.EPISODE]
    )
    alarming = [band.alarm for band in index.bands if band.alarm]
    begins = [band.up_to for band, after in zip(index.bands, index.bands[1:], strict=False) if after.alarm]
    begin = _moment(int(hours[0]))
    scores = {f"index above {bound:.0f}": Score(0, [], [], []) for bound in begins if bound}
    for station in range(STATIONS):
        true = indexes.hourly(index, Hours(begin, POLLUTANTS, true_air[station])).value
        levels = _levels(index, indexes.hourly(index, Hours(begin, POLLUTANTS, came[station])).value, alarming)
        for number, (name, one) in enumerate(scores.items(), start=1):
            scores[name] = _together(one, _score_index(name, station, levels >= number, true, begins[number - 1] or 0))
    return scores


def _levels(index: Index, values: Floats, alarming: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give hour by hour which alarm stands, from 1 on by the order of bands, 0 for none."""
    known = [None if value != value else value for value in values.tolist()]
    level, found = 0, []
    for word in standing_of(index, known):
        level = level if word is None else (alarming.index(word) + 1 if word else 0)
        found.append(level)
    return np.array(found)


def _score_index(name: str, station: int, standing: npt.NDArray[np.bool_], true: Floats, bound: float) -> Score:
    """Score one station's alarm against the true index: clear spans are to be found, alarms in clear air are false."""
    faults = [
        Fault(name, station, "", begin, end)
        for begin, end in _spans(np.nan_to_num(true) > bound)
        if np.nanmax(true[begin:end]) > bound * (1 + UNSURE)
    ]
    near = np.nan_to_num(true) > bound * (1 - UNSURE)
    rises = [Finding(name, station, "", hour) for hour in _rises(standing)]
    false = [each for each in rises if not near[max(0, each.hour - 1) : each.hour + 2].any()]
    hours, missed = [], []
    for fault in faults:
        heard = np.flatnonzero(standing[fault.begin : fault.end + 1])
        if len(heard):
            hours.append(float(heard[0]) + 1)
        else:
            missed.append(fault)
    return Score(len(faults), hours, false, missed)


def _spans(above: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], above.astype(int), [0]])))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _together(one: Score, other: Score) -> Score:
    return Score(one.faults + other.faults, one.hours + other.hours, one.false + other.false, one.missed + other.missed)


def _figures(kind: str, one: Score, goal: float) -> list[Figure]:
    hours = one.hours if len(one.hours) > 1 else [float("nan")] * 2
    return [
        figure(f"{kind}: precision", [one.precision], "", goal=f">={goal}"),
        figure(f"{kind}: recall", [one.recall], "", goal=f">={goal}"),
        figure(f"{kind}: time to detect, median", [median(hours)], "h"),
        figure(f"{kind}: time to detect, 95 %", [quantiles(hours, n=20)[-1]], "h"),
        figure(f"{kind}: to be found", [one.faults], ""),
        figure(f"{kind}: false alarms", [len(one.false)], ""),
    ]


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, tz=UTC)


def _explain(scores: dict[str, Score], events: Sequence[Event]) -> None:
    """Print what was false or missed, and what else befell the station then."""
    for kind, one in scores.items():
        told = [("false", each.station, each.pollutant, each.hour) for each in one.false]
        told += [("missed", each.station, each.pollutant, each.begin) for each in one.missed]
        for what, station, pollutant, hour in told:
            near = [
                f"{event.kind} {event.pollutant} {event.begin - FIRST_HOUR}–{event.end - FIRST_HOUR}"
                for event in events
                if event.station in (-1, station)
                and event.begin - FIRST_HOUR - 24 <= hour <= event.end - FIRST_HOUR + 24 * 60
            ]
            print(f"{what} {kind} at station {station} {pollutant}, hour {hour}: {'; '.join(near)}")
