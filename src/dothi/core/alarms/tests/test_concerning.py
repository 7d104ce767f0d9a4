"""How alarms stand by Thing: about it, or standing for it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service
from dothi.core.alarms.tests.raising import FAILED, LOST, at, failed, lost, works
from dothi.core.alarms.tests.test_service import ALL, ignore, seen, take_in
from dothi.core.alarms.types import Filter, State
from dothi.kernel.errors import Unauthenticated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules")]


def test_what_concerns_a_thing_is_about_it_or_stands_for_it() -> None:
    take_in(failed(1), failed(2), lost(9, 2, 3))
    by_thing = {thing: seen(Filter(concerning=(thing,))) for thing in (1, 2, 3, 9, 4)}
    group = (LOST, 9, State.UNACKNOWLEDGED)
    assert by_thing == {1: [(FAILED, 1, State.UNACKNOWLEDGED)], 2: [group], 3: [group], 9: [group], 4: []}
    assert len(seen(Filter(concerning=(1, 3)))) == 2


def test_things_are_told_how_their_alarms_stand(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """The most pressing of an alarm of its own and of the group's counts; hidden ones count for nothing."""
    [one, *_] = take_in(failed(1), lost(9, 2, 3), failed(5), works(5))
    service.acknowledge(SYSTEM, one.id, publish=ignore)
    take_in(lost(8, 1, phase="A"), minute=1)
    service.acknowledge(SYSTEM, seen_id(LOST, 9), publish=ignore)
    with django_assert_num_queries(2):
        found = service.tally_things(SYSTEM)
    assert {thing: tuple(tally) for thing, tally in found.items()} == {
        1: (0, 2, State.UNACKNOWLEDGED),
        2: (0, 2, State.ACKNOWLEDGED),
        3: (0, 2, State.ACKNOWLEDGED),
        5: (1, 3, State.CLEARED),
        8: (1, 2, State.UNACKNOWLEDGED),
        9: (1, 2, State.ACKNOWLEDGED),
    }
    assert set(service.tally_things(SYSTEM, Filter(concerning=(9,)))) == {9, 2, 3}
    with pytest.raises(Unauthenticated):
        service.tally_things(accounts.visitor("operator"))


def seen_id(rule: str, thing_id: int) -> int:
    """Give the id of the alarm of a rule about a Thing."""
    [found] = [each for each in service.list_alarms(SYSTEM).alarms if each.point[:2] == (rule, thing_id)]
    return found.id


def test_the_first_alarm_is_known_whatever_became_of_it() -> None:
    assert service.find_first_raised(SYSTEM, ALL) is None
    [alarm] = take_in(failed(1, minute=3))
    service.acknowledge(SYSTEM, alarm.id, publish=ignore)
    take_in(works(1, minute=4), failed(2, minute=5), minute=5)
    assert service.find_first_raised(SYSTEM, Filter(domain="lights")) == at(3)
    assert service.find_first_raised(SYSTEM, Filter(rules=(LOST,))) is None
