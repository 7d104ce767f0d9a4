"""The door of series: many Observations as arrays for detectors, few points for charts, and what registers rose by."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations.series import registers, rules, store
from dothi.core.observations.series.registers import Rises
from dothi.core.observations.series.types import (
    Chart,
    Edges,
    Increment,
    Increments,
    Ints,
    Messages,
    Newest,
    Pieces,
    Point,
    Step,
    StreamsOfThing,
    Width,
    Window,
)
from dothi.core.observations.service import VIEW, reach_of
from dothi.kernel import clock
from dothi.kernel.errors import NotFound

# For Django's side and the worker's jobs: synchronous, on Django's connection. What an actor may not see is as if it
# were not there.

POINTS: Final = 1500
"""How many points a chart has at most: about one for each pixel of its width."""
REACH: Final = timedelta(days=62)
"""How far from a moment the next reading of a register may be: it may be read once a month, and not on the day."""
_NEAR: Final = {Step.HOUR: timedelta(seconds=75), Step.DAY: timedelta(minutes=30), Step.MONTH: timedelta(minutes=30)}
"""How old a reading may be to count as the one at the end of a span: two in a hundred of it."""
_MICROSECOND: Final = timedelta(microseconds=1)
ENOUGH: Final = 0.8
"""The share of Datastreams that must be known to say what they come to together."""
_AT_ONCE: Final = 200
"""Spans whose readings are looked at one by one, in one query."""


def list_streams(actor: Actor, *, kind: str) -> list[StreamsOfThing]:
    """List the Things of a kind with the ids of their Datastreams by name, in one query.

    Raises Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    return store.list_streams(kind, reach_of(actor))


def find_streams(actor: Actor, thing_id: int) -> StreamsOfThing | None:
    """Give a Thing with the ids of its Datastreams by name, or None. Raises Forbidden or Unauthenticated."""
    accounts.require(actor, VIEW)
    return store.find_streams(thing_id, reach_of(actor))


def read_newest(
    actor: Actor, *, kind: str, names: Sequence[str] = (), where: Mapping[str, str] | None = None
) -> Newest:
    """Give the Things of a kind, with the newest readings of their Datastreams of some names, in two queries.

    `where` restricts them by other properties, such as a street. Raises Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    return store.read_newest(store.list_named({"kind": kind, **(where or {})}, reach_of(actor)), names)


def has_mark(actor: Actor, datastream_id: int, mark: str, begin: datetime, end: datetime) -> bool:
    """Tell whether the first Observation in [begin, end) carries a parameter of that name that is true.

    Raises NotFound, Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    _name(actor, datastream_id)
    return store.has_mark(datastream_id, mark, begin=begin, end=end)


def read_window(actor: Actor, datastream_ids: Sequence[int] | Ints, begin: datetime, end: datetime) -> Window:
    """Give all Observations of Datastreams with phenomenonTime in (begin, end], as columns in the order of time.

    Without those that contradict an earlier one of the same moment (`conflicting`). Raises Forbidden or
    Unauthenticated.
    """
    accounts.require(actor, VIEW)
    return store.read_window(_seen(actor, datastream_ids), begin=begin, end=end)


def read_latest(actor: Actor, datastream_ids: Sequence[int] | Ints) -> Window:
    """Give the newest Observation of each Datastream that has one. Raises Forbidden or Unauthenticated."""
    accounts.require(actor, VIEW)
    return store.read_latest(_seen(actor, datastream_ids))


