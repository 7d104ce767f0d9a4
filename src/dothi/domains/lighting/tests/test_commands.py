"""Orders to light: who gets them, what becomes of them, and one alarm for all who never answer."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm, Filter, State
from dothi.core.observations.models import Task as Row
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tasking.types import TaskStatus
from dothi.core.observations.tests.standing_clock import Hands, standing_clock
from dothi.domains.lighting.rules.holding import held_by
from dothi.domains.lighting.service import commands, programmes, schedules
from dothi.domains.lighting.tests.conftest import AddLight
from dothi.domains.lighting.types.command import Aim, Order, Target
from dothi.domains.lighting.types.schedule import Programme, Scope, Step
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, InvalidInput, NotFound, Unauthenticated

pytestmark = pytest.mark.django_db
LIGHT: dict[str, dict[str, object]] = {"light": {}}
PROGRAM: dict[str, dict[str, object]] = {"program": {}}
STREET = Target(Aim.STREET, "hung-vuong")
QUERY_BUDGET = 30


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The city's clock, that stands."""
    with standing_clock() as found:
        yield found


@pytest.fixture
def street(add_light: AddLight, hands: Hands) -> list[int]:
    """A cabinet, and twelve lamps of two streets that it feeds; gives the cabinet's id, then the lamps'."""
    cabinet = add_light("Tủ Hùng Vương 1", serial="C1", capabilities=PROGRAM)
    lamps = [
        add_light(
            f"Đèn {number}",
            serial=f"L{number}",
            cabinet="C1",
            street="hung-vuong" if number < 8 else "le-loi",
            capabilities=LIGHT,
        )
        for number in range(12)
    ]
    return [cabinet, *lamps]


def answer(group: int, status: TaskStatus, *, but: Sequence[int] = ()) -> None:
    """Let devices answer, as the outbox would write it down, and the others miss their deadline."""
    for row in Row.objects.filter(group_id=group, status__in=("pending", "sent")):
        is_silent = row.tasking_capability.thing_id in but
        row.status = (TaskStatus.UNANSWERED if is_silent else status).value
        row.next_attempt_at, row.answered_at = None, None if is_silent else clock.now()
        row.save()


def unanswered() -> list[Alarm]:
    states = tuple(state for state in State if state is not State.NORMAL)
    return list(alarms.list_alarms(SYSTEM, Filter(states=states, rules=(commands.UNANSWERED,))).alarms)


@pytest.mark.parametrize(
    ("target", "lamps", "label"),
    [
        (STREET, range(1, 9), "Hung Vuong"),
        (Target(Aim.STREET, "le-loi"), range(9, 13), "Le Loi"),
        (Target(Aim.CABINET, "C1"), range(1, 13), "Tủ Hùng Vương 1"),
    ],
)
def test_an_order_goes_to_all_lamps_of_its_target(street: list[int], target: Target, lamps: range, label: str) -> None:
    given = commands.give(SYSTEM, target, Order(60, clock.now() + timedelta(hours=2)))
    tasks = tasking.list_tasks(SYSTEM, group=given.group)
    assert [task.thing_id for task in tasks] == [street[place] for place in lamps]
    assert {str(task.parameters) for task in tasks} == {"{'level': 60, 'until': '2026-11-25T13:00:00Z'}"}
    assert (given.label, given.thing_id) == (label, street[0])


def test_one_lamp_is_commanded_and_stands_for_itself(street: list[int]) -> None:
    given = commands.give(SYSTEM, Target(Aim.LAMP, str(street[3])), Order(None))
    [task] = tasking.list_tasks(SYSTEM, group=given.group)
    assert (task.thing_id, task.parameters, given.thing_id) == (street[3], {"resume": True}, street[3])


def test_a_newer_order_takes_the_place_of_one_that_waits(street: list[int]) -> None:
    first, second = (commands.give(SYSTEM, STREET, Order(level)) for level in (30, 80))
    assert {task.status for task in tasking.list_tasks(SYSTEM, group=first.group)} == {TaskStatus.CANCELLED}
    assert {task.status for task in tasking.list_tasks(SYSTEM, group=second.group)} == {TaskStatus.PENDING}


