"""A grant for an area reaches the Things that stand there now, by every question that asks for limits."""

import json

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from dothi.core.accounts import policy
from dothi.core.accounts.types import Actor, Held
from dothi.core.observations import service as observations
from dothi.core.observations.labels import service
from dothi.core.observations.models import Location, Thing
from dothi.core.observations.series import service as series
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.places.tests.wards import ABOVE, WARD, make_ward
from dothi.kernel.errors import NotFound

HERE, AWAY = (106.67, 11.05), (106.75, 11.05)
VIEW = "observations.thing.view"


def person(*, area: str = WARD, departments: frozenset[str] | None = None) -> Actor:
    return policy.person("user:1", label="x", grants=[Held(frozenset({VIEW}), departments=departments, area=area)])


@pytest.fixture
def things(register_thing: RegisterThing) -> dict[str, int]:
    """A lamp and a pump in the ward, a lamp elsewhere; none is public."""
    make_ward(*HERE)
    placed = {"lamp": ("lighting", HERE), "pump": ("drainage", HERE), "other": ("lighting", AWAY)}
    said = {"kind": "Streetlight", "readings": {"power": (1.0, "W")}, "is_public": False, "capabilities": {"light": {}}}
    return {
        name: register_thing(name, department=department, place=place, **said)
        for name, (department, place) in placed.items()
    }


def seen(actor: Actor) -> set[str]:
    """Ask by every way, which all say the same."""
    names = {thing.name for thing in observations.list_things(actor, kind="Streetlight")}
    assert {each.name for each in series.list_streams(actor, kind="Streetlight")} == names
    ids = service.ids_within(actor)
    assert ids == frozenset(Thing.objects.filter(name__in=names).values_list("id", flat=True))
    every = list(Thing.objects.values_list("id", flat=True))
    assert {each.thing_id for each in tasking.find_capabilities(actor, every)} == ids
    for name, thing_id in Thing.objects.values_list("name", "id"):
        if name in names:
            assert observations.get_thing(actor, thing_id).name == name
        else:
            with pytest.raises(NotFound):
                observations.get_thing(actor, thing_id)
    return names


@pytest.mark.parametrize("area", [WARD, ABOVE])
def test_what_stands_in_the_area_is_reached(things: dict[str, int], area: str) -> None:
    assert seen(person(area=area)) == {"lamp", "pump"}


def test_of_a_department_in_the_area_its_things_are(things: dict[str, int]) -> None:
    assert seen(person(departments=frozenset({"lighting", "signals"}))) == {"lamp"}


def test_an_area_that_is_not_there_reaches_nothing(things: dict[str, int]) -> None:
    assert seen(person(area="99999")) == set()


def test_a_grant_in_a_department_goes_beside_one_for_an_area(things: dict[str, int]) -> None:
    view = frozenset({VIEW})
    both = [Held(view, departments=frozenset({"lighting"})), Held(view, area=WARD)]
    assert seen(policy.person("user:1", label="x", grants=both)) == {"lamp", "pump", "other"}


def test_what_moves_away_or_in_is_judged_where_it_stands_now(things: dict[str, int]) -> None:
    Location.objects.filter(name="lamp").update(geom=Point(*AWAY))
    Location.objects.filter(name="other").update(geom=Point(*HERE))
    assert seen(person()) == {"pump", "other"}


def test_where_areas_change_the_reach_does(things: dict[str, int]) -> None:
    make_ward(*AWAY, digest="wards-2")
    assert seen(person()) == {"other"}


def test_the_index_on_places_answers(things: dict[str, int]) -> None:
    """Among many Locations: of a few the planner may well read all."""
    many = [
        Location(name=str(n), encoding_type="application/geo+json", location={}, geom=Point(*AWAY)) for n in range(5000)
    ]
    Location.objects.bulk_create(many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE observations_location")
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT * FROM observations_things_within(%s, '2026-03-02')", [[WARD]])
        [(plan,)] = cursor.fetchall()
    told = json.dumps(plan)
    assert "observations_location" in told, "the function is looked into by the planner"
    assert "geom" in told.partition("Index Cond")[2]
