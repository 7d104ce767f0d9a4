"""How findings are held against the truth: which fault each one found, and what a false one was taken from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from dothi.domains.lighting.types.detection import FaultRule

KIND_OF: Final = {
    FaultRule.LAMP_FAILED: "lamp_out",
    FaultRule.LAMP_DAY_BURNING: "day_burning",
    FaultRule.LAMP_CYCLING: "cycling",
    FaultRule.LAMP_DIMMING_FAILED: "dimming_not_obeyed",
    FaultRule.LAMP_POWER_DRIFT: "power_drift",
    FaultRule.LAMP_SILENT: "lamp_silent",
    FaultRule.FEEDER_LOST: "feeder_lost",
    FaultRule.GATEWAY_SILENT: "gateway_silent",
}
GRACE: Final = timedelta(minutes=5)
"""After a fault's end in which a finding of it still counts: what was gathered until then may speak a little late."""
ECHO: Final = timedelta(hours=1)
"""After a hard negative's end in which a false alarm about what it touched is put down to it."""


class Raised(NamedTuple):
    """A finding that came: of which kind, about which serial and phase, when it was told."""

    kind: str
    serial: str
    phase: str
    at: datetime


class Event(NamedTuple):
    """One event of the truth, from begin to end."""

    kind: str
    is_fault: bool
    serial: str
    phase: str
    begin: datetime
    end: datetime
    visible_at: datetime
    """From when on signals can show it."""
    touched: frozenset[str]
    """The serials of its lamps and cabinet."""


class Score(NamedTuple):
    """What became of one kind."""

    faults: int
    found: int
    false: list[Raised]
    missed: list[Event]
    minutes: list[float]
    """From when a fault could be seen until it was told."""

    @property
    def precision(self) -> float:
        """The share of findings that are of a fault."""
        return self.found / max(self.found + len(self.false), 1)

    @property
    def recall(self) -> float:
        """The share of faults that were found."""
        return self.found / max(self.faults, 1)


def read_truth(lines: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Join begins and ends; an event that has not ended ends when it was to."""
    begun: dict[str, Mapping[str, Any]] = {}
    ended: dict[str, str] = {}
    for line in lines:
        if line["event"] == "begin":
            begun[line["id"]] = line
        else:
            ended[line["id"]] = line["at"]
    return [_event(line, ended.get(name, line["until"])) for name, line in begun.items()]


def _event(line: Mapping[str, Any], end: str) -> Event:
    return Event(
        kind=line["kind"],
        is_fault=line["class"] == "fault",
        serial=line["serial"],
        phase=line.get("phase", ""),
        begin=datetime.fromisoformat(line["at"]),
        end=datetime.fromisoformat(end),
        visible_at=datetime.fromisoformat(line["visible_at"]),
        touched=frozenset([line["serial"], *line.get("members", ())]),
    )


def score(kind: str, raised: Sequence[Raised], truth: Sequence[Event]) -> Score:
    """Hold the findings of a kind against its faults.

    A finding found a fault if it is of its kind and about the same lamp, cabinet or feeder, and was told between the
    fault's begin and GRACE after its end. Each further finding of the same fault is false, and so is each that found
    none. Every fault counts as missed that no finding found, whether or not it ever showed.
    """
    faults = [each for each in truth if each.is_fault and each.kind == kind]
    of_subject: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for fault in faults:
        of_subject[fault.serial, fault.phase].append(fault)
    found: dict[Event, Raised] = {}
    false = []
    for finding in sorted((each for each in raised if each.kind == kind), key=lambda each: each.at):
        about = of_subject[finding.serial, finding.phase]
        of = next((each for each in about if each.begin <= finding.at <= each.end + GRACE), None)
        if of is None or of in found:
            false.append(finding)
        else:
            found[of] = finding
    minutes = [max((each.at - fault.visible_at).total_seconds() / 60, 0.0) for fault, each in found.items()]
    return Score(len(faults), len(found), false, [each for each in faults if each not in found], minutes)


def blame(false: Iterable[Raised], truth: Sequence[Event]) -> Counter[str]:
    """Count false findings by the kind of hard negative that touched their subject then, or ""."""
    negatives = [each for each in truth if not each.is_fault]
    counted: Counter[str] = Counter()
    for finding in false:
        near = (
            each.kind
            for each in negatives
            if each.begin <= finding.at <= each.end + ECHO and finding.serial in each.touched
        )
        counted[next(near, "")] += 1
    return counted
