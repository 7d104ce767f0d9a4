"""The index of each hour as Observations, and the alarms on it: from where the last look ended."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.core.observations.deriving import service as deriving
from dothi.core.observations.deriving.types import DerivedStream
from dothi.core.observations.types import NewObservation
from dothi.domains.air.rules.hours import HOUR, full_hour
from dothi.domains.air.rules.stations import INDEX, LEVEL, SILENT_AFTER, is_silent, level_of, standing_of
from dothi.domains.air.service.history import hourly_index
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.service.stations import list_stations
from dothi.domains.air.types import Index, Judged, Station
from dothi.kernel import clock

DETECTOR: Final = "air.index"
GRACE: Final = timedelta(minutes=10)
"""City time after an hour's end in which stations send its mean; what comes later counts in pages alone."""
MOST_BACK: Final = timedelta(hours=48)
"""What is older is not judged any more, when the watch is new to a station or nothing ran: alarms are of today."""
RULES: Final = {"bad": "air.index.bad", "very_bad": "air.index.very_bad", "hazardous": "air.index.hazardous"}
SILENT: Final = "air.station.silent"
INDEX_STREAM: Final = DerivedStream(by="air.index", name=INDEX, description="The air quality index of each hour.")
LEVEL_STREAM: Final = DerivedStream(
    by="air.level", name=LEVEL, description="The index as the map shows it: 0 clean, 1 fair, 2 harmful."
)


class IndexWatch:
    """Derives each station's index hour by hour, and raises and clears alarms on it.

    A station goes on from the newest index that the record has of it: killed at any moment nothing is lost, and what is
    written twice is stored once.
    """

    def __init__(self) -> None:
        self._tried: dict[int, tuple[datetime, datetime | None]] = {}
        self._until: datetime | None = None

    def look(self) -> None:
        """Look once; there is something to do when an hour is over, or a station is new."""
        index = regulation().index
        if index is None:
            return
        until = full_hour(clock.now() - GRACE)
        stations = list_stations(SYSTEM)
        due = [each for each in stations if self._is_due(each, until)]
        if not due and self._until == until:
            return
        found = [(each, _judge(each, until)) for each in due]
        changes = [change for each, (begin, judged) in found for change in _changes(index, each, judged, begin)]
        silent = [_silence(each, until) for each in stations if each.observed_at is not None]
        known = alarms.find_watermark(DETECTOR)
        # Alarms first: whoever is killed before the index is written says the same again, and nothing is doubled.
        alarms.apply(DETECTOR, [*changes, *silent], watermark=max(until, known[0]) if known else until)
        for each, (begin, judged) in found:
            _write(index, each, judged, begin)
        self._until = until
        self._tried |= {each.id: (until, each.observed_at) for each in due}

    def _is_due(self, station: Station, until: datetime) -> bool:
        """Tell whether something came of a station that no index is made of yet, and that wasn't tried in vain."""
        if station.observed_at is None or _begin(station, until) >= until:
            return False
        return self._tried.get(station.id) != (until, station.observed_at)


def _begin(station: Station, until: datetime) -> datetime:
    """Give the first hour whose index is to be made."""
    earliest = until - MOST_BACK
    return max(station.index_at + HOUR, earliest) if station.index_at else earliest


def _judge(station: Station, until: datetime) -> tuple[datetime, Judged]:
    """Give a station's index up to `until`: the first hour to be written, and all from the hour before it on."""
    begin = _begin(station, until)
    judged = hourly_index(SYSTEM, station, begin - HOUR, until)[1]
    return begin, judged or Judged(np.empty(0), (), np.empty((0, 0)))


def _write(index: Index, station: Station, judged: Judged, begin: datetime) -> None:
    """Write the hours from `begin` on; what was judged begins an hour before."""
    found = [(begin + HOUR * place, value) for place, value in enumerate(judged.value[1:].tolist()) if value == value]
    if not found:
        return
    by_index = deriving.ensure_streams(SYSTEM, [station.id], INDEX_STREAM)[station.id]
    by_level = deriving.ensure_streams(SYSTEM, [station.id], LEVEL_STREAM)[station.id]
    rows = [_row(by_index, at, value) for at, value in found]
    deriving.write(SYSTEM, [*rows, *(_row(by_level, at, level_of(index, value)) for at, value in found)])


def _row(stream: int, at: datetime, value: float) -> NewObservation:
    return NewObservation(stream, at, float(value), phenomenon_end=at + HOUR)


def _changes(index: Index, station: Station, judged: Judged, begin: datetime) -> list[Change]:
    """Say, hour by hour, which alarm stands; of an hour without an index nothing is said."""
    changes: list[Change] = []
    values = [None if value != value else value for value in judged.value.tolist()]
    for place, standing in list(enumerate(standing_of(index, values)))[1:]:
        if standing is None:
            continue
        at = begin + HOUR * (place - 1)
        detail = {"index": values[place], "pollutant": judged.main(place)}
        for word, rule in RULES.items():
            if word == standing:
                changes.append(Raise(Condition(rule=rule, thing_id=station.id, since=at, detail=detail)))
            else:
                changes.append(Clear(rule=rule, thing_id=station.id, key="", at=at))
    return changes


def _silence(station: Station, at: datetime) -> Change:
    """Say whether a station that once spoke has gone silent."""
    if station.observed_at is not None and is_silent(station.observed_at, clock.now()):
        return Raise(Condition(rule=SILENT, thing_id=station.id, since=station.observed_at + SILENT_AFTER))
    return Clear(rule=SILENT, thing_id=station.id, key="", at=at)
