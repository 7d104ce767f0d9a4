"""Puts the rows of a batch to the tests of their Datastreams, before they are stored."""

import asyncio
import gc
import importlib
import logging
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import islice
from operator import attrgetter
from typing import Final, Protocol, cast

from msgspec.structs import replace
from psycopg import AsyncConnection

from dothi.core.observations.quality import rules
from dothi.core.observations.quality.types import Configuration, Stretches
from dothi.core.observations.rules import Plan
from dothi.core.observations.types import NewObservation, Quality
from dothi.kernel.errors import InvalidInput

log: Final = logging.getLogger(__name__)

REFRESH_S: Final = 30.0
"""Wall seconds after which configurations are read again: so long a change may take to count."""
MOST_KNOWN: Final = 200_000
"""Of how many Datastreams the configuration is remembered."""
LOOK_BACK: Final = 1_000
"""How many stored results of a Datastream the flat line test sees at most."""
MARGIN: Final = 1.1
"""How much further back than its threshold the flat line test reads, as results never come at quite even steps."""

_CONFIGURATIONS: Final = (
    "SELECT d.id, (coalesce(d.properties -> 'qartod', p.properties -> 'qartod'))::text FROM observations_datastream d"
    " LEFT JOIN observations_observedproperty p ON p.id = d.observed_property_id WHERE d.id = ANY(%s)"
)
_NEWEST: Final = (
    "SELECT datastream_id, extract(epoch FROM phenomenon_time)::float8, result FROM observations_latest"
    " WHERE datastream_id = ANY(%s) AND result IS NOT NULL"
)
# The bounds of all are given besides those of each, so that the planner leaves the other partitions out.
_STRETCHES: Final = (
    "SELECT n.id, extract(epoch FROM o.phenomenon_time)::float8, o.result"
    " FROM unnest(%s::int8[], %s::float8[], %s::float8[]) AS n(id, newest, span) CROSS JOIN LATERAL"
    " (SELECT phenomenon_time, result FROM observations_observation WHERE datastream_id = n.id AND result IS NOT NULL"
    " AND phenomenon_time < to_timestamp(n.newest) AND phenomenon_time >= to_timestamp(n.newest - n.span)"
    " AND phenomenon_time < to_timestamp(%s) AND phenomenon_time >= to_timestamp(%s)"
    " ORDER BY phenomenon_time DESC LIMIT %s) o"
)

Judging = dict[int, Configuration]
TimeAndValue = tuple[float, float]
"""Seconds since 1970, and a result."""
Results = dict[int, tuple[Sequence[float], Sequence[float]]]
"""New results by Datastream: their times in order (seconds since 1970), and their values."""


class _Flags(Protocol):
    """The module that knows QARTOD's tests."""

    def judge(self, configuration: Configuration, stretches: Stretches) -> list[int]:
        """Give the flag of each new result."""
        ...


class _NoFlags:
    """Stands in where the library can't be loaded: data is stored all the same."""

    def judge(self, _configuration: Configuration, stretches: Stretches) -> list[int]:
        """Evaluate nothing."""
        return _nothing_said(stretches)


def _load() -> _Flags:
    try:
        found = cast(_Flags, importlib.import_module(f"{__package__}.flags"))
    except ImportError:
        log.exception("QARTOD's tests can't be loaded: nothing is evaluated")
        return _NoFlags()
    gc.freeze()  # what was loaded stays: to look through it again and again would double what a batch costs
    return found


