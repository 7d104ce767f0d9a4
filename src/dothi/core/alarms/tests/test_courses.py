"""When alarms' conditions held, for figures of what they cost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms import service
from dothi.core.alarms.rules.courses import spells_of
from dothi.core.alarms.tests.raising import FAILED, LOST, at, failed, lost, restored, works
from dothi.core.alarms.types import Deed, Spell
from dothi.kernel.errors import Forbidden, Unauthenticated


def test_a_condition_holds_from_raise_to_clear() -> None:
    raised, cleared = Deed.RAISE, Deed.CLEAR
    assert spells_of([]) == ()
    assert spells_of([(raised, at(1)), (cleared, at(3)), (raised, at(5))]) == (
        Spell(at(1), at(3)),
        Spell(at(5), None),
    )
    assert spells_of([(cleared, at(1)), (raised, at(2)), (raised, at(3)), (cleared, at(4))]) == (Spell(at(2), at(4)),)


@given(st.lists(st.tuples(st.sampled_from([Deed.RAISE, Deed.CLEAR]), st.integers(0, 1000)), max_size=20))
def test_spells_follow_each_other(switches: list[tuple[Deed, int]]) -> None:
    """Only the last may be open, and none begins before the one before has ended."""
    found = spells_of((deed, at(minute)) for deed, minute in sorted(switches, key=lambda each: each[1]))
    for one, following in pairwise(found):
        assert one.end is not None
        assert one.begin <= one.end <= following.begin
    assert (bool(found) and found[-1].end is None) == bool(switches and _ends_raised(switches))


def _ends_raised(switches: list[tuple[Deed, int]]) -> bool:
    return sorted(switches, key=lambda each: each[1])[-1][0] is Deed.RAISE


@pytest.mark.django_db
@pytest.mark.usefixtures("alarm_rules")
def test_courses_are_those_that_stood_in_a_time_with_their_members() -> None:
    service.apply("lights", [failed(1, 0), failed(2, 5), lost(9, 3, 4, minute=6), failed(7, 40)], watermark=at(40))
    service.apply("lights", [works(1, 10), restored(9, 20)], watermark=at(41))
    service.apply("lights", [failed(1, 30)], watermark=at(42))

    def found(begin: float, end: float, *rules: str) -> list[tuple[int, tuple[int, ...], tuple[Spell, ...]]]:
        courses = service.list_courses(SYSTEM, rules or (FAILED, LOST), at(begin), at(end))
        return [(each.alarm.point.thing_id, each.members, each.spells) for each in courses]

    one = (1, (), (Spell(at(0), at(10)), Spell(at(30), None)))
    two, phase = (2, (), (Spell(at(5), None),)), (9, (3, 4), (Spell(at(6), at(20)),))
    assert found(0, 35) == [one, two, phase]
    assert found(20, 35) == [one, two]
    assert found(0, 5) == [one]
    assert found(0, 60, LOST) == [phase]
    assert found(-10, 0) == []


@pytest.mark.django_db
def test_courses_are_for_those_who_may_see_alarms() -> None:
    with pytest.raises(Unauthenticated):
        service.list_courses(accounts.visitor("viewer"), (FAILED,), at(0), at(1))
    with pytest.raises(Forbidden):
        service.list_courses(Actor(kind="key", reference="key:1"), (FAILED,), at(0), at(1))
