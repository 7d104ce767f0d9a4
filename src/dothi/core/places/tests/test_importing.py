"""Shapes of a file take the place of illustrations: all of them or none, once, and what was known before stays."""

from pathlib import Path

import pytest
import shapely
from msgspec.structs import replace

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.places import models, service
from dothi.core.places.feeds import files
from dothi.core.places.tests.conftest import NOW
from dothi.core.places.tests.county import REFORM, box, county
from dothi.core.places.tests.writing import write
from dothi.core.places.types import COMMUNE, AsOf, Gazetteer, Preview, ShareBasis, Unknown, Wish
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput
from dothi.kernel.events import Event, PlacesChanged

WISH = Wish(level=COMMUNE, on=NOW.date(), source="the land office")
OLD = Wish(level=COMMUNE, on=REFORM.replace(month=6, day=30), source="the old land office")
WARDS = Path("../shared/data/places/binh_duong_36_wards_2025.geojson")
SPIKE = shapely.Polygon(
    [(106.6, 11.0), (106.62, 11.0), (106.62, 11.01), (106.63, 11.01), (106.62, 11.01), (106.6, 11.02)]
)


def look(path: Path, wish: Wish = WISH) -> Preview:
    return service.preview(SYSTEM, files.read(path), wish)


def wards(folder: Path, **columns: list[str]) -> Path:
    """Write the two wards, the first a little larger than its cell and the second a little smaller."""
    given = columns or {"code": ["00", "02"], "name": ["Đông Hòa", "Dĩ An"]}
    return write(folder / "wards.gpkg", [box(0, 0, 0.021), box(2.1, 0, 0.019)], given)


@pytest.mark.parametrize(
    "columns",
    [
        {"code": ["00", "02"]},
        {"name": ["PHUONG DONG HOA", "phường dĩ an"]},
        {"ten_xa": ["Dong Hoa", "Di An"]},
        {"ma_xa": ["?", "02"], "ten": ["Phường Đông Hòa", "misspelt"]},
    ],
)
def test_features_are_matched_by_code_or_name(
    loaded_county: Gazetteer, tmp_path: Path, columns: dict[str, list[str]]
) -> None:
    found = look(wards(tmp_path, **columns))
    assert found.is_whole
    assert [each.code for each in found.taken] == ["00", "02"]
    assert found.left == ()


def test_a_preview_changes_nothing_and_an_import_everything_it_said(loaded_county: Gazetteer, tmp_path: Path) -> None:
    told: list[Event] = []
    before = clock.now()
    found = look(wards(tmp_path))
    assert all(area.is_illustrative for area in service.list_areas(SYSTEM, level=COMMUNE))
    dataset_id = service.carry_out(SYSTEM, found, WISH, publish=told.append)
    assert dataset_id is not None
    assert told == [PlacesChanged(dataset_id)]
    areas = service.list_areas(SYSTEM, level=COMMUNE)
    assert [(area.is_illustrative, area.source, area.source_crs) for area in areas] == [
        (False, "the land office", "EPSG:4326")
    ] * 2
    first, second = areas
    assert first.km2 is not None
    assert second.km2 is not None
    assert first.km2 / second.km2 == pytest.approx(21 / 19, rel=1e-3)
    assert [area.is_illustrative for area in service.list_areas(SYSTEM, AsOf(WISH.on, before), level=COMMUNE)] == [
        True
    ] * 2
    assert first.legal_basis == "Act 1"


def test_the_same_file_twice_changes_nothing(loaded_county: Gazetteer, tmp_path: Path) -> None:
    path = wards(tmp_path)
    service.carry_out(SYSTEM, look(path), WISH)
    count = models.Version.objects.count()
    again = look(path)
    assert all(each.is_same for each in again.taken)
    assert service.carry_out(SYSTEM, again, WISH) is None
    assert models.Version.objects.count() == count


def test_a_feature_that_fits_nothing_stops_all_of_it(loaded_county: Gazetteer, tmp_path: Path) -> None:
    found = look(wards(tmp_path, code=["00", "77"], name=["Đông Hòa", "Đồng Xoài"]))
    assert not found.is_whole
    assert [(remark.number, remark.remedy) for remark in found.remarks] == [(2, "")]
    with pytest.raises(Conflict):
        service.carry_out(SYSTEM, found, WISH)
    assert all(area.is_illustrative for area in service.list_areas(SYSTEM, level=COMMUNE))


@pytest.mark.parametrize(("unknown", "codes"), [(Unknown.SKIP, ["00", "02"]), (Unknown.ADD, ["00", "02", "77"])])
def test_what_fits_nothing_is_left_out_or_added_as_asked(
    loaded_county: Gazetteer, tmp_path: Path, unknown: Unknown, codes: list[str]
) -> None:
    wish = Wish(level=COMMUNE, on=WISH.on, source="x", unknown=unknown)
    found = look(wards(tmp_path, code=["00", "77"], name=["Đông Hòa", "Xã Đồng Xoài"]), wish)
    assert found.is_whole
    assert [area.code for area in found.left] == ["02"]
    service.carry_out(SYSTEM, found, wish)
    assert [area.code for area in service.list_areas(SYSTEM, level=COMMUNE)] == codes


