"""What detectors say becomes the same alarms, however it is cut into batches and however often it is said."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dothi.core.alarms.rules.folding import Draft, fold, opened, point_of
from dothi.core.alarms.tests.raising import FAILED, LOST, at, failed, lost, restored, works
from dothi.core.alarms.types import Alarm, Change, Point, Raise, State

PRIORITIES = {FAILED: 3, LOST: 2}


class Store:
    """Alarms as a store would keep them."""

    def __init__(self) -> None:
        self.drafts: dict[int, Draft] = {}

    def take_in(self, changes: Sequence[Change]) -> list[Draft]:
        """Fold a batch over what is kept, and keep what came of it."""
        newest: dict[Point, Draft] = {}
        for draft in sorted(self.drafts.values(), key=lambda each: each.alarm.raised_at):
            newest[draft.alarm.point] = opened(draft.alarm, draft.members)
        wanted = {point_of(change) for change in changes}
        known = {point: draft for point, draft in newest.items() if point in wanted}
        changed = fold(known, changes, priorities=PRIORITIES, now=at(0), who="detector:x")
        for draft in changed:
            number = draft.alarm.id or len(self.drafts) + 1
            self.drafts[number] = replace(draft, alarm=replace(draft.alarm, id=number))
        return changed

    def seen(self, *point: object) -> None:
        """Let someone acknowledge all."""
        for number, draft in self.drafts.items():
            standing = replace(draft.alarm.standing, is_acknowledged=True)
            self.drafts[number] = replace(draft, alarm=replace(draft.alarm, standing=standing))

    def alarms(self) -> list[tuple[Alarm, frozenset[int]]]:
        """Give all alarms with their members, whatever their numbers."""
        found = [(replace(draft.alarm, id=0), draft.members) for draft in self.drafts.values()]
        return sorted(found, key=lambda each: (each[0].point, each[0].raised_at))


@st.composite
def tales(draw: st.DrawFn) -> list[Change]:
    """What a detector may say, minute after minute, of two lamps and a phase."""
    told: list[Change] = []
    for minute in range(draw(st.integers(1, 12))):
        kind = draw(st.integers(0, 5))
        lamp = draw(st.integers(1, 2))
        members = draw(st.sets(st.integers(1, 4), min_size=1))
        sayings: list[Change] = [
            failed(lamp, minute),
            failed(lamp, minute, power_w=draw(st.floats(0, 5))),
            works(lamp, minute),
            works(lamp, minute),
            lost(9, *members, minute=minute),
            restored(9, minute),
        ]
        told.append(sayings[kind])
    return told


@given(tales(), st.integers(1, 5))
def test_batches_of_any_size_make_the_same_alarms(told: list[Change], size: int) -> None:
    whole, cut = Store(), Store()
    whole.take_in(told)
    for start in range(0, len(told), size):
        cut.take_in(told[start : start + size])
    assert whole.alarms() == cut.alarms()


@given(tales())
def test_the_same_twice_changes_nothing(told: list[Change]) -> None:
    store = Store()
    store.take_in(told)
    before = store.alarms()
    assert store.take_in(told) == []
    for change in told:
        if not isinstance(change, Raise):
            assert store.take_in([change]) == []
    assert store.alarms() == before


@given(tales(), tales())
def test_a_point_has_at_most_one_open_alarm(first: list[Change], second: list[Change]) -> None:
    store = Store()
    store.take_in(first)
    store.seen()
    store.take_in(second)
    still_open = [alarm.point for alarm, _ in store.alarms() if alarm.state is not State.NORMAL]
    assert len(still_open) == len(set(still_open))
    for alarm, _ in store.alarms():
        assert alarm.cleared_at is None or alarm.cleared_at >= alarm.since
        assert alarm.standing.is_active == (alarm.cleared_at is None)


def test_one_batch_may_tell_of_two_nights() -> None:
    store = Store()
    store.take_in([failed(1, 0), works(1, 1)])
    store.seen()
    store.take_in([failed(1, 2), works(1, 3), failed(1, 4)])
    first, second = (alarm for alarm, _ in store.alarms())
    assert (first.raised_at, first.cleared_at) == (at(0), at(1))
    assert (second.raised_at, second.since, second.times_raised) == (at(2), at(4), 2)


def test_an_older_finding_is_no_news() -> None:
    store = Store()
    store.take_in([failed(1, 5, power_w=1.0)])
    assert store.take_in([failed(1, 3, power_w=9.0), works(1, 4)]) == []
    assert store.take_in([works(2, 4)]) == []