@pytest.mark.parametrize(
    ("order", "place"),
    [
        (Order(101), "level"),
        (Order(-1), "level"),
        (Order(50, clock.WALL.city_anchor), "until"),
        (Order(50, clock.WALL.city_anchor.replace(year=2040)), "until"),
        (Order(50, clock.WALL.city_anchor.replace(tzinfo=None)), "until"),
        (Order(None, clock.WALL.city_anchor.replace(year=2040)), "until"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_nothing_goes_out(
    street: list[int], order: Order, place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        commands.give(SYSTEM, STREET, order)
    assert refused.value.place == place
    assert Row.objects.count() == 0


def test_who_may_command(street: list[int]) -> None:
    viewer = Actor(kind="user", reference="user:1", permissions=frozenset({"lighting.lamp.view"}))
    for actor, error in ((viewer, Forbidden), (Actor(kind="visitor", reference="visitor"), Unauthenticated)):
        with pytest.raises(error):
            commands.give(actor, STREET, Order(50))
        with pytest.raises(error):
            commands.list_commands(actor)
        with pytest.raises(error):
            commands.get_command(actor, 1)


def test_nothing_there_to_command(street: list[int], add_light: AddLight) -> None:
    for target in (Target(Aim.STREET, "nowhere"), Target(Aim.LAMP, "999999"), Target(Aim.CABINET, "C9")):
        with pytest.raises(NotFound):
            commands.give(SYSTEM, target, Order(50))
    add_light("old", serial="L99", cabinet="C1", street="tran-phu")
    with pytest.raises(InvalidInput):
        commands.give(SYSTEM, Target(Aim.STREET, "tran-phu"), Order(50))
    with pytest.raises(NotFound):
        commands.get_command(SYSTEM, 999)


def test_an_order_takes_the_same_few_statements_for_any_street(street: list[int]) -> None:
    counts = []
    for target in (Target(Aim.LAMP, str(street[1])), STREET):
        with CaptureQueriesContext(connection) as queries:
            commands.give(SYSTEM, target, Order(50))
        counts.append(len(queries))
    assert max(counts) <= QUERY_BUDGET
    assert counts[1] - counts[0] <= 3


def test_progress_is_told(street: list[int]) -> None:
    given = commands.give(SYSTEM, STREET, Order(50))
    answer(given.group, TaskStatus.DONE, but=street[1:3])
    [progress] = commands.list_commands(SYSTEM)
    assert progress.counts == {TaskStatus.DONE: 6, TaskStatus.UNANSWERED: 2}
    assert (progress.total, progress.waiting) == (8, 0)
    account = commands.get_command(SYSTEM, given.group)
    assert account.progress.counts == progress.counts
    assert account.names[street[1]] == "Đèn 0"


def test_all_who_do_not_answer_are_one_alarm_until_they_obey_another_order(street: list[int], hands: Hands) -> None:
    given = commands.give(SYSTEM, STREET, Order(50))
    commands.settle()
    assert unanswered() == []
    hands.advance(60)
    answer(given.group, TaskStatus.DONE, but=street[1:6])
    for _ in range(2):
        commands.settle()
    [alarm] = unanswered()
    assert (alarm.point.thing_id, alarm.point.key, alarm.member_count) == (street[0], str(given.group), 5)
    assert [each.id for each in alarms.get_alarm(SYSTEM, alarm.id).members] == street[1:6]
    again = commands.give(SYSTEM, STREET, Order(50))
    commands.settle()
    assert unanswered()[0].cleared_at is None
    answer(again.group, TaskStatus.DONE)
    commands.settle()
    [alarm] = unanswered()
    assert alarm.cleared_at is not None


def test_when_all_answer_there_is_no_alarm(street: list[int]) -> None:
    given = commands.give(SYSTEM, STREET, Order(50))
    answer(given.group, TaskStatus.DONE)
    commands.settle()
    assert unanswered() == []
    assert commands.get_command(SYSTEM, given.group).progress.command.unanswered == ()


def test_what_lamps_are_held_at(street: list[int], hands: Hands) -> None:
    until = clock.now() + timedelta(hours=1)
    given = commands.give(SYSTEM, STREET, Order(40, until))
    newest = tasking.list_newest_tasks(SYSTEM, name=commands.LIGHT, since=clock.now() - timedelta(days=1))
    place = {thing_id: index for index, thing_id in enumerate(street[1:])}
    assert all(level != level for level in held_by(newest, place).level_percent)  # not known while they wait
    hands.advance(10)
    answer(given.group, TaskStatus.DONE)
    held = held_by(tasking.list_newest_tasks(SYSTEM, name=commands.LIGHT, since=until - timedelta(days=1)), place)
    assert held.level_percent.tolist() == [40.0] * 8
    assert set(held.until_s.tolist()) == {until.timestamp()}
    assert set(held.begin_s.tolist()) == {clock.now().timestamp()}


def test_a_cabinet_gets_the_programme_of_the_night_and_is_told_once(street: list[int], hands: Hands) -> None:
    programmes.bring()
    assert Row.objects.count() == 0  # it runs what the city wants already
    saved = schedules.save_schedule(
        SYSTEM, name_vi="Ít xe", name_en="Quiet", programme=Programme(steps=(Step("21:00", 40),)), is_default=False
    )
    schedules.assign(SYSTEM, saved.id, scope=Scope.CABINET, key="C1")
    for _ in range(3):
        programmes.bring()
    [row] = Row.objects.all()
    assert row.parameters["steps"] == [{"at": "21:00", "level": 40}]
    answer(row.group_id, TaskStatus.DONE)
    for _ in range(2):
        programmes.bring()
    assert Row.objects.count() == 1
    assert schedules.programmes_due(SYSTEM, schedules.coming_night()) == []
    assert unanswered() == []


def test_a_cabinet_that_takes_no_programme_is_an_alarm_until_it_does(street: list[int], hands: Hands) -> None:
    saved = schedules.save_schedule(
        SYSTEM, name_vi="Ít xe", name_en="Quiet", programme=Programme(steps=(Step("21:00", 40),)), is_default=True
    )
    programmes.bring()
    answer(Row.objects.get().group_id, TaskStatus.DONE, but=[street[0]])
    for _ in range(2):
        programmes.bring()
    [alarm] = unanswered()
    assert (alarm.point.thing_id, alarm.point.key, alarm.cleared_at) == (street[0], "programme", None)
    hands.advance(3600)
    programmes.bring()
    assert Row.objects.count() == 2  # it is told again after a while
    answer(Row.objects.order_by("-id")[0].group_id, TaskStatus.DONE)
    for _ in range(2):
        programmes.bring()
    [alarm] = unanswered()
    assert alarm.cleared_at is not None
    assert saved.is_default
