"""The policy says the same to every door: what a grant gives, it gives within its department and area alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dothi.core.accounts import policy, rules
from dothi.core.accounts.policy import SYSTEM, Actor, AreaReach, Held, Subject, departments_of, may
from dothi.core.accounts.types import Department, Grant, Role
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput

CODES = ["city", "works", "lighting", "water"]
TREE = {
    "city": frozenset(CODES),
    "works": frozenset({"works", "lighting"}),
    "lighting": frozenset({"lighting"}),
    "water": frozenset({"water"}),
}
PERMISSIONS = ["lamp.view", "lamp.command"]
helds = st.builds(
    Held,
    permissions=st.frozensets(st.sampled_from(PERMISSIONS), min_size=1),
    departments=st.none() | st.sampled_from(CODES).map(TREE.__getitem__),
    area=st.sampled_from(["", "an-phu"]),
)
people = st.lists(helds, max_size=4).map(lambda held: policy.person("user:1", label="x", grants=held))
subjects = st.builds(
    Subject,
    department=st.sampled_from(["", *CODES, "unknown"]),
    area=st.sampled_from(["", "an-phu", "di-an"]),
    is_public=st.booleans(),
)
permissions = st.sampled_from(PERMISSIONS)


@given(people, permissions, subjects)
def test_a_person_may_over_something_what_one_grant_gives_there(
    person: Actor, permission: str, subject: Subject
) -> None:
    granted = [
        held
        for held in person.grants
        if permission in held.permissions
        and (held.departments is None or subject.department in held.departments)
        and held.area in {"", subject.area}
    ]
    assert may(person, permission, of=subject) == bool(granted)
    if may(person, permission, of=subject):
        assert person.may(permission)


@given(people, permissions, st.sampled_from(CODES))
def test_what_is_touched_is_what_may_be_done_to_a_thing_of_no_area(
    person: Actor, permission: str, department: str
) -> None:
    touched = person.within(permission).may_touch(7, department=department)
    assert touched == may(person, permission, of=Subject(department=department))


@given(people, permissions, st.sampled_from([*CODES, "unknown"]), st.sampled_from(["", "an-phu", "di-an"]))
def test_what_is_touched_is_what_may_be_done_to_a_thing_where_it_stands(
    person: Actor, permission: str, department: str, area: str
) -> None:
    narrowed = person.within(permission)
    there = tuple(replace(each, thing_ids=frozenset({7} if each.area == area else ())) for each in narrowed.areas)
    touched = replace(narrowed, areas=there).may_touch(7, department=department)
    assert touched == may(person, permission, of=Subject(department=department, area=area))


@given(people, permissions, st.sampled_from(CODES), st.booleans())
def test_a_person_sees_what_is_public_and_what_they_may_touch(
    person: Actor, permission: str, department: str, is_public: bool
) -> None:
    narrowed = person.within(permission)
    seen = narrowed.may_see(7, department=department, is_public=is_public)
    assert seen == (is_public or narrowed.may_touch(7, department=department))


@given(people, permissions)
def test_narrowing_twice_is_narrowing_once_and_never_widens(person: Actor, permission: str) -> None:
    once = person.within(permission)
    assert once.within(permission) == once
    for department in CODES:
        if once.may_touch(1, department=department):
            assert person.may_touch(1, department=department)


@given(st.lists(helds, max_size=4), helds)
def test_one_more_grant_takes_nothing_away(held: list[Held], more: Held) -> None:
    fewer, wider = departments_of(held), departments_of([*held, more])
    assert wider is None or (fewer is not None and fewer <= wider)


def test_a_viewer_of_all_and_operator_of_one_commands_in_one() -> None:
    person = policy.person(
        "user:1",
        label="",
        grants=[
            Held(frozenset({"lamp.view"})),
            Held(frozenset({"lamp.view", "lamp.command"}), departments=TREE["works"]),
        ],
    )
    assert person.within("lamp.view").departments is None
    assert person.within("lamp.command").departments == TREE["works"]
    assert not may(person, "lamp.command", of=Subject(department="water"))
    assert not may(person, "lamp.command", of=Subject()), "what is nobody's is the whole city's"


def test_a_grant_for_an_area_reaches_no_thing_until_it_is_known_where_things_stand() -> None:
    person = policy.person("user:1", label="", grants=[Held(frozenset({"lamp.view"}), area="an-phu")])
    assert not person.may_touch(1, department="lighting")
    assert person.may_see(1, department="lighting", is_public=True)
    assert may(person, "lamp.view", of=Subject(department="lighting", area="an-phu"))
    assert not may(person, "lamp.view", of=Subject(department="lighting", area="di-an"))
    placed = replace(person, areas=(AreaReach("an-phu", thing_ids=frozenset({1})),))
    assert placed.may_touch(1, department="lighting")
    assert not placed.may_touch(2, department="lighting")
    assert not placed.within("lamp.command").may_touch(1, department="lighting")


def test_keys_see_nothing_beyond_their_limits_not_even_what_is_public() -> None:
    key = Actor(kind="key", reference="key:1", permissions=frozenset({"lamp.view"}), department="works")
    assert key.departments == frozenset({"works"})
    assert not key.may_see(1, department="water", is_public=True)
    wider = Actor(kind="key", reference="key:1", department="works", departments=TREE["works"])
    assert wider.may_touch(1, department="lighting")


def test_dothi_itself_may_all() -> None:
    assert may(SYSTEM, "anything", of=Subject(department="x", area="y"))
    assert may(
        Actor(kind="visitor", reference="visitor", permissions=frozenset({"a"})), "a", of=Subject(is_public=True)
    )


def test_nobody_gives_what_they_do_not_have() -> None:
    person = policy.person("user:1", label="", grants=[Held(frozenset({"grant"}), departments=TREE["works"])])
    rules.check_may_over(person, "grant", [Grant(Role.OFFICER, "lighting")])
    for beyond in (Grant(Role.VIEWER), Grant(Role.VIEWER, "water"), Grant(Role.VIEWER, "city")):
        with pytest.raises(Forbidden):
            rules.check_may_over(person, "grant", [beyond])


@pytest.mark.parametrize("code", ["", "A", "ănh-sáng", "a--b", "-a", "a-", "a b", "a_b", "x" * 61])
def test_a_code_is_plain(code: str) -> None:
    with pytest.raises(InvalidInput):
        rules.check_code(code)
    assert rules.check_code("chieu-sang-1") == "chieu-sang-1"


def test_a_department_never_stands_below_itself() -> None:
    works = Department("works", "Công trình", "Works", ("city", "works"))
    assert rules.path_below("lighting", works) == ("city", "works", "lighting")
    assert rules.path_below("city", None) == ("city",)
    with pytest.raises(Conflict):
        rules.path_below("city", works)
