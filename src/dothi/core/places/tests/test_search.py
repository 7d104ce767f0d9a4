"""What the search finds of places: areas of all times, streets and features, without marks and misspelt, for whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.places import service, views
from dothi.core.places.feeds import osm
from dothi.core.places.layers.types import Visibility
from dothi.core.places.serving.tests.published import publish
from dothi.core.places.tests.county import box
from dothi.core.places.tests.writing import write_osm
from dothi.core.places.types import Gazetteer
from dothi.kernel.search import asked_for
from dothi.kernel.text import fold_words

LETTERS = st.text(alphabet="aAăÂđĐêỂơƯỹỵ 09-/.,xZßñ", max_size=24)


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    """Names come in Vietnamese, whatever page was asked for before."""
    with translation.override("vi"):
        yield


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=LETTERS)
def test_the_database_folds_names_as_the_code_does(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT places_fold(%s)", [text.replace("ß", "ss")])
        [(folded,)] = cursor.fetchall()
    assert folded == fold_words(text)


@pytest.mark.parametrize("typed", ["dĩ an", "di an", "DI AN", "Phường Dĩ An", "phuong di an", "02"])
def test_an_area_is_found_by_name_old_and_new_and_by_code(loaded_county: Gazetteer, typed: str) -> None:
    hits = views.find_areas(SYSTEM, asked_for(typed))
    assert hits[0].name == "Phường Dĩ An"
    assert not hits[0].is_past
    assert [hit.is_past for hit in hits] == [False, True]
    assert "01/07/2025" in hits[1].note


@pytest.mark.parametrize("typed", ["di ann", "phuong di ann", "lai thiu", "dong hoaa"])
def test_a_misspelt_area_is_found(loaded_county: Gazetteer, typed: str) -> None:
    expected = {"di": "Dĩ An", "ph": "Dĩ An", "la": "Lái Thiêu", "do": "Đông Hòa"}[typed[:2]]
    assert any(expected in hit.name for hit in views.find_areas(SYSTEM, asked_for(typed)))


def test_nothing_is_found_for_nothing(loaded_county: Gazetteer) -> None:
    for typed in ("", "  ", "–", "zzzzqq"):
        assert views.find_areas(SYSTEM, asked_for(typed)) == []
        assert views.find_features(SYSTEM, asked_for(typed)) == []


def test_streets_come_from_the_drawn_map_until_one_is_imported(loaded_county: Gazetteer, tmp_path: Path) -> None:
    drawn = [hit.name for hit in views.find_streets(SYSTEM, asked_for("my phuoc tan van"))]
    assert any("Mỹ Phước" in name for name in drawn)
    found = osm.read(write_osm(tmp_path / "town.osm.pbf"))
    service.keep_base_map(SYSTEM, found.features, name="town", digest="1", licence="", publish=lambda _event: None)
    assert views.find_streets(SYSTEM, asked_for("my phuoc tan van")) == []
    for typed in ("dai lo binh duong", "đại lộ bình", "dai lo bnh duong"):
        [hit] = views.find_streets(SYSTEM, asked_for(typed))
        assert (hit.name, hit.code) == ("Đại lộ Bình Dương", "QL.13")
        assert hit.address.startswith("/places/dossier/?at=106.6")


def test_features_are_found_only_by_whoever_sees_their_layer(loaded_county: Gazetteer) -> None:
    shape = shapely.get_parts(box(0, 0))[0]
    publish("open", [("Chợ Đông Hòa", {"tang": 2}, shape)])
    publish("own", [("Chợ Đông Hòa kín", {"tang": 2}, shape)], visibility=Visibility.RESTRICTED, owner="lighting")
    asked = asked_for("cho dong hoa")
    assert [hit.name for hit in views.find_features(SYSTEM, asked)] == ["Chợ Đông Hòa", "Chợ Đông Hòa kín"]
    viewer = accounts.visitor(Role.VIEWER.value)
    [hit] = views.find_features(viewer, asked)
    assert (hit.name, hit.where, hit.address) == ("Chợ Đông Hòa", "Phường Đông Hòa", hit.address)
    assert hit.address.startswith("/places/dossier/?feature=open/")
    assert [each.name for each in views.find_features(viewer, asked_for("cho dong hoaa"))] == ["Chợ Đông Hòa"]
