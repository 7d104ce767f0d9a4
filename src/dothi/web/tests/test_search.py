"""The search over all packages: its page, what the box is offered, order, and what is passed over for whom."""

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Actor, Role
from dothi.core.observations.tests.things import RegisterThing
from dothi.kernel.manifest import Finder, Manifest, Names, load_manifests
from dothi.kernel.search import asked_for
from dothi.web import search

BUDGET = 16
"""Session, person, grants; units by code and name; base map; layers; devices by name, their places and their wards."""
MISSPELT_BUDGET = 24
"""The same, and then whatever is spelt nearly so."""


@pytest.fixture
def client(db: None) -> Client:
    found = Client()
    person = User.objects.create_user(username="tim")
    person.grants.create(role=Role.OPERATOR.value, department="")
    found.force_login(person)
    found.cookies["dothi_language"] = "en"
    return found


def test_every_finder_and_askable_of_a_manifest_is_there() -> None:
    for manifest in load_manifests():
        for finder in manifest.finders:
            assert callable(search.finder_of(manifest, finder))
            assert finder.permission in {each.id for each in manifest.permissions}


def test_a_finder_that_is_not_there_is_named() -> None:
    [manifest] = [each for each in load_manifests() if each.id == "places"]
    finder = Finder(Names(vi="x", en="x"), "find_nothing", "places.area.view")
    with pytest.raises(ValueError, match="find_nothing"):
        search.finder_of(manifest, finder)


def test_the_page_and_the_box_find_devices(client: Client, register_thing: RegisterThing) -> None:
    register_thing("Đèn Lê Lợi 12", kind="Streetlight")
    for typed in ("den le loi 12", "Đèn Lê Lợi", "le loi den", "den le lio 12"):
        page = client.get("/search/", {"q": typed}).content.decode()
        assert "Đèn Lê Lợi 12" in page, typed
    [found] = client.get("/search.json", {"q": "đèn lê lợi"}).json()["found"]
    assert (found["name"], found["kind"], found["note"]) == ("Đèn Lê Lợi 12", "Thing", "Street lamp")
    assert found["address"].startswith("/places/dossier/?at=106.67000,11.05000&thing=")
    assert client.get(found["address"]).status_code == 200


def test_many_lamps_of_a_street_come_as_the_street(client: Client, register_thing: RegisterThing) -> None:
    street = {"street": "tre-nga", "street_name": "Tre Ngà"}
    for number in range(1, 9):
        register_thing(f"Tre Ngà {number:03}", kind="Streetlight", properties=street)
    register_thing("Trạm Tre Ngà", kind="Station")
    page = client.get("/search/", {"q": "tre nga"}).content.decode()
    assert '<a class="b" href="/lighting/streets/tre-nga/">Tre Ngà</a>' in page
    assert [f"Tre Ngà {number:03}" in page for number in range(1, 9)] == [True] * 5 + [False] * 3
    assert "and 3 more" in page
    assert "Trạm Tre Ngà" in page
    offered = [each["name"] for each in client.get("/search.json", {"q": "tre nga"}).json()["found"]]
    assert offered == ["Tre Ngà", *(f"Tre Ngà {number:03}" for number in range(1, 6)), "Trạm Tre Ngà"]
    few = client.get("/search/", {"q": "tre nga 008"}).content.decode()
    assert "Tre Ngà 008" in few
    assert "/lighting/streets/" not in few


def test_a_street_counts_only_what_the_asker_may_see(settings: Settings, register_thing: RegisterThing) -> None:
    settings.VISITOR_ROLE = Role.VIEWER.value
    for number in range(1, 9):
        register_thing(f"Tre Ngà {number}", kind="Streetlight", properties={"street": "tre-nga"}, is_public=number < 8)
    page = Client().get("/search/", {"q": "tre nga"}).content.decode()
    assert "tre-nga" in page
    assert ("và 2 thiết bị khác" in page, "và 3 thiết bị khác" in page) == (True, False)


def test_nothing_found_and_nothing_asked(client: Client) -> None:
    assert "called so, or nearly so" in client.get("/search/", {"q": "qqqq"}).content.decode()
    assert "called so, or nearly so" not in client.get("/search/").content.decode()
    assert client.get("/search.json", {"q": "–"}).json() == {"asked": "–", "found": []}


def test_others_devices_are_not_found(register_thing: RegisterThing, settings: Settings) -> None:
    register_thing("Đèn kín", kind="Streetlight", is_public=False, department="lighting")
    register_thing("Đèn mở", kind="Streetlight")
    asked = asked_for("den")

    def seen(actor: Actor) -> set[str]:
        return {each.hit.name for each in search.search(actor, asked, language="vi") if each.kind == "Thiết bị"}

    assert seen(SYSTEM) == {"Đèn kín", "Đèn mở"}
    assert seen(accounts.visitor(Role.VIEWER.value)) == {"Đèn mở"}
    key = msgspec.structs.replace(
        SYSTEM, kind="key", permissions=frozenset({"observations.thing.view"}), departments=frozenset({"lighting"})
    )
    assert seen(key) == {"Đèn kín"}
    settings.VISITOR_ROLE = ""
    assert Client().get("/search/").status_code == 302


def test_what_is_only_alike_is_left_out_where_something_is_called_so(register_thing: RegisterThing) -> None:
    for name in ("Trạm Quỳnh Xuân", "Trạm Quỳnh Xuâm", "Quỳnh Xuân"):
        register_thing(name, kind="Station")
    found = [each.hit.name for each in search.search(SYSTEM, asked_for("quynh xuan"), language="vi")]
    assert found[:2] == ["Quỳnh Xuân", "Trạm Quỳnh Xuân"]
    assert "Trạm Quỳnh Xuâm" not in found


def test_a_package_without_the_permission_is_not_asked() -> None:
    def manifest(permission: str) -> Manifest:
        return Manifest(
            id="none", names=Names(vi="x", en="x"), owner=Names(vi="x", en="x"), icon="x", package="nowhere",
            finders=(Finder(Names(vi="x", en="x"), "find", permission),),
        )  # fmt: skip

    nobody = accounts.visitor("")
    assert search.search(nobody, asked_for("a"), language="vi", manifests=(manifest("none.a.b"),)) == []
    with pytest.raises(ModuleNotFoundError):
        search.search(SYSTEM, asked_for("a"), language="vi", manifests=(manifest("none.a.b"),))


def test_budget(
    client: Client, register_thing: RegisterThing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    register_thing("Đèn Lê Lợi 12", kind="Streetlight")
    client.get("/search/", {"q": "le loi"})
    with django_assert_max_num_queries(BUDGET):
        client.get("/search/", {"q": "le loi"})
    with django_assert_max_num_queries(MISSPELT_BUDGET):
        client.get("/search/", {"q": "den le lio"})


def test_misspellings_are_looked_for_only_where_nothing_is_called_so(
    client: Client, register_thing: RegisterThing
) -> None:
    register_thing("Đèn Lê Lợi 12", kind="Streetlight")
    for typed, is_asked in (("den le loi", False), ("den le lio 12", True)):
        with CaptureQueriesContext(connection) as asked:
            [found] = client.get("/search.json", {"q": typed}).json()["found"]
        assert found["name"] == "Đèn Lê Lợi 12"
        assert any("similarity(" in each["sql"] for each in asked.captured_queries) == is_asked
