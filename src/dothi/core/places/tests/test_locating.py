"""Which area a point lies in: of the day that is asked for, and at once after areas have changed."""

from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.feeds import files
from dothi.core.places.tests.conftest import NOW
from dothi.core.places.tests.county import REFORM, box
from dothi.core.places.tests.writing import write
from dothi.core.places.types import COMMUNE, DISTRICT, Gazetteer, Wish

LONS, LATS = [106.605, 106.635, 106.61, 108.0], [11.01, 11.01, 11.005, 11.0]


def test_points_lie_in_the_areas_of_the_day(loaded_county: Gazetteer) -> None:
    before = REFORM.replace(month=6, day=30)
    assert service.areas_of(LONS, LATS) == ["00", "02", "00", ""]
    assert service.areas_of(LONS, LATS, on=before)[:2] == ["00", "03"]
    assert service.areas_of(LONS, LATS, on=before, level=DISTRICT) == ["1", "2", "1", ""]


def test_where_areas_change_the_answer_follows(loaded_county: Gazetteer, tmp_path: Path) -> None:
    assert service.areas_of([106.6195], [11.01]) == ["00"]
    path = write(tmp_path / "wards.gpkg", [box(0, 0, 0.019), box(1.9, 0, 0.021)], {"code": ["00", "02"]})
    wish = Wish(level=COMMUNE, on=NOW.date(), source="x")
    service.carry_out(SYSTEM, service.preview(SYSTEM, files.read(path), wish), wish)
    assert service.areas_of([106.6195], [11.01]) == ["02"]


def test_many_points_take_two_small_queries(
    loaded_county: Gazetteer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    service.areas_of(LONS, LATS)
    with django_assert_num_queries(2):
        assert service.areas_of(LONS * 2000, LATS * 2000)[:4] == ["00", "02", "00", ""]


def test_an_empty_record_has_no_areas(db: None) -> None:
    assert service.areas_of(LONS, LATS) == ["", "", "", ""]


@pytest.mark.parametrize("text", ["di an", "Dĩ An", "DI  AN", "phuong di an", "02"])
def test_units_are_found_without_marks_and_by_code(loaded_county: Gazetteer, text: str) -> None:
    found = service.search(SYSTEM, text)
    assert found[0].full_name("vi") == "Phường Dĩ An"
    assert found[0].valid.begin == REFORM
    assert found[1].valid.end == REFORM


def test_what_is_called_otherwise_is_not_found(loaded_county: Gazetteer) -> None:
    assert service.search(SYSTEM, "Thủ Đức") == []
    assert service.search(SYSTEM, "  ") == []
    assert [area.names.vi for area in service.search(SYSTEM, "phú")] == ["Phú Lợi"]
