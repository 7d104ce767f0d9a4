"""The question kept to be shown, on real files: how much of each new ward lies near a stop of the city's buses."""

import csv
import json
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import shape

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers.types import Role
from dothi.core.places.questions import service
from dothi.core.places.questions.types import Kind, Measure, Question, Relation, Source
from dothi.core.places.serving.tests.published import Row, publish

DATA = Path(__file__).parents[7] / "shared" / "data"
STOPS = DATA / "transit" / "kaze_stops.csv"
WARDS = DATA / "places" / "binh_duong_36_wards_2025.geojson"


@pytest.mark.django_db
@pytest.mark.skipif(not (STOPS.exists() and WARDS.exists()), reason="the real files of ../shared/data are not here")
def test_the_share_of_each_new_ward_within_400_m_of_a_stop(city_clock: None) -> None:
    rows = list(csv.DictReader(STOPS.read_text("utf-8-sig").splitlines()))
    stops: list[Row] = [
        (f"{n} {row['stop_name']}", {}, shapely.Point(float(row["stop_lon"]), float(row["stop_lat"])))
        for n, row in enumerate(rows)
    ]
    publish("kaze", stops, role=Role.FACILITIES)
    told = json.loads(WARDS.read_text("utf-8"))["features"]
    wards = [
        (each["properties"]["fullName"], {"code": each["properties"]["code"]}, shape(each["geometry"])) for each in told
    ]
    publish("wards", wards, role=Role.BOUNDARIES)
    question = Question(
        Source(Kind.LAYER, "wards"),
        Relation.DISTANCE,
        Source(Kind.LAYER, "kaze"),
        distance_m=400,
        measures=(Measure.SHARE, Measure.COVERED, Measure.AREA, Measure.OTHERS),
    )
    kept = service.keep(SYSTEM, "Tỷ lệ diện tích phường cách trạm Kaze không quá 400 m", question)
    _, answer = service.ask_kept(SYSTEM, kept)
    figures = {row.label: row.figures for row in answer.rows}
    assert len(figures) == 36
    area = sum(each["area"] or 0 for each in figures.values())
    # The official figures add up to 2,694.6 km²; these shapes measure 2,697.4 on the ellipsoid.
    assert area / 1e6 == pytest.approx(2697.43, abs=0.05)
    assert all(0 <= (each["share"] or 0) <= 1 for each in figures.values())
    # The wards' parts add up to the whole ground near stops, laid together on the spheroid another way: in UTM 48N.
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32648", always_xy=True)
    circles = [shapely.Point(to_utm.transform(p.x, p.y)).buffer(400, quad_segs=32) for _, _, p in stops]
    ground = shapely.union_all(
        [shapely.transform(s, lambda a: np.column_stack(to_utm.transform(a[:, 0], a[:, 1]))) for _, _, s in wards]
    )
    near = shapely.union_all(circles).intersection(ground).area
    assert sum(each["covered"] or 0 for each in figures.values()) == pytest.approx(near, rel=0.003)
