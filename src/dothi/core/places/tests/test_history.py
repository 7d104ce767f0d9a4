"""Two times at once, whatever is said in whatever order: one truth a day, and nothing that was known is forgotten."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dothi.core.places.rules import history
from dothi.core.places.rules.history import Fact
from dothi.core.places.types import Period

FIRST = date(2020, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]
START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Periods of a few days, some without bound."""
    begin = draw(st.none() | st.sampled_from(DAYS[:-1]))
    after = [day for day in DAYS if begin is None or day > begin]
    return Period(begin, draw(st.none() | st.sampled_from(after)))


said = st.lists(st.tuples(st.integers(1, 5), periods(), st.integers(0, 2)), max_size=8)
"""What is said, for which days, and how many hours after what was said before."""


def tell(sayings: list[tuple[int, Period, int]]) -> list[tuple[datetime, list[Fact[int]], dict[date, int]]]:
    """Give, after each saying, the moment, the whole history, and what should hold for each day."""
    known: list[Fact[int]] = []
    at, states = START, []
    model: dict[date, int] = {}
    for what, valid, hours in sayings:
        at += timedelta(hours=hours)
        known = history.apply(known, history.revise(known, what, valid, at=at), at=at)
        model = model | {day: what for day in DAYS if valid.holds(day)}
        states.append((at, known, model))
    return states


@given(said)
def test_of_each_day_the_last_word_holds_and_there_is_one(sayings: list[tuple[int, Period, int]]) -> None:
    for _, known, model in tell(sayings):
        for day in DAYS:
            assert history.as_of(known, day) == ([model[day]] if day in model else [])


@given(said)
def test_what_was_known_is_never_forgotten(sayings: list[tuple[int, Period, int]]) -> None:
    states = tell(sayings)
    if not states:
        return
    _, last, _ = states[-1]
    final = {at: model for at, _, model in states}  # of several sayings at one moment, the last
    for at, model in final.items():
        for day in DAYS:
            assert history.as_of(last, day, at=at) == ([model[day]] if day in model else [])


@given(said)
def test_no_two_facts_overlap_in_both_times(sayings: list[tuple[int, Period, int]]) -> None:
    for _, known, _ in tell(sayings):
        for place, one in enumerate(known):
            for other in known[place + 1 :]:
                both_known = (one.known_to is None or other.known_from < one.known_to) and (
                    other.known_to is None or one.known_from < other.known_to
                )
                assert not (both_known and history.overlaps(one.valid, other.valid))


@given(periods(), periods())
def test_a_period_without_another_is_all_its_other_days(one: Period, other: Period) -> None:
    rests = history.without(one, other)
    for day in DAYS:
        assert any(rest.holds(day) for rest in rests) == (one.holds(day) and not other.holds(day))


def test_nothing_is_known_before_it_was_said() -> None:
    known = history.apply([], history.revise([], 1, Period(), at=START), at=START)
    assert history.as_of(known, FIRST, at=START - timedelta(seconds=1)) == []
    assert history.as_of(known, FIRST, at=START) == [1]
