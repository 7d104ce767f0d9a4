"""Files of areas that are broken or meant to harm: they are read within the limits that files of layers have."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.feeds import files
from dothi.core.places.layers.tests.files import square, write
from dothi.core.places.tests.conftest import NOW, city_clock, loaded_county
from dothi.core.places.types import COMMUNE, Gazetteer, Unknown, Wish
from dothi.kernel.errors import InvalidInput
from tests.hostile.packed import PACKED, make_bomb

__all__ = ["city_clock", "loaded_county"]


@pytest.mark.parametrize("packed", PACKED)
def test_a_file_that_unpacks_to_far_more_than_it_is(tmp_path: Path, packed: str) -> None:
    with pytest.raises(InvalidInput, match="unpacks to far more"):
        files.read(make_bomb(tmp_path, packed))


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.gpkg"
    with path.open("wb") as file:
        file.write(b"SQLite format 3\0")
        file.truncate(files.MOST_BYTES + 1)  # a hole: it takes no room
    with pytest.raises(InvalidInput, match="larger than 500 MB"):
        files.read(path)


def test_references_to_elsewhere_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.gpkg", [square(5, 5)], {"code": ["secret"]})
    source = f"<SrcDataSource>{secret}</SrcDataSource>"
    path = tmp_path / "map.kml"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'>{source}</OGRVRTLayer></OGRVRTDataSource>", encoding="utf-8"
    )
    with pytest.raises(InvalidInput, match="can't be read"):
        files.read(path)


def test_a_polygon_of_ten_million_vertices_is_told_and_not_held(loaded_county: Gazetteer, tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 10_000_000, endpoint=False)
    ring = np.column_stack([106.7 + 0.1 * np.cos(turn), 11 + 0.1 * np.sin(turn)])
    layer = files.read(write(tmp_path / "huge.gpkg", [shapely.Polygon(ring)], {"code": ["00"]}))
    assert [(each.shape, each.vertices) for each in layer.features] == [(None, 10_000_001)]
    wish = Wish(level=COMMUNE, on=NOW.date(), source="x", unknown=Unknown.REFUSE)
    [remark] = service.preview(SYSTEM, layer, wish).remarks
    assert ("10000001 vertices" in remark.problem, remark.remedy) == (True, "")
