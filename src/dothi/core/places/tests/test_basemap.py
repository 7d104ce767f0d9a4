"""The base map: what is drawn, what was imported, the areas of the day, and how it goes over the wire."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from django.db import connection
from django.test import Client

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import models, service
from dothi.core.places.feeds import osm
from dothi.core.places.tests.writing import write_osm
from dothi.core.places.types import Gazetteer, MapTally

ADDRESS = "/map/base.geojson"


def features(on: str = "") -> list[dict[str, Any]]:
    answer = Client().get(ADDRESS, {"on": on} if on else {})
    assert answer["Content-Type"] == "application/geo+json"
    found: list[dict[str, Any]] = json.loads(answer.content)["features"]
    return found


def of(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in found if each["properties"]["kind"] == kind]


def wards(found: list[dict[str, Any]]) -> list[str]:
    return sorted(each["properties"]["name:vi"] for each in of("place", found) if each["properties"]["class"] == "ward")


def test_areas_of_the_day_are_drawn_over_the_citys_own_file(loaded_county: Gazetteer) -> None:
    today, before = features(), features("2025-06-30")
    assert wards(today) == ["Dĩ An", "Đông Hòa"]
    assert wards(before) == ["Dĩ An", "Lái Thiêu", "Phú Lợi", "Đông Hòa"]
    assert all(each["properties"]["illustrative"] for each in of("boundary", today))
    assert {each["properties"]["class"] for each in of("boundary", before)} == {"district", "ward"}
    assert of("outline", today) == []
    assert len(of("road", today)) > 40


def test_it_is_packed_and_sent_once(loaded_county: Gazetteer) -> None:
    plain = Client().get(ADDRESS)
    packed = Client().get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < 40_000
    again = Client().get(ADDRESS, headers={"If-None-Match": packed["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(ADDRESS, {"on": "no day"}).status_code == 200


def test_an_extract_takes_the_place_of_drawn_roads_once(loaded_county: Gazetteer, tmp_path: Path) -> None:
    etag = Client().get(ADDRESS)["ETag"]
    found = osm.read(write_osm(tmp_path / "city.osm.pbf"))

    def keep(digest: str = found.digest) -> MapTally:
        return service.keep_base_map(
            SYSTEM, found.features, name="city.osm.pbf", digest=digest, licence=osm.LICENCE, broken=found.broken
        )

    assert keep() == (2, 1, 1, 1, False)
    assert keep().is_known
    roads = of("road", features())
    assert sorted(road["properties"]["class"] for road in roads) == ["highway", "street"]
    assert Client().get(ADDRESS)["ETag"] != etag
    assert service.map_credits() == ["city.osm.pbf · © OpenStreetMap contributors, ODbL 1.0"]
    keep("another file")
    assert models.MapFeature.objects.count() == 4
    assert len(of("road", features())) == 2


def test_without_areas_the_citys_file_is_all(db: None) -> None:
    assert service.map_credits() == []
    assert of("boundary", features()) == []


@pytest.mark.django_db
def test_vn_2000_of_the_city_is_known_to_the_database() -> None:
    """EPSG:9210 by PostGIS is where PROJ has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_AsText(ST_Transform(ST_SetSRID(ST_MakePoint(106.67, 11.05), 4326), 9210), 3)")
        [(text,)] = cursor.fetchall()
    point = shapely.from_wkt(text)
    told = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:9210", always_xy=True).transform(106.67, 11.05)
    assert (point.x, point.y) == pytest.approx(told, abs=0.01)
