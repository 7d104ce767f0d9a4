"""The dossier: units of all times, layers' features, devices and what is left out, in both languages and for whom."""

import pytest
import shapely
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.places import service
from dothi.core.places.layers.types import Role as LayerRole
from dothi.core.places.layers.types import Visibility
from dothi.core.places.serving.tests.published import publish
from dothi.core.places.tests.county import REFORM
from dothi.core.places.types import COMMUNE, AsOf, Gazetteer
from dothi.kernel.errors import InvalidInput, NotFound

HERE = "106.67,11.05"
"""Where registered Things of tests stand: outside of the county."""
IN_THE_WEST = "106.605,11.01"
BUDGET = 30
"""Session, person, grants; areas and their rows; layers, hidden ones, features; devices three times; alarms; orders."""


def client_of(role: Role | None, *, language: str = "en", department: str = "") -> Client:
    client = Client()
    if role is not None:
        person = User.objects.create_user(username=f"p-{role}-{language}")
        person.grants.create(role=role.value, department=department)
        client.force_login(person)
    client.cookies["dothi_language"] = language
    return client


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Đông Hòa Ward", "Đông Hòa Commune", "before 01/07/2025", "Tây District", "Illustrative boundaries"]),
        ("vi", ["Phường Đông Hòa", "Xã Đông Hòa", "Huyện Tây", "Ranh giới minh họa"]),
    ],
)
def test_a_point_tells_its_units_of_all_times(loaded_county: Gazetteer, language: str, words: list[str]) -> None:
    page = client_of(Role.VIEWER, language=language).get("/places/dossier/", {"at": IN_THE_WEST}).content.decode()
    for word in words:
        assert word in page
    assert "Lái Thiêu" not in page


def test_another_day_turns_now_and_then(loaded_county: Gazetteer) -> None:
    client = client_of(Role.VIEWER)
    answer = client.get("/places/dossier/", {"at": IN_THE_WEST, "on": "2025-06-30"})
    assert [each.row.area.code for each in answer.context["now"]] == ["9", "1", "00"]
    assert [each.row.area.code for each in answer.context["then"]] == ["00"]
    assert "not of the chosen day" in answer.content.decode()


def test_a_polygon_tells_shares(loaded_county: Gazetteer) -> None:
    west, south = 106.6, 11.0
    ring = f"{west},{south};{west + 0.03},{south};{west + 0.03},{south + 0.02};{west},{south + 0.02}"
    answer = client_of(Role.VIEWER).get("/places/dossier/", {"within": ring})
    shares = {each.row.area.code: each.percent for each in answer.context["now"] if each.row.area.level == COMMUNE}
    assert shares == {"00": pytest.approx(66.67, abs=0.05), "02": pytest.approx(33.33, abs=0.05)}


def test_an_areas_dossier_and_a_features(loaded_county: Gazetteer) -> None:
    area = next(each for each in service.list_areas(SYSTEM, AsOf(REFORM), level=COMMUNE) if each.code == "02")
    layer = publish("trees", [("Cây đa", {"loài": "Ficus", "cao": 12.5}, shapely.Point(106.63, 11.01))])
    client = client_of(Role.VIEWER)
    page = client.get("/places/dossier/", {"area": area.id}).content.decode()
    for word in ("Dĩ An Ward", "Cây đa", "Ficus", "revision 1"):
        assert word in page
    feature = client.get("/places/dossier/", {"feature": f"{layer.slug}/1"})
    assert feature.status_code in (200, 404)
    [hit] = [each for each in page.split('href="') if each.startswith("/places/dossier/?feature=trees/")]
    assert "Cây đa" in client.get(hit.split('"')[0]).content.decode()


