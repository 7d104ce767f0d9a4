"""The pages of places: what they say in both languages, to whom, on which day, and with how many queries."""

import json

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.places import service
from dothi.core.places.tests.county import REFORM
from dothi.core.places.types import COMMUNE, DISTRICT, AsOf, Gazetteer
from dothi.kernel.manifest import load_manifests

LIST_BUDGET = 8
"""Session, person, areas, days, and for a search three more."""
AREA_BUDGET = 8
"""Session, person, history, successions, units at their other ends, units of the day, shape."""
ASKING = {Role.OPERATOR, Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR}
PERMISSIONS = {
    "places.area.view": set(Role),
    "places.area.import": {Role.ADMINISTRATOR},
    "places.layer.view": set(Role),
    "places.layer.view_internal": set(Role) - {Role.VIEWER},
    "places.layer.view_restricted": {Role.OFFICER, Role.ADMINISTRATOR},
    "places.layer.edit": {Role.OFFICER, Role.ADMINISTRATOR},
    "places.layer.publish": {Role.ADMINISTRATOR},
    "places.layer.manage": {Role.ADMINISTRATOR},
    "places.question.ask": ASKING,
    "places.question.keep": ASKING - {Role.OPERATOR},
}


@pytest.fixture
def viewer(loaded_county: Gazetteer) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(username="xem", role=Role.VIEWER.value))
    client.cookies["dothi_language"] = "en"
    return client


def id_of(code: str, *, level: int = COMMUNE, before: bool = False) -> int:
    as_of = AsOf(REFORM.replace(month=6, day=30) if before else REFORM)
    return next(area.id for area in service.list_areas(SYSTEM, as_of, level=level) if area.code == code)


def test_roles_hold_what_the_manifest_gives_them() -> None:
    [manifest] = [each for each in load_manifests() if each.id == "places"]
    assert {each.id: set(each.roles) for each in manifest.permissions} == PERMISSIONS


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Đơn vị hành chính", "Phường Dĩ An", "Thành phố Lớn", "Ranh giới minh họa", "từ 01/07/2025"]),
        ("en", ["Administrative units", "Dĩ An Ward", "Lớn City", "Illustrative boundaries", "since 01/07/2025"]),
    ],
)
def test_the_list_says_what_is_in_force(viewer: Client, language: str, words: list[str]) -> None:
    viewer.cookies["dothi_language"] = language
    page = viewer.get("/places/").content.decode()
    for word in words:
        assert word in page
    assert "Lái Thiêu" not in page


def test_another_day_has_other_units_and_levels(viewer: Client) -> None:
    page = viewer.get("/places/", {"on": "2025-06-30"}).content.decode()
    assert "Lái Thiêu Township" in page
    assert "Tây District" in page
    districts = viewer.get("/places/", {"on": "2025-06-30", "level": str(DISTRICT)}).content.decode()
    assert "Lái Thiêu" not in districts
    assert 'aria-current="page">Districts' in districts


@pytest.mark.parametrize("asked", [{"on": "yesterday"}, {"level": "99"}, {"level": "²"}, {"on": "2025-02-30"}])
def test_what_makes_no_sense_shows_today(viewer: Client, asked: dict[str, str]) -> None:
    assert "Dĩ An Ward" in viewer.get("/places/", asked).content.decode()


def test_a_search_finds_units_of_all_times(viewer: Client) -> None:
    page = viewer.get("/places/", {"q": "lai thieu"}).content.decode()
    assert "Lái Thiêu Township" in page
    assert "before 01/07/2025" in page
    assert "No unit, of today or of before" in viewer.get("/places/", {"q": "Thủ Đức"}).content.decode()


def test_a_units_page_tells_where_it_comes_from(viewer: Client) -> None:
    page = viewer.get(f"/places/{id_of('02')}/").content.decode()
    for word in ("Made of", "Phú Lợi Commune", "25%", "estimated between illustrative cells", "Act 1", "the county"):
        assert word in page
    gone = viewer.get(f"/places/{id_of('01', before=True)}/").content.decode()
    for word in ("Not in force on", "Became", "75%", "Đông Hòa Ward"):
        assert word in gone
    district = viewer.get(f"/places/{id_of('1', level=DISTRICT, before=True)}/").content.decode()
    assert "It has no successor" in district
    assert "Units within" in district
    assert viewer.get("/places/999999/").status_code == 404


def test_areas_are_sent_with_what_their_shape_is_worth(viewer: Client) -> None:
    answer = viewer.get("/places/areas.geojson", {"on": "2025-06-30", "level": str(COMMUNE)})
    found = json.loads(answer.content)["features"]
    assert [each["properties"]["code"] for each in found] == ["00", "01", "02", "03"]
    assert all(each["properties"]["illustrative"] and each["geometry"]["type"] == "MultiPolygon" for each in found)
    assert found[0]["properties"]["valid_to"] == "2025-07-01"
    [top] = json.loads(viewer.get("/places/areas.geojson", {"level": 1}).content)["features"]
    assert top["geometry"] is None


def test_budgets(viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(LIST_BUDGET):
        viewer.get("/places/", {"q": "phu"})
    area_id = id_of("02")
    with django_assert_max_num_queries(AREA_BUDGET):
        viewer.get(f"/places/{area_id}/")


def test_visitors_see_what_their_role_lets_them(loaded_county: Gazetteer, settings: Settings) -> None:
    settings.VISITOR_ROLE = ""
    assert Client().get("/places/").status_code == 302
    settings.VISITOR_ROLE = "viewer"
    assert Client().get("/places/").status_code == 200
