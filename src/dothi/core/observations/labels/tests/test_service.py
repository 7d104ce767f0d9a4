"""Things by name, and the limits of whoever asks."""

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.labels import service
from dothi.core.observations.labels.types import ThingLabel
from dothi.core.observations.models import Thing
from dothi.core.observations.tests.things import RegisterThing


def test_things_are_named_and_a_lost_one_is_left_out(register_thing: RegisterThing) -> None:
    one = register_thing("Đèn 1", kind="Streetlight")
    Thing.objects.filter(id=one).update(department="lighting")
    other = register_thing("Trạm", kind="AirStation", simulated=False)
    assert service.name_things([one, other, other + 1]) == {
        one: ThingLabel(one, "Đèn 1", "Streetlight", "lighting", True),
        other: ThingLabel(other, "Trạm", "AirStation", "", False),
    }


def test_limits_leave_a_departments_things(register_thing: RegisterThing) -> None:
    one, two, three = (register_thing(name, kind="Streetlight") for name in "abc")
    Thing.objects.filter(id__in=[one, two]).update(department="lighting")
    assert service.ids_within(SYSTEM) is None
    assert service.ids_within(_key(department="lighting")) == frozenset([one, two])
    assert service.ids_within(_key(thing_ids=frozenset([three]))) == frozenset([three])
    assert service.ids_within(_key(department="lighting", thing_ids=frozenset([two, three]))) == frozenset([two])


def test_departments_of_a_person_leave_theirs(register_thing: RegisterThing) -> None:
    one, two, three = (register_thing(name, kind="Streetlight") for name in "abc")
    Thing.objects.filter(id=one).update(department="lighting")
    Thing.objects.filter(id=two).update(department="water")
    both = Actor(kind="user", reference="user:1", departments=frozenset({"lighting", "water"}))
    assert service.ids_within(both) == frozenset([one, two])
    assert three not in (service.ids_within(both) or ())
    assert service.ids_within(Actor(kind="user", reference="user:1", departments=frozenset())) == frozenset()


def _key(*, department: str = "", thing_ids: frozenset[int] | None = None) -> Actor:
    return Actor(kind="key", reference="key:1", department=department, thing_ids=thing_ids)
