"""Two times at once: what holds in law for some days, as it was known from a moment on."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from dothi.core.places.types import Period

T = TypeVar("T")


class Fact(NamedTuple, Generic[T]):
    """Something that holds for a period, as it was known from `known_from` until `known_to` (None: still)."""

    what: T
    valid: Period
    known_from: datetime
    known_to: datetime | None = None


class Revision(NamedTuple, Generic[T]):
    """What a change does to a history: facts that are known no longer, and those that are known instead."""

    ended: tuple[Fact[T], ...]
    begun: tuple[Fact[T], ...]


def revise(known: Sequence[Fact[T]], what: T, valid: Period, *, at: datetime) -> Revision[T]:
    """Say from a moment on that something holds for a period; nothing that was known before is forgotten.

    A fact that holds for part of that period goes on to hold for the rest of its own.
    """
    ended = tuple(fact for fact in known if fact.known_to is None and overlaps(fact.valid, valid))
    rests = (Fact(fact.what, rest, at) for fact in ended for rest in without(fact.valid, valid))
    return Revision(ended, (*rests, Fact(what, valid, at)))


def apply(known: Iterable[Fact[T]], revision: Revision[T], *, at: datetime) -> list[Fact[T]]:
    """Give the history after a change. What was known for no time at all leaves no trace."""
    gone = set(map(id, revision.ended))
    kept = (fact._replace(known_to=at) if id(fact) in gone else fact for fact in known)
    return [fact for fact in (*kept, *revision.begun) if fact.known_to is None or fact.known_to > fact.known_from]


def as_of(known: Iterable[Fact[T]], day: date, *, at: datetime | None = None) -> list[T]:
    """Give what holds on a day, as known at a moment; None is now. Facts of one unit give one at most."""
    return [fact.what for fact in known if fact.valid.holds(day) and _is_known(fact, at)]


def _is_known(fact: Fact[T], at: datetime | None) -> bool:
    if at is None:
        return fact.known_to is None
    return fact.known_from <= at and (fact.known_to is None or at < fact.known_to)


def overlaps(one: Period, other: Period) -> bool:
    """Tell whether two periods share a day."""
    return _before_end(one.begin, other.end) and _before_end(other.begin, one.end)


def without(one: Period, other: Period) -> list[Period]:
    """Give what is left of a period without another: none, one or two."""
    if not overlaps(one, other):
        return [one]
    rests = []
    if other.begin is not None and (one.begin is None or one.begin < other.begin):
        rests.append(Period(one.begin, other.begin))
    if other.end is not None and (one.end is None or other.end < one.end):
        rests.append(Period(other.end, one.end))
    return rests


def _before_end(begin: date | None, end: date | None) -> bool:
    return begin is None or end is None or begin < end