def read_chart(actor: Actor, datastream_id: int, begin: datetime, end: datetime, *, points: int = POINTS) -> Chart:
    """Give at most `points` points of a Datastream in [begin, end), from Observations and aggregates together.

    Up to a day that is each Observation, up to a month hours, up to a year days, else months, in the city's time; wider
    where that would be too many, or where only the hours remain. Hours and wider are whole from the first on.

    Raises NotFound, Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    name = _name(actor, datastream_id)
    now = clock.now()
    width, measured = _measure(datastream_id, begin, end, points=points, now=now)
    forecast: Sequence[tuple[int, float]] = ()
    if end > now:
        forecast = store.read_forecast(datastream_id, begin=max(begin, now), end=end)
    if width is Width.RAW and len(forecast) > points:
        forecast_width = rules.narrow_width(end - begin, points=points)
    else:
        forecast_width = width
    return Chart(
        datastream_id,
        name.name,
        name.unit,
        width,
        begin,
        end,
        now,
        tuple(measured),
        tuple(rules.gather(forecast, begin, end, forecast_width, zone=settings.TIME_ZONE)),
    )


def _measure(
    datastream_id: int, begin: datetime, end: datetime, *, points: int, now: datetime
) -> tuple[Width, list[Point]]:
    """Give what was measured up to now, and how wide its points are."""
    width = rules.choose_width(end - begin, points=points)
    if width is Width.RAW and store.has_left(datastream_id, begin=begin, end=end):
        width = Width.HOUR
    if width is Width.RAW:
        until = min(end, now + timedelta(microseconds=1))
        rows = store.read_raw(datastream_id, begin=begin, end=until, most=points + 1)
        if len(rows) <= points:
            return width, rules.gather(rows, begin, end, width, zone=settings.TIME_ZONE)
        width = rules.narrow_width(end - begin, points=points)
    moments = rules.boundaries(begin, end, width, zone=settings.TIME_ZONE)
    hours = 24 if width in (Width.DAY, Width.MONTH) else 1
    return width, store.read_buckets(datastream_id, moments, now=now, hours=hours)


def read_gathered(
    actor: Actor, *, kind: str, names: Collection[str], moments: Sequence[datetime], near: timedelta, how: str
) -> list[float | None]:
    """Give what Datastreams of all Things of a kind, by name, come to together at each moment, in order.

    Each counts with its last good reading that is at most `near` old; from now on these are forecasts alone. `how` is
    "sum", "mean" or "greatest". Where less than `ENOUGH` of those that ever reported in the span are known it is None:
    a sum of few would look like a fall. Raises Forbidden or Unauthenticated.
    """
    ids = [found for thing in list_streams(actor, kind=kind) for name, found in thing.streams.items() if name in names]
    at, now = rules.micros(moments), int(rules.micros([clock.now()])[0])
    edges = store.read_near_edges(ids, at, near=near // _MICROSECOND, until=int(at[-1]))
    is_told = (edges.before_time > now) | (at <= now)[None, :]
    return rules.put_together(np.where(is_told, edges.before, np.nan), how=how, enough=ENOUGH)


def read_increments(actor: Actor, datastream_id: int, begin: datetime, end: datetime, *, step: Step) -> Increments:
    """Give by how much a register that counts up (energy, operating hours) rose in each whole span of the city's time.

    Spans go from the one with `begin` in it to the one with the last moment before `end`. A rise between two readings
    is shared out by time over the spans between them and marked; a fall, as when a meter is replaced, adds nothing.
    Without a fall the rises add up to the last reading less the first.

    Raises NotFound, Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    name = _name(actor, datastream_id)
    return _rise([datastream_id], begin, end, step, name=name.name, unit=name.unit)


def sum_increments(
    actor: Actor, datastream_ids: Sequence[int], begin: datetime, end: datetime, *, step: Step
) -> Increments:
    """Give the sum of what `read_increments` gives of each of many registers, such as a city's energy by day.

    Name and unit are those of the first: who adds registers up knows that they have one unit. Raises Forbidden or
    Unauthenticated.
    """
    accounts.require(actor, VIEW)
    ids = [int(each) for each in _seen(actor, datastream_ids)]
    name = store.find_name(ids[0], None) if ids else None
    return _rise(ids, begin, end, step, name=name.name if name else "", unit=name.unit if name else "")


def measure_rises(actor: Actor, datastream_ids: Sequence[int], moments: Sequence[datetime]) -> Rises:
    """Give by how much each of many registers rose between moments (in order), as arrays of (registers, spans).

    As `read_increments` gives it for the spans of a day and more; NaN where nothing is known, and for what the actor
    may not see. Raises Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    seen = set(_seen(actor, datastream_ids))
    rows = [place for place, each in enumerate(datastream_ids) if each in seen]
    edges_at, until = rules.micros(moments), int(rules.micros([clock.now()])[0])
    ids = [datastream_ids[row] for row in rows]
    found = _look_closer(ids, _read_edges(ids, edges_at, Step.DAY, until=until), edges_at, until=until)
    shape = len(datastream_ids), len(moments) - 1
    whole = Rises(np.full(shape, np.nan), *(np.zeros(shape, np.bool_) for _ in found[1:]))
    for to, column in zip(whole, found, strict=True):
        to[rows] = column
    return whole


def count_messages(
    actor: Actor, datastream_ids: Sequence[int], begin: datetime, end: datetime, *, but_marked: str
) -> Messages:
    """Count the Observations of each of many Datastreams in [begin, end), and say since when it is heard.

    Both ends are midnights of the city: of what has left for aggregates whole days are counted. An Observation with the
    parameter `but_marked` true is no message of its time, and what comes before the first other one is not counted.
    Nothing is known of what the actor may not see. Raises Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    seen = set(_seen(actor, datastream_ids))
    rows = [place for place, each in enumerate(datastream_ids) if each in seen]
    ids = [datastream_ids[row] for row in rows]
    found = store.count_messages(ids, begin=begin, end=end, reach=REACH, mark=but_marked)
    whole = Messages(*(np.zeros(len(datastream_ids), np.int64) for _ in found))
    for to, column in zip(whole, found, strict=True):
        to[rows] = column
    return whole


