"""The door of alarms over a real database: nothing lost, nothing twice, and each deed with who and when."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms import service
from dothi.core.alarms.models import Watermark
from dothi.core.alarms.tests.raising import FAILED, LOST, SILENT, at, failed, lost, restored, stop_clock, works
from dothi.core.alarms.types import Alarm, Change, Deed, Filter, State
from dothi.core.audit.models import AuditEntry
from dothi.core.observations.models import Thing
from dothi.core.observations.tests.things import RegisterThing
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from dothi.kernel.events import AlarmsChanged, Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules")]

DETECTOR = "lights.night"
ALL = Filter(states=tuple(State))
OPERATOR = Actor(
    kind="user",
    reference="user:7",
    permissions=frozenset(["alarms.alarm.view", "alarms.alarm.acknowledge", "alarms.alarm.shelve"]),
)


def take_in(*changes: Change, minute: float = 0, told: list[Event] | None = None) -> list[Alarm]:
    return service.apply(DETECTOR, changes, watermark=at(minute), publish=(told if told is not None else []).append)


def ignore(_event: Event) -> None:
    pass


def seen(asked: Filter = ALL, actor: Actor = SYSTEM) -> list[tuple[str, int, State]]:
    found = service.list_alarms(actor, asked, limit=1000).alarms
    return [(each.point.rule, each.point.thing_id, each.state) for each in found]


def test_a_finding_becomes_an_alarm() -> None:
    [alarm] = take_in(failed(1, power_w=0.4))
    assert (alarm.state, alarm.priority, alarm.raised_at, dict(alarm.detail)) == (
        State.UNACKNOWLEDGED, 3, at(0), {"power_w": 0.4},
    )  # fmt: skip
    assert service.get_alarm(SYSTEM, alarm.id).alarm == alarm


def test_findings_said_twice_change_nothing() -> None:
    first: list[Change] = [failed(1), works(1), failed(2), lost(9, 3, 4)]
    assert len(take_in(*first)) == 3
    before = service.list_alarms(SYSTEM, ALL)
    for _ in range(2):
        assert take_in(*first) == []
    assert service.list_alarms(SYSTEM, ALL) == before


def test_the_watermark_goes_with_the_findings_and_never_back() -> None:
    assert service.find_watermark(DETECTOR) is None
    service.apply(DETECTOR, [failed(1)], watermark=at(5), state=b"memory")
    assert service.find_watermark(DETECTOR) == (at(5), b"memory")
    with pytest.raises(Conflict, match="already at"):
        service.apply(DETECTOR, [failed(2)], watermark=at(4))
    assert seen() == [(FAILED, 1, State.UNACKNOWLEDGED)]
    service.apply(DETECTOR, [], watermark=at(6))
    assert service.find_watermark(DETECTOR) == (at(6), None)


def test_what_can_not_be_meant_is_refused_whole() -> None:
    with pytest.raises(InvalidInput, match=r"lights\.lamp\.gone"):
        take_in(failed(1), works(1), type(works(1))(rule="lights.lamp.gone", thing_id=1, key="", at=at(0)))
    with pytest.raises(InvalidInput, match="zone"):
        service.apply(DETECTOR, [failed(1)], watermark=at(0).replace(tzinfo=None))
    assert seen() == []
    assert service.find_watermark(DETECTOR) is None


def test_an_alarm_goes_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    [alarm] = take_in(failed(1))
    stop_clock(monkeypatch, 2)
    noticed = service.acknowledge(OPERATOR, alarm.id, note="đã báo đội")
    assert (noticed.state, noticed.acknowledged_at, noticed.acknowledged_by) == (
        State.ACKNOWLEDGED, at(2), "user:7",
    )  # fmt: skip
    assert service.acknowledge(OPERATOR, alarm.id) == noticed
    [over] = take_in(works(1, 3), minute=3)
    assert (over.state, over.cleared_at) == (State.NORMAL, at(3))
    history = service.get_alarm(SYSTEM, alarm.id).history
    assert [(step.deed, step.at, step.who, step.state, step.note) for step in history] == [
        (Deed.RAISE, at(0), f"detector:{DETECTOR}", State.UNACKNOWLEDGED, ""),
        (Deed.ACKNOWLEDGE, at(2), "user:7", State.ACKNOWLEDGED, "đã báo đội"),
        (Deed.CLEAR, at(3), f"detector:{DETECTOR}", State.NORMAL, ""),
    ]
    [again] = take_in(failed(1, 4), minute=4)
    assert again.id != alarm.id


def test_one_batch_closes_an_alarm_and_raises_the_next() -> None:
    [alarm] = take_in(failed(1))
    service.acknowledge(OPERATOR, alarm.id)
    take_in(works(1, 1), failed(1, 2), minute=2)
    assert seen() == [(FAILED, 1, State.UNACKNOWLEDGED), (FAILED, 1, State.NORMAL)]


def test_notes_that_can_not_be_kept_are_refused() -> None:
    [alarm] = take_in(failed(1))
    for note in ("a\0b", "x" * 2001):
        with pytest.raises(InvalidInput):
            service.acknowledge(OPERATOR, alarm.id, note=note)
    with pytest.raises(NotFound):
        service.acknowledge_many(OPERATOR, [alarm.id, 10**30])
    with pytest.raises(NotFound):
        service.get_alarm(OPERATOR, 10**30)


def test_one_that_returns_before_it_was_seen_is_the_same_alarm() -> None:
    [alarm] = take_in(failed(1))
    take_in(works(1, 1), minute=1)
    assert seen() == [(FAILED, 1, State.CLEARED)]
    [again] = take_in(failed(1, 2), minute=2)
    assert (again.id, again.state, again.raised_at, again.since, again.times_raised) == (
        alarm.id, State.UNACKNOWLEDGED, at(0), at(2), 2,
    )  # fmt: skip


def test_a_group_speaks_for_its_members_until_it_is_over() -> None:
    take_in(failed(1), failed(2), failed(5))
    [group, *_] = sorted(take_in(lost(9, 1, 2, 3)), key=lambda each: each.priority)
    assert seen() == [
        (LOST, 9, State.UNACKNOWLEDGED),
        (FAILED, 5, State.UNACKNOWLEDGED),
        (FAILED, 2, State.SUPPRESSED),
        (FAILED, 1, State.SUPPRESSED),
    ]
    take_in(failed(3, 1), minute=1)
    assert seen(Filter(states=(State.SUPPRESSED,))) == [(FAILED, each, State.SUPPRESSED) for each in (3, 2, 1)]
    assert [each.id for each in service.get_alarm(SYSTEM, group.id).members] == []
    take_in(restored(9, 2), works(1, 2), minute=2)
    assert seen() == [
        (LOST, 9, State.CLEARED),
        (FAILED, 3, State.UNACKNOWLEDGED),
        (FAILED, 5, State.UNACKNOWLEDGED),
        (FAILED, 2, State.UNACKNOWLEDGED),
        (FAILED, 1, State.NORMAL),
    ]


def test_a_groups_members_follow_the_detector() -> None:
    take_in(failed(1), failed(2), lost(9, 1))
    [group] = service.list_alarms(SYSTEM, Filter(rules=(LOST,))).alarms
    take_in(lost(9, 2, 3))
    [now] = service.list_alarms(SYSTEM, Filter(rules=(LOST,))).alarms
    assert (now.id, now.member_count) == (group.id, 2)
    assert [(step.deed, step.note) for step in service.get_alarm(SYSTEM, group.id).history][1:] == [
        (Deed.CHANGE_MEMBERS, "1 → 2")
    ]
    assert (FAILED, 1, State.UNACKNOWLEDGED) in seen()
    assert (FAILED, 2, State.SUPPRESSED) in seen()


def test_shelving_hides_and_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = take_in(failed(1), failed(2))
    for alarm in (first, second):
        service.shelve(OPERATOR, alarm.id, until=at(60), reason="đang sửa đường")
    take_in(works(2, 5), failed(2, 6), works(2, 7), minute=7)
    assert {state for _, _, state in seen()} == {State.SHELVED}
    assert service.end_shelving() == []
    stop_clock(monkeypatch, 60)
    told: list[Event] = []
    back = service.end_shelving(publish=told.append)
    assert {alarm.id: alarm.state for alarm in back} == {first.id: State.UNACKNOWLEDGED, second.id: State.NORMAL}


def test_shelving_has_a_reason_and_an_end() -> None:
    [alarm] = take_in(failed(1))
    for until, reason in ((at(0), "x"), (at(0) + timedelta(days=8), "x"), (at(5), " ")):
        with pytest.raises(InvalidInput):
            service.shelve(OPERATOR, alarm.id, until=until, reason=reason)
    with pytest.raises(Conflict):
        service.unshelve(OPERATOR, alarm.id)
    service.shelve(OPERATOR, alarm.id, until=at(5), reason="x")
    with pytest.raises(Conflict):
        service.acknowledge(OPERATOR, alarm.id)
    assert service.unshelve(OPERATOR, alarm.id).state is State.UNACKNOWLEDGED


def test_out_of_service_is_for_whoever_may_disable() -> None:
    """By alarms.alarm.disable."""
    take_in(lost(9, 1), failed(1))
    [group] = service.list_alarms(SYSTEM, Filter(rules=(LOST,))).alarms
    with pytest.raises(Forbidden):
        service.remove_from_service(OPERATOR, group.id, reason="x")
    service.remove_from_service(SYSTEM, group.id, reason="thay tủ")
    assert seen() == [(FAILED, 1, State.UNACKNOWLEDGED), (LOST, 9, State.OUT_OF_SERVICE)][::-1]
    service.return_to_service(SYSTEM, group.id)
    assert (FAILED, 1, State.SUPPRESSED) in seen()


def test_deeds_are_audited_and_told(django_capture_on_commit_callbacks: object) -> None:
    one, two = take_in(failed(1), failed(2))
    told: list[Event] = []
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        service.acknowledge_many(OPERATOR, [two.id, one.id], note="x", publish=told.append)
    assert told == [AlarmsChanged([one.id, two.id])]
    [entry] = AuditEntry.objects.all()
    assert '"what":"alarms.alarm.acknowledge"' in entry.body
    assert '"who":"user:7"' in entry.body
    assert f'"{two.id}":"unacknowledged"' in entry.body


def test_many_are_acknowledged_or_none() -> None:
    [alarm] = take_in(failed(1))
    with pytest.raises(NotFound):
        service.acknowledge_many(OPERATOR, [alarm.id, alarm.id + 1])
    with pytest.raises(InvalidInput):
        service.acknowledge_many(OPERATOR, [])
    assert seen() == [(FAILED, 1, State.UNACKNOWLEDGED)]


def test_the_queue_is_in_order_and_comes_in_pages() -> None:
    take_in(failed(1, 1), failed(2, 3), failed(3, 2), lost(9, 50, minute=4), lost(8, 50, minute=5))
    for alarm in service.list_alarms(SYSTEM, Filter(rules=(LOST, FAILED))).alarms:
        if alarm.point.thing_id in (2, 8):
            service.acknowledge(SYSTEM, alarm.id)
    expected = [9, 8, 3, 1, 2]
    assert [each.point.thing_id for each in service.list_alarms(SYSTEM).alarms] == expected
    found: list[int] = []
    page = service.list_alarms(SYSTEM, limit=2)
    while True:
        found += [each.point.thing_id for each in page.alarms]
        if not page.next:
            break
        page = service.list_alarms(SYSTEM, limit=2, after=page.next)
    assert found == expected
    for wrong in ("x", "!!", "WzFd"):
        with pytest.raises(InvalidInput):
            service.list_alarms(SYSTEM, after=wrong)


def test_filters_and_counts() -> None:
    take_in(failed(1), failed(2), lost(9, 50))
    assert seen(Filter(priorities=(2,))) == [(LOST, 9, State.UNACKNOWLEDGED)]
    assert seen(Filter(thing_id=2)) == [(FAILED, 2, State.UNACKNOWLEDGED)]
    assert seen(Filter(domain="water")) == []
    assert len(seen(Filter(domain="lights"))) == 3
    assert seen(Filter(domain="lights", rules=(SILENT,))) == []
    assert service.count_alarms(SYSTEM) == {State.UNACKNOWLEDGED: {3: 2, 2: 1}}
    assert service.count_alarms(SYSTEM, Filter(priorities=(3,))) == {State.UNACKNOWLEDGED: {3: 2}}


def test_who_is_limited_sees_the_alarms_of_their_things(register_thing: RegisterThing) -> None:
    mine, other = (register_thing(name, kind="Streetlight") for name in ("Đèn A", "Đèn B"))
    Thing.objects.filter(id=mine).update(department="lighting")
    take_in(failed(mine), failed(other))
    limited = Actor(kind="key", reference="key:1", permissions=OPERATOR.permissions, department="lighting")
    assert seen(actor=limited) == [(FAILED, mine, State.UNACKNOWLEDGED)]
    assert service.count_alarms(limited) == {State.UNACKNOWLEDGED: {3: 1}}
    [theirs] = service.list_alarms(SYSTEM, Filter(thing_id=other)).alarms
    with pytest.raises(NotFound):
        service.get_alarm(limited, theirs.id)
    with pytest.raises(NotFound):
        service.acknowledge(limited, theirs.id)
    page = service.list_alarms(limited)
    assert page.things[mine].name == "Đèn A"


def test_visitors_see_none_and_others_need_the_permission() -> None:
    """By alarms.alarm.view, alarms.alarm.acknowledge and alarms.alarm.shelve."""
    [alarm] = take_in(failed(1))
    for visitor in (accounts.visitor(""), accounts.visitor("administrator")):
        with pytest.raises(Unauthenticated):
            service.list_alarms(visitor)
        with pytest.raises(Unauthenticated):
            service.acknowledge(visitor, alarm.id)
    viewer = Actor(kind="user", reference="user:1", permissions=frozenset(["alarms.alarm.view"]))
    service.get_alarm(viewer, alarm.id)
    with pytest.raises(Forbidden, match=r"alarms\.alarm\.acknowledge"):
        service.acknowledge(viewer, alarm.id)
    with pytest.raises(Forbidden, match=r"alarms\.alarm\.shelve"):
        service.shelve(viewer, alarm.id, until=at(5), reason="x")


APPLY_BUDGET = 14
"""Statements of one call, savepoint and watermark among them, whatever the number of findings."""


@pytest.mark.parametrize("count", [1, 6000])
def test_many_findings_cost_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries, count: int) -> None:
    members = tuple(range(1, count + 1))
    with django_assert_max_num_queries(APPLY_BUDGET):
        take_in(*(failed(each) for each in members), lost(90_000, *members), minute=1)
    with django_assert_max_num_queries(APPLY_BUDGET):
        take_in(*(works(each, 2) for each in members), restored(90_000, 2), minute=2)
    assert service.count_alarms(SYSTEM) == {State.CLEARED: {2: 1}}


KILLED = """
import os, sys
from datetime import datetime
from dothi.config import process
process.prepare()
from dothi.core.alarms import service
from dothi.core.alarms.types import Condition, Raise
from dothi.kernel.manifest import AlarmRule, Names
rule = AlarmRule(id="lights.lamp.failed", names=Names(vi="x", en="x"), priority=3)
from dothi.core.alarms.types import RuleOf
service.rules_by_id = lambda: {rule.id: RuleOf(rule=rule, domain="lights", names=rule.names, owner=rule.names, icon="")}
since = datetime.fromisoformat(sys.argv[1])
found = [Raise(Condition(rule=rule.id, thing_id=each, since=since)) for each in (1, 2)]
service.apply("lights.night", found, watermark=since, state=b"m", publish=lambda event: os._exit(9))
"""


def test_killed_between_commit_and_publication_loses_nothing(database_url: str) -> None:
    environment = {**os.environ, "DOTHI_DATABASE_URL": database_url}
    command = [sys.executable, "-c", KILLED, at(0).isoformat()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 9, done.stderr[-2000:]
    assert service.find_watermark(DETECTOR) == (at(0), b"m")
    before = seen()
    assert before == [(FAILED, each, State.UNACKNOWLEDGED) for each in (2, 1)]
    assert take_in(failed(1), failed(2)) == []
    assert seen() == before


def test_a_failing_bus_undoes_nothing(transactional_db: None) -> None:
    def fail(_event: Event) -> None:
        raise ConnectionError

    service.apply(DETECTOR, [failed(1)], watermark=at(0), publish=fail)
    assert seen() == [(FAILED, 1, State.UNACKNOWLEDGED)]


def test_two_runs_at_once_raise_once(transactional_db: None) -> None:
    outcomes: list[int] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        try:
            barrier.wait(30)
            found = [failed(each) for each in range(50)]
            outcomes.append(len(service.apply(DETECTOR, found, watermark=at(1), publish=ignore)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == [0, 0, 0, 50]
    assert len(seen()) == 50
    assert Watermark.objects.count() == 1