def test_what_is_mended_and_what_can_t_be_is_said(loaded_county: Gazetteer, tmp_path: Path) -> None:
    path = write(tmp_path / "wards.geojson", [SPIKE, None], {"code": ["00", "02"], "name": ["Đông Hòa", "Dĩ An"]})
    found = look(path)
    assert [(remark.name, bool(remark.remedy)) for remark in found.remarks] == [("Đông Hòa", True), ("Dĩ An", False)]
    assert not found.is_whole


def test_two_features_for_one_unit_are_refused(loaded_county: Gazetteer, tmp_path: Path) -> None:
    found = look(wards(tmp_path, code=["00", "00"]))
    assert not found.is_whole
    assert "about the same unit" in found.remarks[0].problem


def test_shapes_that_lie_over_each_other_are_named(loaded_county: Gazetteer, tmp_path: Path) -> None:
    path = write(tmp_path / "wards.gpkg", [box(0, 0, 0.03), box(2, 0)], {"code": ["00", "02"]})
    [(one, other, share)] = service.overlaps(look(path))
    assert {one, other} == {"Phường Đông Hòa", "Phường Dĩ An"}
    assert share == pytest.approx(0.5)


def test_fields_that_say_nothing_are_asked_for(loaded_county: Gazetteer, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="objectid"):
        look(wards(tmp_path, objectid=["1", "2"]))


def test_shapes_that_measure_otherwise_than_is_stated_are_told(loaded_county: Gazetteer, tmp_path: Path) -> None:
    gazetteer = county("with areas")
    stated = {"00": 4.9, "02": 4.55}
    areas = [
        replace(each, stated_km2=stated.get(each.code) if each.valid.end is None else None) for each in gazetteer.areas
    ]
    service.load(SYSTEM, replace(gazetteer, areas=tuple(areas)))
    found = look(wards(tmp_path))
    [told] = service.measure(found).deviations
    assert (told.name, told.stated_km2) == ("Phường Đông Hòa", 4.9)
    both = service.measure(found).together
    assert both is not None
    assert both.stated_km2 == pytest.approx(4.9 + 4.55)
    service.carry_out(SYSTEM, found, WISH)
    kept = {area.code: (area.stated_km2, area.is_illustrative) for area in service.list_areas(SYSTEM, level=COMMUNE)}
    assert kept == {"00": (4.9, False), "02": (4.55, False)}
    [first, _] = service.list_areas(SYSTEM, level=COMMUNE)
    assert first.km2 == pytest.approx(told.measured_km2)
    assert sum(area.km2 or 0 for area in service.list_areas(SYSTEM, level=COMMUNE)) == pytest.approx(both.measured_km2)


def test_with_real_shapes_on_both_sides_shares_are_measured(loaded_county: Gazetteer, tmp_path: Path) -> None:
    """The divided commune lies at 1..2 hundredths; the real border between the wards at 1.2, so it parts 20 : 80."""
    new = write(tmp_path / "new.gpkg", [box(0, 0, 0.012), box(1.2, 0, 0.028)], {"code": ["00", "02"]})
    service.carry_out(SYSTEM, look(new), WISH)
    old = write(tmp_path / "old.gpkg", [box(n, 0, 0.01) for n in range(4)], {"code": ["00", "01", "02", "03"]})
    service.carry_out(SYSTEM, look(old, OLD), OLD)
    [divided] = [area for area in service.list_areas(SYSTEM, AsOf(OLD.on), level=COMMUNE) if area.code == "01"]
    shares = {each.area.code: each.succession for each in service.get_area(SYSTEM, divided.id).successors}
    assert shares["00"].share == pytest.approx(0.2, rel=1e-3)
    assert shares["02"].share == pytest.approx(0.8, rel=1e-3)
    assert {each.basis for each in shares.values()} == {ShareBasis.AREA}


def test_real_shapes_stay_when_the_source_comes_again(loaded_county: Gazetteer, tmp_path: Path) -> None:
    service.carry_out(SYSTEM, look(wards(tmp_path)), WISH)
    service.load(SYSTEM, county("a newer package"))
    assert not any(area.is_illustrative for area in service.list_areas(SYSTEM, level=COMMUNE))


def test_who_may_only_look_may_not_import(loaded_county: Gazetteer, tmp_path: Path) -> None:
    viewer = Actor(kind="user", reference="user:1", permissions=frozenset({service.VIEW}))
    with pytest.raises(Forbidden):
        service.preview(viewer, files.read(wards(tmp_path)), WISH)


@pytest.mark.skipif(not WARDS.exists(), reason="the real boundaries are not here: see the project's shared data")
def test_the_real_wards_of_2025_come_in_whole(db: None, city_clock: None, reform: Gazetteer) -> None:
    service.load(SYSTEM, reform)
    found = look(WARDS)
    assert found.is_whole, found.remarks
    assert len(found.taken) == 36
    assert found.left == ()
    service.carry_out(SYSTEM, found, WISH)
    areas = service.list_areas(SYSTEM, level=COMMUNE)
    # What is stated of them adds up to the official 2,694.6 km²; on the spheroid these shapes are 0.105 % larger.
    assert sum(area.stated_km2 or 0 for area in areas) == pytest.approx(2694.6, rel=0.001)
    assert sum(area.km2 or 0 for area in areas) == pytest.approx(2697.43, rel=1e-5)
    assert [area.code for area in areas if area.is_illustrative] == []
    centres = [(area.code, area.centre) for area in areas if area.centre is not None]
    codes = service.areas_of([c[0] for _, c in centres], [c[1] for _, c in centres])
    assert codes == [code for code, _ in centres]