def test_the_parcel_at_a_point_is_told_among_however_many_around_it(loaded_county: Gazetteer) -> None:
    lon, lat = (float(each) for each in HERE.split(","))
    side = 1e-4
    corners = [(lon + (n % 9 - 4.5) * side, lat + (n // 9 - 4.5) * side) for n in range(81)]
    publish("parcels", [(f"Thửa {n}", {}, shapely.box(x, y, x + side, y + side)) for n, (x, y) in enumerate(corners)])
    page = client_of(Role.VIEWER).get("/places/dossier/", {"at": HERE}).content.decode()
    assert "Thửa 40<" in page
    assert page.count("Thửa ") == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"at": "x"},
        {"at": "1"},
        {"at": "999,1"},
        {"at": "nan,1"},
        {"at": "1,2;3,4"},
        {"at": "1,2", "reach": "99999"},
        {"within": "1,1;2,2"},
        {"within": "0,0;1,1;1,0;0,1"},
        {"area": "²"},
        {"feature": "x"},
    ],
)
def test_what_is_no_place_is_refused(loaded_county: Gazetteer, asked: dict[str, str]) -> None:
    assert client_of(Role.VIEWER).get("/places/dossier/", asked).status_code == 400


def test_what_is_not_there_is_not_found(loaded_county: Gazetteer) -> None:
    client = client_of(Role.VIEWER)
    for asked in ({"area": "99999"}, {"feature": "nothing/1"}):
        assert client.get("/places/dossier/", asked).status_code == 404
    assert client.get("/places/dossier/").status_code == 200
    with pytest.raises(NotFound):
        service.site_of_area(SYSTEM, next(a.id for a in service.list_areas(SYSTEM, level=1)))
    with pytest.raises(InvalidInput):
        service.site_within([(0.0, 0.0)] * 501)


def test_devices_come_with_values_and_ages(loaded_county: Gazetteer, register_thing: RegisterThing) -> None:
    register_thing("Đèn 1", kind="Streetlight", readings={"power": (71.5, "W")})
    page = client_of(Role.OPERATOR).get("/places/dossier/", {"at": HERE}).content.decode()
    for word in ("Đèn 1", "71.5", "data-at", "No alarm that you may see", "No work order"):
        assert word in page
    assert "Đèn 1" not in client_of(Role.CREW).get("/places/dossier/", {"at": "106.68,11.05"}).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Power", "3 more values", "Light level"]), ("vi", ["Công suất", "3 giá trị khác", "Mức sáng"])],
)
def test_a_device_shows_one_value_by_its_name_and_folds_the_others(
    loaded_county: Gazetteer, register_thing: RegisterThing, language: str, words: list[str]
) -> None:
    readings = {"custom": (1.0, "1"), "voltage": (229.0, "V"), "light level": (70.0, "%"), "power": (71.5, "W")}
    lamp = register_thing("Đèn 1", kind="Streetlight", readings=readings)
    page = client_of(Role.VIEWER, language=language).get("/places/dossier/", {"at": HERE}).content.decode()
    shown, folded = page.split('<tr class="folded">')
    assert f'<a href="/lighting/lamps/{lamp}/">Đèn 1</a>' in shown
    assert words[0] in shown
    assert [each in shown for each in ("voltage", "light level", "custom")] == [False] * 3
    for word in (words[1], words[2], "custom"):
        assert word in folded


def test_what_may_not_be_seen_is_said_to_be_left_out(loaded_county: Gazetteer, register_thing: RegisterThing) -> None:
    register_thing("Đèn kín", kind="Streetlight", is_public=False, department="lighting")
    shape = shapely.box(106.66, 11.04, 106.68, 11.06)
    publish("plan", [("Đất ở", {"ma": "ODT"}, shape)], role=LayerRole.ZONING, visibility=Visibility.INTERNAL)
    page = client_of(Role.VIEWER).get("/places/dossier/", {"at": HERE}).content.decode()
    assert "Work orders" in page
    assert "Left out: 1 layer that you may not see (Zoning)" in page
    assert "Đất ở" not in page
    other = client_of(Role.OPERATOR, department="water").get("/places/dossier/", {"at": HERE}).content.decode()
    assert "Đèn kín" not in other
    assert "Left out: devices that you may not see." in other
    own = client_of(Role.OFFICER, department="lighting").get("/places/dossier/", {"at": HERE}).content.decode()
    assert "Đèn kín" in own
    assert "Đất ở" in own


def test_budget(
    loaded_county: Gazetteer, register_thing: RegisterThing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    register_thing("Đèn 1", kind="Streetlight", readings={"power": (71.5, "W")})
    client = client_of(Role.OPERATOR)
    client.get("/places/dossier/", {"at": HERE})
    with django_assert_max_num_queries(BUDGET):
        client.get("/places/dossier/", {"at": HERE})
