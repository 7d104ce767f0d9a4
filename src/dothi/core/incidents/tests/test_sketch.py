"""The sketch of streets: what is drawn, where, and that all that is asked for is seen."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dothi.core.incidents.rules.sketch import HEIGHT, WIDTH, draw

HERE = (106.67, 11.05)


def road(*points: tuple[float, float], **told: str) -> dict[str, Any]:
    return {
        "properties": {"kind": "road", "class": "main", **told},
        "geometry": {"type": "LineString", "coordinates": [list(each) for each in points]},
    }


def test_a_street_through_the_place_is_drawn_with_its_name_in_the_pages_language() -> None:
    street = road((106.68, 11.05), (106.66, 11.05), **{"name:vi": "Hùng Vương", "name:en": "Hung Vuong St"})
    found = draw([street], place=HERE, language="vi")
    assert found.place == (WIDTH / 2, HEIGHT / 2)
    assert [(path.kind, path.name, path.offset) for path in found.paths] == [("road", "Hùng Vương", 56)]
    first, last = (json.loads(f"[{part.replace(' ', ',')}]") for part in found.paths[0].data[1:].split("L"))
    assert first[0] < last[0], "so that its name can be read"
    assert draw([street], place=HERE, language="en").paths[0].name == "Hung Vuong St"


def test_what_is_far_or_nothing_to_draw_is_left_out() -> None:
    far = road((107.0, 11.0), (107.1, 11.0))
    place = {"properties": {"kind": "place"}, "geometry": {"type": "Point", "coordinates": list(HERE)}}
    assert draw([far, place, {"properties": None, "geometry": None}], place=HERE).paths == ()


def test_areas_lie_below_rivers_and_rivers_below_roads() -> None:
    area = {
        "properties": {"kind": "area", "class": "centre"},
        "geometry": {"type": "Polygon", "coordinates": [[[106.6, 11.0], [106.7, 11.0], [106.7, 11.1], [106.6, 11.0]]]},
    }
    river = road((106.66, 11.05), (106.68, 11.05)) | {"properties": {"kind": "river", "class": "main"}}
    found = draw([road((106.66, 11.05), (106.68, 11.05)), river, area], place=HERE)
    assert [path.kind for path in found.paths] == ["area", "river", "road"]
    assert found.paths[0].data.endswith("Z")


offsets = st.floats(-0.05, 0.05)


@given(others=st.lists(st.tuples(offsets, offsets), max_size=20))
def test_every_device_lies_within_the_drawing(others: list[tuple[float, float]]) -> None:
    found = draw([], place=HERE, others=[(HERE[0] + lon, HERE[1] + lat) for lon, lat in others])
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in (*found.dots, found.place))
    assert 0 < found.scale <= WIDTH / 5
    assert str(found.scale_m)[0] in "125"
