"""Who may command what, all or nothing, audited once, and told after the commit."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.audit.models import AuditEntry
from dothi.core.observations.models import Task as Row
from dothi.core.observations.tasking import service
from dothi.core.observations.tasking.types import NewTask, TaskStatus
from dothi.core.observations.tests.things import RegisterThing
from dothi.kernel import clock, events
from dothi.kernel.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from dothi.kernel.events import Event, TasksChanged

LEVEL = {"type": "DataRecord", "field": [{"name": "level", "type": "Quantity", "constraint": {"interval": [[0, 100]]}}]}
QUERY_BUDGET = 12
"""Whatever the number of commands: five statements of the transaction itself, three of the audit log."""


@pytest.fixture
def told() -> Iterator[list[Event]]:
    """What the other processes were told."""
    heard: list[Event] = []
    events.install(heard.append)
    yield heard
    events.install(None)


def soon() -> Any:
    return clock.now() + timedelta(minutes=1)


def lamps(register_thing: RegisterThing, number: int, **more: Any) -> list[int]:
    return [
        register_thing(f"lamp {each}", kind="Streetlight", capabilities={"light": LEVEL}, **more)
        for each in range(number)
    ]


def commands(things: list[int], level: float = 50) -> list[NewTask]:
    found = service.find_capabilities(SYSTEM, things, name="light")
    return [NewTask(each.id, {"level": level}) for each in found]


@pytest.mark.django_db(transaction=True)
def test_a_street_is_commanded_in_few_statements(register_thing: RegisterThing, told: list[Event]) -> None:
    things = lamps(register_thing, 200)
    new = commands(things)
    with CaptureQueriesContext(connection) as queries:
        made = service.create_tasks(SYSTEM, new, deadline=soon(), supersede=True)
    assert len(queries) <= QUERY_BUDGET
    assert [task.thing_id for task in made] == things
    assert len({task.group for task in made}) == 1
    assert service.list_tasks(SYSTEM, group=made[0].group) == made
    assert told == [TasksChanged([task.id for task in made])]
    entry = AuditEntry.objects.get()
    assert '"parameters":[{"level":50}]' in entry.body
    assert service.list_tasks_by_ids(SYSTEM, [made[3].id]) == [made[3]]
    assert service.list_tasks(SYSTEM, thing_ids=things[:2]) == made[1::-1]


@pytest.mark.django_db(transaction=True)
def test_all_or_none(register_thing: RegisterThing, told: list[Event]) -> None:
    new = commands(lamps(register_thing, 3))
    for wrong in (NewTask(new[2].capability_id, {"level": 101}), NewTask(10**9, {"level": 1})):
        with pytest.raises(InvalidInput):
            service.create_tasks(SYSTEM, [*new[:2], wrong], deadline=soon())
    with pytest.raises(InvalidInput):
        service.create_tasks(SYSTEM, new, deadline=clock.now())
    assert (Row.objects.count(), AuditEntry.objects.count(), told) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_a_newer_command_takes_older_ones_back(register_thing: RegisterThing, told: list[Event]) -> None:
    new = commands(lamps(register_thing, 2))
    (first, other) = service.create_tasks(SYSTEM, new, deadline=soon())
    (kept,) = service.create_tasks(SYSTEM, [NewTask(other.capability_id, {"level": 7})], deadline=soon())
    (newest,) = service.create_tasks(
        SYSTEM, [NewTask(first.capability_id, {"level": 80})], deadline=soon(), supersede=True, group=first.group
    )
    found = {task.id: task for task in service.list_tasks(SYSTEM, group=first.group)}
    assert (found[first.id].status, found[first.id].reason) == (TaskStatus.CANCELLED, service.SUPERSEDED)
    assert found[other.id].is_open
    assert found[newest.id].is_open
    assert kept.group != first.group
    assert told[-1] == TasksChanged([first.id, newest.id])


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_is_over(register_thing: RegisterThing, told: list[Event]) -> None:
    made = service.create_tasks(SYSTEM, commands(lamps(register_thing, 2)), deadline=soon())
    group, ids = made[0].group, [task.id for task in made]
    assert service.cancel_tasks(SYSTEM, group=group) == ids
    assert [task.status for task in service.list_tasks(SYSTEM, group=group)] == [TaskStatus.CANCELLED] * 2
    assert told[-1] == TasksChanged(ids)
    assert service.cancel_tasks(SYSTEM, group=group) == []
    assert (AuditEntry.objects.count(), len(told)) == (2, 2)
    with pytest.raises(NotFound):
        service.cancel_tasks(SYSTEM, group=group + 1)


def key(*permissions: str, **limits: Any) -> Actor:
    return Actor(kind="key", reference="key:1", permissions=frozenset(permissions), **limits)


@pytest.mark.django_db
def test_each_deed_needs_its_permission(register_thing: RegisterThing) -> None:
    things = lamps(register_thing, 1)
    new = commands(things)
    (made,) = service.create_tasks(key("observations.task.create"), new, deadline=soon())
    assert service.list_tasks(key("observations.task.view"), group=made.group) == [made]
    assert service.find_capabilities(key("observations.thing.view"), things)
    nobody = key("observations.observation.create", "observations.task.answer")
    for deed in (
        lambda actor: service.create_tasks(actor, new, deadline=soon()),
        lambda actor: service.cancel_tasks(actor, group=made.group),
        lambda actor: service.list_tasks(actor, group=made.group),
        lambda actor: service.list_tasks_by_ids(actor, [made.id]),
        lambda actor: service.find_capabilities(actor, things),
    ):
        with pytest.raises(Forbidden):
            deed(nobody)
        with pytest.raises(Unauthenticated):
            deed(Actor(kind="visitor", reference="visitor"))


@pytest.mark.django_db
def test_limits_hide_what_lies_beyond(register_thing: RegisterThing) -> None:
    (own,) = lamps(register_thing, 1, department="lighting")
    (other,) = lamps(register_thing, 1, department="water", is_public=False)
    (mine, foreign) = commands([own, other])
    allowed = ("observations.task.create", "observations.task.view", "observations.thing.view")
    for limited in (key(*allowed, department="lighting"), key(*allowed, thing_ids=frozenset({own}))):
        assert [each.id for each in service.find_capabilities(limited, [own, other])] == [mine.capability_id]
        assert service.list_commandable_ids(limited) == [mine.capability_id]
        with pytest.raises(InvalidInput, match="no TaskingCapability"):
            service.create_tasks(limited, [mine, foreign], deadline=soon())
        (made,) = service.create_tasks(limited, [mine], deadline=soon())
        (hidden,) = service.create_tasks(SYSTEM, [foreign], deadline=soon(), group=made.group)
        assert service.list_tasks(limited, group=made.group) == [made]
        assert service.list_tasks(limited, thing_ids=[other]) == []
        assert service.list_tasks_by_ids(limited, [hidden.id]) == []
        with pytest.raises(NotFound):
            service.cancel_tasks(limited, group=made.group)
    visitor = Actor(kind="visitor", reference="visitor", permissions=frozenset(allowed))
    assert [each.id for each in service.find_capabilities(visitor, [own, other])] == [mine.capability_id]