class Judge:
    """Knows the configurations of the Datastreams that are written to; one for each writer."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._configured: Judging = {}
        self._distinct: dict[Configuration, Configuration] = {}
        self._read_at = 0.0
        self._flags: _Flags | None = None
        self._refused: set[str] = set()

    def forget(self) -> None:
        """Read the configurations again before the next batch."""
        self._known.clear()
        self._configured.clear()
        self._distinct.clear()

    async def prepare(self, connection: AsyncConnection, datastream_ids: Set[int]) -> Judging:
        """Give the configurations of those Datastreams that have one.

        Needs no transaction; the first time that there is one takes some seconds.
        """
        if time.monotonic() - self._read_at > REFRESH_S or len(self._known) > MOST_KNOWN:
            self.forget()
            self._read_at = time.monotonic()
        missing = datastream_ids - self._known
        if missing:
            cursor = await connection.execute(_CONFIGURATIONS, [list(missing)])
            for datastream_id, text in await cursor.fetchall():
                self._known.add(datastream_id)
                configuration = self._read(text)
                if configuration is not None:
                    self._configured[datastream_id] = self._distinct.setdefault(configuration, configuration)
        judging = {found: self._configured[found] for found in self._configured.keys() & datastream_ids}
        if judging and self._flags is None:
            self._flags = await asyncio.to_thread(_load)
        return judging

    def _read(self, text: str | None) -> Configuration | None:
        """Read a stored configuration; one that makes no sense counts as none, and is logged once."""
        try:
            return None if text is None else rules.check(text.encode())
        except InvalidInput as error:
            if text not in self._refused and len(self._refused) < LOOK_BACK:
                self._refused.add(text or "")
                log.warning("a quality configuration is passed over: %s (%s): %s", error, error.place, text)
            return None

    async def judge(self, connection: AsyncConnection, plan: Plan, judging: Judging) -> Plan:
        """Give the plan with the flags of its rows; a row that came with a flag keeps it.

        The Datastreams must be locked, so that the newest stored result stays the newest.
        """
        rows: dict[int, list[NewObservation]] = defaultdict(list)
        for row in (*plan.straight.values(), *plan.staged.values()):
            if row.datastream_id in judging and row.result is not None:
                rows[row.datastream_id].append(row)
        results: Results = {}
        for datastream_id, own in rows.items():
            if len(own) > 1:
                own.sort(key=attrgetter("phenomenon_time"))
            times = [row.phenomenon_time.timestamp() for row in own]
            results[datastream_id] = times, cast(list[float], [row.result for row in own])
        found = await self.judge_results(connection, results, judging)
        flags = {
            id(row): flag
            for datastream_id, own in rows.items()
            for row, flag in zip(own, found[datastream_id], strict=True)
        }
        return plan._replace(
            straight={key: _flagged(row, flags, judging) for key, row in plan.straight.items()},
            staged={key: _flagged(row, flags, judging) for key, row in plan.staged.items()},
        )

    async def judge_results(
        self, connection: AsyncConnection, results: Results, judging: Judging
    ) -> dict[int, list[int]]:
        """Give the flags of new results, in their order; all their Datastreams must be in `judging`, and locked."""
        before = await _before(connection, results, judging)
        alike: dict[int, list[int]] = defaultdict(list)
        for datastream_id in results:
            alike[id(judging[datastream_id])].append(datastream_id)  # equal ones are one: hashing each takes longer
        flags: dict[int, list[int]] = {}
        for ids in alike.values():
            configuration = judging[ids[0]]
            stretches = Stretches([], [], [], [])
            for found in ids:
                _follow_on(stretches, *results[found], before.get(found, ()))
            given = iter(self._flags_of(configuration, stretches))
            for found in ids:
                flags[found] = list(islice(given, len(results[found][0])))
        return flags

    def _flags_of(self, configuration: Configuration, stretches: Stretches) -> list[int]:
        """Give the flag of each new result. What a test can't bear leaves them all not evaluated."""
        assert self._flags is not None  # noqa: S101  there is no configuration before `prepare`
        try:
            return self._flags.judge(configuration, stretches)
        except Exception:
            log.exception("results were not evaluated by %s", configuration)
            return _nothing_said(stretches)


def _flagged(row: NewObservation, flags: Mapping[int, int], judging: Judging) -> NewObservation:
    if row.quality != Quality.NOT_EVALUATED or row.datastream_id not in judging:
        return row
    if row.result is None:
        is_missing = row.result_json is None or row.result_json == "null"
        return replace(row, quality=Quality.MISSING) if is_missing else row
    flag = flags.get(id(row), Quality.NOT_EVALUATED)
    return row if flag == Quality.NOT_EVALUATED else replace(row, quality=flag)


def _follow_on(
    stretches: Stretches, times: Sequence[float], values: Sequence[float], before: Sequence[TimeAndValue]
) -> None:
    """Add the new results of one Datastream: those later than all stored ones follow on these, late ones on nothing."""
    late = bisect_right(times, before[-1][0]) if before else 0
    stretches.times.extend(times[:late])
    stretches.values.extend(values[:late])
    if late:
        stretches.sizes.append(late)
        stretches.known.append(0)
    if late < len(times):
        stretches.times.extend([seconds for seconds, _ in before])
        stretches.values.extend([value for _, value in before])
        stretches.times.extend(times[late:])
        stretches.values.extend(values[late:])
        stretches.sizes.append(len(before) + len(times) - late)
        stretches.known.append(len(before))


def _nothing_said(stretches: Stretches) -> list[int]:
    return [Quality.NOT_EVALUATED] * (len(stretches.values) - sum(stretches.known))


async def _before(connection: AsyncConnection, results: Results, judging: Judging) -> dict[int, list[TimeAndValue]]:
    """Give the stored results that tests look back at, oldest first: the newest, and for flat lines those before."""
    wanting = [found for found in results if judging[found].looks_back]
    if not wanting:
        return {}
    cursor = await connection.execute(_NEWEST, [wanting])
    newest = {found: [(seconds, value)] for found, seconds, value in await cursor.fetchall()}
    spans = {
        found: test.fail_threshold * MARGIN for found in newest if (test := judging[found].flat_line_test) is not None
    }
    if not spans:
        return newest
    ends = [newest[found][0][0] for found in spans]
    bounds = [max(ends), min(ends) - max(spans.values()), LOOK_BACK]
    cursor = await connection.execute(_STRETCHES, [list(spans), ends, list(spans.values()), *bounds])
    stretches: dict[int, list[TimeAndValue]] = defaultdict(list)
    for found, seconds, value in await cursor.fetchall():
        stretches[found].append((seconds, value))
    return newest | {found: [*reversed(known), *newest[found]] for found, known in stretches.items()}
