"""Revisions leave as files that other programs read, and none of their cells is a formula."""

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.tests.files import square, write
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import Wish
from dothi.kernel.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db(transaction=True)
SQUARES = [square(0, 0), square(2, 0)]
COLUMNS: dict[str, list[Any]] = {"id": ["1", "2"], "ten": ["=HYPERLINK(1)", "Thửa hai"], "dt": [1.5, 2.5]}


@pytest.fixture
def drafted(db: None, tmp_path: Path) -> None:
    make_layer()
    service.take(SYSTEM, "parcels", write(tmp_path / "p.gpkg", SQUARES, COLUMNS), Wish())


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("system", ["4326", "9210", "5899"])
def test_geopackage_and_geoparquet_come_back_as_they_were(tmp_path: Path, system: str) -> None:
    for form in ("gpkg", "parquet"):
        make_layer(f"back_{form}")
        with service.written(SYSTEM, "parcels", 1, form=form, system=system) as path:
            back = service.take(SYSTEM, f"back_{form}", path, Wish(key_field="key_"))
        assert back.counts.features == 2
        assert back.crs in {f"EPSG:{system}", "OGC:CRS84"}
        found = service.list_features(SYSTEM, f"back_{form}", number=1)
        shapes = {each.key: each.shape for each in found}
        assert shapely.hausdorff_distance(shapes["1"], SQUARES[0]) < 1e-7
        assert {each.attributes["ten"] for each in found} == set(COLUMNS["ten"])


@pytest.mark.usefixtures("drafted")
def test_geopackage_says_its_system_and_its_columns() -> None:
    with service.written(SYSTEM, "parcels", 1, form="gpkg", system="9210") as path:
        told = pyogrio.read_info(path)
        assert (told["crs"], told["features"], "dt" in set(told["fields"])) == ("EPSG:9210", 2, True)
    with service.written(SYSTEM, "parcels", 1, form="parquet") as path:
        assert pq.read_schema(path).metadata[b"geo"]


@pytest.mark.usefixtures("drafted")
def test_no_cell_of_a_table_is_a_formula() -> None:
    with service.written(SYSTEM, "parcels", 1, form="csv") as path, path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["ten"] for row in rows] == ["'=HYPERLINK(1)", "Thửa hai"]
    assert shapely.hausdorff_distance(shapely.from_wkt(rows[1]["wkt"]), SQUARES[1]) < 1e-8


@pytest.mark.usefixtures("drafted")
def test_what_is_not_there_is_not_written() -> None:
    with pytest.raises(NotFound), service.written(SYSTEM, "parcels", 2, form="csv"):
        pass
    with pytest.raises(InvalidInput), service.written(SYSTEM, "parcels", 1, form="exe"):
        pass
    with pytest.raises(InvalidInput), service.written(SYSTEM, "parcels", 1, form="csv", system="1"):
        pass
