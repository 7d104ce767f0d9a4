"""A city is a folder: the shipped one is whole, any other is read the same way, and a bad one says what is wrong."""

import json
from pathlib import Path

import pytest

from dothi.config.city import SHIPPED, absolute, load_city

TOML = """
id = "hue"
names = { vi = "Huế", en = "Huế" }
zone = "Asia/Ho_Chi_Minh"
languages = ["vi", "en"]
center = [107.58, 16.46]
bounds = [107.0, 16.0, 108.2, 16.8]
zoom = 11
"""


def write(folder: Path, toml: str = TOML) -> Path:
    (folder / "city.toml").write_text(toml, "utf-8")
    (folder / "base.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(folder.name for folder in SHIPPED.iterdir()))
def test_a_shipped_city_is_whole(name: str) -> None:
    city = load_city(name)
    assert city.id == name
    assert city.languages[0] == "vi"
    west, south, east, north = city.bounds
    features = json.loads(city.base_map.read_text("utf-8"))["features"]
    assert {feature["properties"]["kind"] for feature in features} >= {"road", "river", "place"}
    for feature in features:
        assert feature["properties"]["illustrative"] is True
        for lon, lat in _points(feature["geometry"]["coordinates"]):
            assert west <= lon <= east
            assert south <= lat <= north


def _points(coordinates: list[object]) -> list[tuple[float, float]]:
    if isinstance(coordinates[0], float | int):
        return [(float(str(coordinates[0])), float(str(coordinates[1])))]
    return [point for part in coordinates if isinstance(part, list) for point in _points(part)]


def test_any_folder_can_be_a_city(tmp_path: Path) -> None:
    city = load_city(str(write(tmp_path)))
    assert city.names.vi == "Huế"
    assert city.base_map == tmp_path / "base.geojson"
    assert city.within is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("Asia/Ho_Chi_Minh", "Asia/Atlantis", "Atlantis"),
        ("107.58, 16.46", "1.0, 2.0", "center"),
        ("107.0, 16.0, 108.2, 16.8", "108.2, 16.0, 107.0, 16.8", "bounds"),
        ("zoom = 11", "zoom = 'far'", "zoom"),
        ("zoom = 11", "zoom = 11\nzooom = 1", "zooom"),
    ],
)
def test_a_bad_city_says_where_and_what(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    write(tmp_path, TOML.replace(old, new))
    with pytest.raises(ValueError, match=complaint) as caught:
        load_city(str(tmp_path))
    assert "city.toml" in str(caught.value)


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"shipped are: .*binh_duong"):
        load_city("atlantis")


def test_a_missing_base_map_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "base.geojson").unlink()
    with pytest.raises(ValueError, match=r"base\.geojson"):
        load_city(str(tmp_path))


def test_a_relative_folder_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("./mycity") == str(tmp_path / "mycity")
    assert absolute("binh_duong") == "binh_duong"
