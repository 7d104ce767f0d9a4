"""Features of a file that lie far from the city: how many, which are named, and what is said where all of them do."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.reading.judging import MOST_REMARKS
from dothi.core.places.layers.rules import distance
from dothi.core.places.layers.tests.files import collection
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import Bounds, Report, Said, Saying, Wish
from dothi.core.places.layers.views import words

CITY: Bounds = (106.3, 10.8, 107.0, 11.5)
STORED = pytest.mark.django_db
CLOCKED = pytest.mark.usefixtures("city_clock")


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    west, east = sorted(draw(st.tuples(*[st.floats(103, 110)] * 2)))
    south, north = sorted(draw(st.tuples(*[st.floats(7, 15)] * 2)))
    return west, south, east, north


@given(st.lists(bounds(), min_size=1, max_size=6))
def test_some_lie_far_where_all_together_reach_far(each: list[Bounds]) -> None:
    told = np.array(each)
    together: Bounds = (*told[:, :2].min(axis=0).tolist(), *told[:, 2:].max(axis=0).tolist())
    assert bool(distance.find_far(told, CITY).any()) == bool(distance.warnings(together, CITY))


def test_what_lies_nowhere_is_not_far() -> None:
    found = distance.find_far(np.array([[np.nan] * 4, [106.5, 11, 106.6, 11.1], [105.2, 11, 106.6, 11.1]]), CITY)
    assert found.tolist() == [False, False, True]


def point(lon: float, lat: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


def examine(folder: Path, *told: tuple[Mapping[str, object], Mapping[str, object]]) -> Report:
    make_layer()
    return service.examine(SYSTEM, "parcels", collection(folder / "far.geojson", *told), Wish())


def said(report: Report, language: str) -> list[str]:
    with translation.override(language):
        return words.warnings(report)


@STORED
@CLOCKED
def test_some_that_lie_far_are_counted_and_the_first_of_them_named(tmp_path: Path) -> None:
    near = [({"id": n, "ten": f"Gần {n}"}, point(106.7, 11.0)) for n in range(3)]
    far = [({"id": n, "ten": f"Xa {n}" if n != 11 else None}, point(100.0, 11.0)) for n in range(10, 70)]
    report = examine(tmp_path, *near, *far)
    assert (report.read, report.taken, report.unfit, report.repaired) == (63, 63, 0, 0)
    [problem] = report.problems
    assert (problem.problem.code, problem.remedy, problem.count) == (Saying.FAR, Said(Saying.AS_IT_IS), 60)
    assert len(report.remarks) == MOST_REMARKS
    assert [(each.number, each.name) for each in report.remarks[:3]] == [(4, "Xa 10"), (5, "11"), (6, "Xa 12")]
    assert said(report, "vi") == ["có đối tượng nằm xa thành phố: 60, đầu tiên là Xa 10, 11, Xa 12 …"]
    assert said(report, "en") == ["some features lie far from the city: 60, the first of them Xa 10, 11, Xa 12 …"]


@STORED
@CLOCKED
def test_what_has_no_name_is_named_by_its_number(tmp_path: Path) -> None:
    report = examine(tmp_path, ({"cao": 1}, point(106.7, 11.0)), ({"cao": 2}, point(100.0, 11.0)))
    assert said(report, "vi") == ["có đối tượng nằm xa thành phố: 1, đầu tiên là số 2"]


@STORED
@CLOCKED
def test_where_nothing_is_near_it_is_said_once(tmp_path: Path) -> None:
    report = examine(tmp_path, *(({"id": n}, point(100.0, 20.0)) for n in range(3)))
    assert [each.code for each in report.warnings] == [Saying.ALL_FAR]
    assert (report.problems, report.remarks) == ((), ())


def test_a_report_of_before_says_what_it_knew() -> None:
    report = Report("GPKG", "", "EPSG:4326", "", "", "", "", {}, (), 2, 2, 0, 0, warnings=(Said(Saying.SOME_FAR),))
    assert said(report, "vi") == ["có đối tượng nằm xa thành phố"]