def _rise(ids: Sequence[int], begin: datetime, end: datetime, step: Step, *, name: str, unit: str) -> Increments:
    spans = rules.boundaries(begin, end, step, zone=settings.TIME_ZONE)
    now = clock.now()
    found = _find_rises(ids, spans, step, now=now)
    known = ~np.isnan(found.increase)
    totals = np.nan_to_num(found.increase).sum(axis=0).tolist()
    counts = [part.sum(axis=0).tolist() for part in (known, found.is_interpolated, found.is_partial, found.has_reset)]
    buckets = tuple(
        Increment(spans[place], spans[place + 1], totals[place] if counts[0][place] else None, *column)
        for place, column in enumerate(zip(*counts, strict=True))
    )
    return Increments(name, unit, step, now, len(ids), buckets)


def _find_rises(ids: Sequence[int], spans: Sequence[datetime], step: Step, *, now: datetime) -> Rises:
    """Give the rise of each register in each span; a month's is the sum of its days', as falls are found by day."""
    until = int(rules.micros([now])[0])
    if step is not Step.MONTH:
        moments = rules.micros(spans)
        edges = _read_edges(ids, moments, step, until=until)
        return _look_closer(ids, edges, moments, until=until)
    days = rules.micros(rules.boundaries(spans[0], spans[-1], Step.DAY, zone=settings.TIME_ZONE))
    firsts = np.searchsorted(days, rules.micros(spans))
    edges = _read_edges(ids, days, step, until=until)
    whole = registers.rises(registers.only(edges, firsts), days[firsts])
    return registers.gather(_look_closer(ids, edges, days, until=until), whole, firsts[:-1])


def _read_edges(ids: Sequence[int], moments: Ints, step: Step, *, until: int) -> Edges:
    """Find the readings next to each moment, in what is there and in aggregates."""
    near, reach = _NEAR[step] // _MICROSECOND, REACH // _MICROSECOND
    hours = 1 if step is Step.HOUR else 24
    edges = store.read_near_edges(ids, moments, near=near, until=until)
    store.add_far_edges(edges, ids, moments, reach=reach, until=until)
    sums = store.read_sums(ids, moments, hours=hours)
    return registers.join_edges(edges, sums, moments, length=timedelta(hours=hours) // _MICROSECOND)


def _look_closer(ids: Sequence[int], edges: Edges, moments: Ints, *, until: int) -> Rises:
    """Give rises, those from all readings in their span where the ends alone don't tell."""
    found = registers.rises(edges, moments)
    rows, spans = np.nonzero(found.doubtful)
    if not len(rows):
        return found
    ends = registers.ends_of(edges, moments)
    pairs = list(zip(rows.tolist(), spans.tolist(), strict=True))
    exact: list[tuple[int, int, float]] = []
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        wanted = [(ids[row], int(moments[span]), int(moments[span + 1])) for row, span in some]
        pieces = store.read_pieces(wanted, until=until)
        limits = np.searchsorted(pieces.row, np.arange(len(some) + 1))
        for place, (row, span) in enumerate(some):
            own = slice(limits[place], limits[place + 1])
            exact.append((row, span, _rise_of(registers.cut(pieces, own), edges, ends, row, span)))
    return registers.settle(found, exact)


def _rise_of(pieces: Pieces, edges: Edges, ends: registers.Ends, row: int, span: int) -> float:
    begins_joined, ends_joined = ends.joined[row, span], ends.joined[row, span + 1]
    return registers.rise_through(
        pieces,
        before=float(edges.before[row, span]),
        after=float(edges.after[row, span + 1]),
        first=float(ends.right[row, span]) if begins_joined else float("nan"),
        last=float(ends.left[row, span + 1]) if ends_joined else float("nan"),
    )


def _seen(actor: Actor, ids: Sequence[int] | Ints) -> Sequence[int] | Ints:
    """Give those Datastreams that an actor may see."""
    reach = reach_of(actor)
    return ids if reach is None else store.list_seen([int(each) for each in ids], reach)


def _name(actor: Actor, datastream_id: int) -> store.StreamName:
    found = store.find_name(datastream_id, reach_of(actor))
    if found is None:
        raise NotFound(f"no Datastream {datastream_id}")
    return found
