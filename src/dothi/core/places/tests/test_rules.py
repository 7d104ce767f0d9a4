"""Names without marks, cells that fill their outline, points in areas, and shapes that are mended or refused."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.places.rules import cells, drawing, matching, mending, naming
from dothi.core.places.rules.locating import Locator
from dothi.core.places.types import COMMUNE, Area, Period
from dothi.kernel.errors import InvalidInput
from dothi.kernel.manifest import Names

SQUARE = shapely.box(106.6, 11.0, 106.7, 11.1)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Phú Lợi", "phu loi"), ("Dĩ An", "di an"), ("  ĐÔNG   HÒA ", "dong hoa"), ("Lái Thiêu – 2", "lai thieu 2")],
)
def test_marks_and_case_don_t_matter(text: str, folded: str) -> None:
    assert naming.fold(text) == folded
    assert naming.fold(folded) == folded


@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    assert naming.fold(naming.fold(text)) == naming.fold(text)


def test_kinds_are_parted_from_names() -> None:
    kind, name = naming.part("Thành phố  Thủ Dầu Một")
    assert kind is not None
    assert (kind.en, name) == ("City", "Thủ Dầu Một")
    assert naming.part("Thủ Dầu Một") == (None, "Thủ Dầu Một")


points = st.tuples(st.floats(106.601, 106.699), st.floats(11.001, 11.099)).map(
    lambda point: (round(point[0], 4), round(point[1], 4))
)


@given(st.lists(points, min_size=1, max_size=20, unique=True))
def test_cells_fill_the_outline_and_hold_their_centres(centres: list[tuple[float, float]]) -> None:
    made = cells.cells(centres, SQUARE)
    assert sum(cell.area for cell in made) == pytest.approx(SQUARE.area, rel=1e-6)
    for cell, centre in zip(made, centres, strict=True):
        assert cell.distance(shapely.Point(centre)) < 1e-9


def test_two_centres_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="same place"):
        cells.cells([(106.65, 11.05), (106.65, 11.05)], SQUARE)


def test_each_successor_of_a_divided_cell_gets_a_part_however_far_it_is() -> None:
    cell = cells.as_multipolygon(SQUARE)
    parts = cells.divide(cell, {"near": (106.65, 11.05), "far": (109.0, 12.0)})
    assert all(part.area > 0.05 * cell.area for part in parts.values())
    assert sum(part.area for part in parts.values()) == pytest.approx(cell.area)


@given(st.lists(st.tuples(st.floats(106.5, 106.8), st.floats(10.9, 11.2)), max_size=30))
def test_many_points_are_located_as_each_alone(places: list[tuple[float, float]]) -> None:
    shapes = [shapely.box(106.6, 11.0, 106.65, 11.1), shapely.box(106.65, 11.0, 106.7, 11.1)]
    locator = Locator(["a", "b"], shapes)
    lons, lats = np.array(places).T if places else (np.array([]), np.array([]))
    alone = [
        next((code for code, shape in zip("ab", shapes, strict=True) if shape.intersects(shapely.Point(place))), "")
        for place in places
    ]
    assert locator.codes_of(lons, lats) == alone


def test_without_shapes_no_point_lies_anywhere() -> None:
    assert Locator([], []).codes_of([106.6], [11.0]) == [""]


BOW_TIE = shapely.Polygon([(106.6, 11.0), (106.7, 11.1), (106.7, 11.0), (106.6, 11.1)])
SPIKED = shapely.Polygon([(106.6, 11.0), (106.7, 11.0), (106.7, 11.05), (106.75, 11.05), (106.7, 11.05), (106.6, 11.1)])


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (None, "no shape"),
        (shapely.Polygon(), "no shape"),
        (shapely.Point(106.6, 11.0), "an area is a polygon"),
        (shapely.Polygon([(600000, 1200000), (600100, 1200000), (600100, 1200100)]), "beyond the globe"),
        (shapely.Polygon([(106.6, 11.0), (np.inf, 11.0), (106.7, 11.1)]), "no number"),
        (BOW_TIE, "would change its area"),
        (
            shapely.Polygon(
                np.tile([(106.6, 11.0), (106.7, 11.0), (106.7, 11.1)], (mending.MOST_VERTICES // 3 + 1, 1))
            ),
            "are the most that are taken",
        ),
    ],
)
def test_what_is_no_area_is_refused_with_the_reason(shape: shapely.Geometry | None, problem: str) -> None:
    mended = mending.mend(shape)
    assert mended.shape is None
    assert problem in mended.problem
    assert mended.remedy == ""


def test_a_small_fault_is_repaired_and_said() -> None:
    mended = mending.mend(SPIKED)
    assert mended.shape is not None
    assert mended.shape.is_valid
    assert "Self-intersection" in mended.problem
    assert "repaired" in mended.remedy
    assert mending.mend(SQUARE) == (cells.as_multipolygon(SQUARE), "", "")


def test_a_boundary_that_two_areas_share_is_drawn_once() -> None:
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    lines = drawing.boundaries(drawing.simplified([west, east], 0.001))
    assert sum(line.length for line in lines) == pytest.approx(7)


def test_fields_are_found_by_their_usual_names_or_asked_for() -> None:
    columns = ["OBJECTID", "Mã xã", "TÊN_XÃ"]
    assert matching.choose_field(columns, "", matching.CODE_FIELDS, what="code") == "Mã xã"
    assert matching.choose_field(columns, "", matching.NAME_FIELDS, what="name") == "TÊN_XÃ"
    with pytest.raises(InvalidInput, match="OBJECTID"):
        matching.choose_field(columns, "mã", matching.CODE_FIELDS, what="code")


def unit(area_id: int, kind: str, name: str, *, parent_id: int | None = None) -> Area:
    named, bare = naming.part(f"{kind} {name}")
    return Area(
        id=area_id,
        version_id=area_id,
        level=COMMUNE,
        code=f"{area_id:05}",
        names=Names(vi=bare, en=bare),
        kind=named or Names(vi="", en=""),
        valid=Period(),
        known_from=datetime(2026, 1, 1, tzinfo=UTC),
        known_to=None,
        parent_id=parent_id,
        legal_basis="",
        source="",
        is_illustrative=False,
        has_shape=False,
    )


WEST_CITY, NORTH_DISTRICT = unit(1, "Thành phố", "Dĩ An"), unit(2, "Huyện", "Bắc Tân Uyên")
UNITS = [
    unit(11, "Phường", "Tân Bình", parent_id=1),
    unit(12, "Thị trấn", "Tân Bình", parent_id=2),
    unit(13, "Phường", "An Điền", parent_id=1),
]


@pytest.mark.parametrize(
    ("code", "name", "parent", "found", "problem"),
    [
        ("00013", "whatever", "", 13, ""),
        ("", "PHUONG TAN BINH", "", 11, ""),
        ("", "Thị trấn Tân Bình", "nowhere", None, ""),
        ("", "an dien", "", 13, ""),
        ("", "Xã An Điền", "", 13, "the file calls it Xã An Điền"),
        ("", "Xã Tân Bình", "", None, "2 units are called so"),
        ("", "Tân Bình", "", None, "2 units are called so"),
        ("", "Xã Tân Bình", "huyện Bắc Tân Uyên", 12, "the file calls it Xã Tân Bình"),
        ("", "Tân Bình", "Thị xã Dĩ An", 11, ""),
        ("", "Xã Lai Uyên", "", None, ""),
    ],
)
def test_a_unit_is_found_by_code_name_and_what_it_belongs_to(
    code: str, name: str, parent: str, found: int | None, problem: str
) -> None:
    finder = matching.Finder(UNITS, {1: WEST_CITY, 2: NORTH_DISTRICT})
    told = finder.find(code, name, parent)
    assert (told.area.id if told.area else None, told.problem) == (found, problem)
    assert bool(told.remedy) is bool(found and problem)
