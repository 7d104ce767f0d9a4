"""The tree of departments: who reaches one reaches those below, wherever it is moved to."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dothi.core.accounts import service as accounts
from dothi.core.accounts.service import departments as service
from dothi.core.accounts.types import SYSTEM, Grant, Role
from dothi.core.audit import service as audit
from dothi.core.audit.models import AuditEntry
from dothi.kernel.errors import Conflict, DothiError, Forbidden, InvalidInput, NotFound

CODES = ["a", "b", "c", "d", "e"]


def make(code: str, parent: str = "") -> None:
    service.create_department(SYSTEM, code=code, name_vi=f"Phòng {code}", name_en=f"Office {code}", parent=parent)


@pytest.mark.django_db
def test_a_key_and_a_person_reach_what_is_below_and_follow_when_it_moves() -> None:
    for code, parent in [("works", ""), ("lighting", "works"), ("water", "")]:
        make(code, parent)
    key = accounts.create_key(SYSTEM, name="gateway", permissions=["observations.thing.view"], department="works")
    assert accounts.list_keys(SYSTEM)[0].departments == frozenset({"works", "lighting"})
    person = accounts.person(1, label="x", grants=[Grant(Role.OFFICER, "works")])
    assert person.departments == frozenset({"works", "lighting"})
    service.update_department(SYSTEM, "lighting", name_vi="Chiếu sáng", name_en="Lighting", parent="water")
    assert accounts.list_keys(SYSTEM)[0].departments == frozenset({"works"})
    assert accounts.person(1, label="x", grants=[Grant(Role.OFFICER, "water")]).departments == frozenset(
        {"water", "lighting"}
    )
    assert accounts.revoke_key(SYSTEM, key_id=key.id).departments == frozenset({"works"})


@pytest.mark.django_db
def test_a_code_that_is_in_no_tree_reaches_itself() -> None:
    accounts.create_key(SYSTEM, name="old", permissions=["observations.thing.view"], department="an old one")
    assert accounts.list_keys(SYSTEM)[0].departments == frozenset({"an old one"})


@pytest.mark.django_db
def test_changes_are_audited_with_before_and_after() -> None:
    make("works")
    service.update_department(SYSTEM, "works", name_vi="Xây dựng", name_en="Construction", parent="")
    service.update_department(SYSTEM, "works", name_vi="Xây dựng", name_en="Construction", parent="")
    service.delete_department(SYSTEM, "works")
    bodies = [entry.body for entry in AuditEntry.objects.order_by("number")]
    assert len(bodies) == 3, "what changes nothing is no change"
    assert '"name_vi":"Phòng works"' in bodies[1].partition('"before"')[2]
    assert '"name_vi":"Xây dựng"' in bodies[1].partition('"before"')[0]
    assert audit.find_break() is None


@pytest.mark.django_db
def test_what_can_not_be() -> None:
    make("works")
    make("lighting", "works")
    with pytest.raises(Conflict):
        make("works")
    with pytest.raises(InvalidInput):
        make("new", "nowhere")
    with pytest.raises(Conflict):
        service.update_department(SYSTEM, "works", name_vi="x", name_en="x", parent="lighting")
    with pytest.raises(Conflict):
        service.delete_department(SYSTEM, "works")
    accounts.create_key(SYSTEM, name="k", permissions=["observations.thing.view"], department="lighting")
    with pytest.raises(Conflict):
        service.delete_department(SYSTEM, "lighting")
    with pytest.raises(NotFound):
        service.delete_department(SYSTEM, "nowhere")


@pytest.mark.django_db
def test_who_keeps_one_department_makes_others_below_it_alone() -> None:
    make("works")
    make("water")
    keeper = accounts.person(1, label="x", grants=[Grant(Role.ADMINISTRATOR, "works")])
    service.create_department(keeper, code="lighting", name_vi="a", name_en="a", parent="works")
    for parent in ("", "water"):
        with pytest.raises(Forbidden):
            service.create_department(keeper, code="new", name_vi="a", name_en="a", parent=parent)
    keeper = accounts.person(1, label="x", grants=[Grant(Role.ADMINISTRATOR, "works")])
    with pytest.raises(Forbidden):
        service.update_department(keeper, "lighting", name_vi="a", name_en="a", parent="water")
    with pytest.raises(Forbidden):
        service.list_departments(accounts.person(1, label="x", role="viewer"))


class Tree(RuleBasedStateMachine):
    """Departments are made, moved and taken away in any order; what stands below is always what the parents say."""

    def __init__(self) -> None:
        super().__init__()
        for each in reversed(service.list_departments(SYSTEM)):
            service.delete_department(SYSTEM, each.code)
        self.parents: dict[str, str] = {}

    @rule(code=st.sampled_from(CODES), parent=st.sampled_from(["", *CODES]))
    def create(self, code: str, parent: str) -> None:
        can = code not in self.parents and (not parent or parent in self.parents)
        try:
            make(code, parent)
        except DothiError:
            assert not can
        else:
            assert can
            self.parents[code] = parent

    @rule(code=st.sampled_from(CODES), parent=st.sampled_from(["", *CODES]))
    def move(self, code: str, parent: str) -> None:
        is_there = code in self.parents and (not parent or parent in self.parents)
        can = is_there and code not in self.above(parent)
        try:
            service.update_department(SYSTEM, code, name_vi="x", name_en="x", parent=parent)
        except DothiError:
            assert not can
        else:
            assert can
            self.parents[code] = parent

    @rule(code=st.sampled_from(CODES))
    def delete(self, code: str) -> None:
        can = code in self.parents and code not in self.parents.values()
        try:
            service.delete_department(SYSTEM, code)
        except DothiError:
            assert not can
        else:
            assert can
            del self.parents[code]

    def above(self, code: str) -> list[str]:
        found = []
        while code:
            found.append(code)
            code = self.parents[code]
        return found

    @invariant()
    def tree_is_what_the_parents_say(self) -> None:
        listed = service.list_departments(SYSTEM)
        assert {each.code: each.parent for each in listed} == self.parents
        for place, each in enumerate(listed):
            assert list(each.path) == self.above(each.code)[::-1]
            assert each.parent in {"", *(before.code for before in listed[:place])}


class TestTree(TestCase):
    """Runs the machine with the database set back after each run."""

    def test_any_order(self) -> None:
        run_state_machine_as_test(Tree, settings=settings(max_examples=15, stateful_step_count=20))
