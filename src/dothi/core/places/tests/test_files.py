"""Files of shapes are read in whatever system they come, and a bad one says what is wrong with it."""

import gzip
from pathlib import Path

import pytest
import shapely

from dothi.core.places.feeds import files, osm
from dothi.core.places.layers.tests.files import zipped
from dothi.core.places.tests.county import box
from dothi.core.places.tests.writing import write, write_osm
from dothi.kernel.errors import InvalidInput

VN2000 = "EPSG:9210"
COLUMNS = {"code": ["00", "02"], "name": ["Phường Đông Hòa", "Phường Dĩ An"]}
SHAPES = [box(0, 0), box(2, 0)]
PLAIN = {".zip": ".shp", ".geojson.gz": ".geojson"}


def packed(path: Path, suffix: str) -> Path:
    if suffix == ".zip":
        return zipped(path)
    target = path.with_name(f"{path.name}.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb", ".zip", ".geojson.gz"])
@pytest.mark.parametrize("crs", ["EPSG:4326", VN2000])
def test_every_kind_of_file_gives_the_same(tmp_path: Path, suffix: str, crs: str) -> None:
    if suffix.startswith(".geojson") and crs == VN2000:
        pytest.skip("GeoJSON is always WGS 84")
    written = write(tmp_path / f"wards{PLAIN.get(suffix, suffix)}", SHAPES, COLUMNS, crs=crs)
    layer = files.read(packed(written, suffix) if suffix in PLAIN else written)
    features = sorted(layer.features, key=lambda feature: feature.attributes["code"])
    assert [feature.attributes["name"] for feature in features] == COLUMNS["name"]
    for feature, shape in zip(features, SHAPES, strict=True):
        assert feature.shape is not None
        assert shapely.hausdorff_distance(feature.shape, shape) < 1e-7
    assert layer.crs == crs


def test_a_file_without_a_system_asks_for_one(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="projection"):
        plain = write(tmp_path / "wards.shp", SHAPES, COLUMNS, crs=None)
    with pytest.raises(InvalidInput, match="EPSG:9210"):
        files.read(plain)
    assert files.read(plain, crs="EPSG:4326").crs == "EPSG:4326"
    with pytest.raises(InvalidInput, match="EPSG:1"):
        files.read(plain, crs="EPSG:1")


def test_which_layer_is_meant_must_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "all.gpkg", SHAPES, COLUMNS, layer="wards")
    write(path, SHAPES[:1], {"code": ["1"]}, layer="districts", append=False)
    with pytest.raises(InvalidInput, match=r"wards.*districts|districts.*wards"):
        files.read(path)
    assert files.read(path, layer="districts").name == "districts"
    with pytest.raises(InvalidInput, match="no layer parcels"):
        files.read(path, layer="parcels")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("wards.txt", b"code,name\n", "none of"),
        ("wards.gpkg", b"SQLite format 3\0 and then nothing", "can't be read"),
        ("wards.geojson", b'{"type": "FeatureCollection", "features": [', "can't be read"),
        ("wards.shp", b"", "is no Shapefile"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=complaint):
        files.read(tmp_path / name)


def test_the_same_bytes_have_the_same_digest(tmp_path: Path) -> None:
    one = write(tmp_path / "one.geojson", SHAPES, COLUMNS, layer="wards")
    other = tmp_path / "other.geojson"
    other.write_bytes(one.read_bytes())
    changed = write(tmp_path / "changed.geojson", SHAPES[::-1], COLUMNS, layer="wards")
    assert files.read(one).digest == files.read(other).digest != files.read(changed).digest


def test_an_extract_gives_roads_rivers_and_names(tmp_path: Path) -> None:
    found = osm.read(write_osm(tmp_path / "city.osm.pbf"))
    told = [(each.kind, each.rank, each.names.get("vi", ""), each.ref) for each in found.features]
    assert sorted(told) == [
        ("place", "city", "Bến Cát", ""),
        ("river", "main", "Sông Sài Gòn", ""),
        ("road", "highway", "Đại lộ Bình Dương", "QL.13"),
        ("road", "street", "", ""),
    ]
    assert found.broken == 1
    [boulevard] = [each for each in found.features if each.ref]
    assert boulevard.names["en"] == "Bình Dương Boulevard"
    assert boulevard.shape.coords[0] == pytest.approx((106.60, 11.00))


def test_what_is_no_extract_is_refused(tmp_path: Path) -> None:
    (tmp_path / "city.osm.pbf").write_bytes(b"\0\0\0\x0d no blob")
    with pytest.raises(InvalidInput, match="no extract"):
        osm.read(tmp_path / "city.osm.pbf")
