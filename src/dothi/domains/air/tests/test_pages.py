"""Air's pages: what they say in both languages, to whom, and with how many queries."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import Actor, Role
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Condition, Raise
from dothi.domains.air import service, store
from dothi.domains.air.tests.conftest import NOW, AddStation
from dothi.domains.air.types import Evaluation, Skill
from dothi.kernel.errors import Forbidden

PAGE = "/air/"
TODAY = "/air/today/"
LIST_BUDGET = 8
"""Session and person, the stations, alarms by Thing and by member; however many stations there are."""
STATION_BUDGET = 14
"""Session and person, the station, its Datastreams and hours, its alarms with names, evaluation and forecast."""
YEAR_BUDGET = 8
"""Session and person, the station, its Datastreams twice, the hours, and whether they were filled in."""
TODAY_BUDGET = 9
"""The stations; of each its Datastreams, hours and evaluation."""
WEIGHT = 150_000
"""Bytes."""
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evening")]


def hours_of(seed: int, number: int, level: float = 30.0) -> np.ndarray:
    """Make hours of a pollutant."""
    chance = np.random.default_rng(seed)
    return level * np.exp(0.3 * chance.standard_normal(number))


def signed_in(role: Role, language: str = "en") -> Client:
    """Someone who signed in with a role."""
    client = Client()
    client.force_login(User.objects.create_user(username=f"person-{role.value}", role=role.value))
    client.cookies["dothi_language"] = language
    return client


@pytest.fixture
def operator() -> Client:
    return signed_in(Role.OPERATOR)


@pytest.fixture
def station(add_station: AddStation) -> int:
    """A station with three days of two pollutants, and an index."""
    hours = {"PM2.5": hours_of(1, 72), "NO2": hours_of(2, 72, 60)}
    return add_station("Trạm Dĩ An", hours, index=(112.0, 1.0))


def words_of(client: Client, address: str) -> str:
    """Give a page's text without its markup's line breaks."""
    return " ".join(client.get(address).content.decode().split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["VN_AQI 112", "tại Trạm Dĩ An, cao nhất", "Kém", "mô phỏng", "Quyết định 1459/QĐ-TCMT"]),
        ("en", ["VN_AQI 112", "at Trạm Dĩ An, the worst", "Poor", "simulated", "Decision 1459/QĐ-TCMT"]),
    ],
)
@pytest.mark.usefixtures("station")
def test_the_list_says_where_the_air_is_worst(language: str, words: list[str]) -> None:
    page = words_of(signed_in(Role.VIEWER, language), PAGE)
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Chưa có thiết bị nào"), ("en", "Nothing of this kind has reported yet")]
)
def test_an_empty_list_says_how_to_send_the_first_measurement(language: str, words: str) -> None:
    assert words in words_of(signed_in(Role.VIEWER, language), PAGE)


def test_a_late_station_says_so_and_has_no_index(operator: Client, add_station: AddStation) -> None:
    add_station("Trạm trễ", {"PM2.5": hours_of(1, 30)}, last=NOW - timedelta(hours=5), index=(80.0, 1.0))
    page = words_of(operator, PAGE)
    assert "No index yet" in page
    assert "late" in page


def test_the_list_takes_as_many_queries_for_any_city(
    operator: Client, add_station: AddStation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        add_station(f"Trạm {number}", {"PM2.5": hours_of(number, 12)})
    with django_assert_max_num_queries(LIST_BUDGET):
        operator.get(PAGE)


def test_a_station_shows_its_charts_limits_and_alarm(operator: Client, station: int) -> None:
    found = Raise(Condition(rule="air.index.bad", thing_id=station, since=NOW, detail={"index": 160.0}))
    alarms.apply("air.index", [found], watermark=NOW, publish=lambda _event: None)
    page = words_of(operator, f"/air/stations/{station}/")
    for word in ("Air is bad", "because of", "limit, 24 hours", "limit, 1 hour", "Not evaluated yet"):
        assert word in page


def test_a_forecast_that_beat_nothing_says_so(operator: Client, station: int) -> None:
    bad = Skill(1, 24, 100, mae=9.0, now=8.0, yesterday=10.0, coverage=0.7, nominal=0.8)
    store.save_evaluation(station, Evaluation(NOW, NOW - timedelta(days=90), NOW, bad, (bad,)))
    page = words_of(operator, f"/air/stations/{station}/")
    assert "it was not better than simple guesses" in page
    assert "70%" in page


@pytest.mark.parametrize("span", ["day", "week", "month", "nonsense"])
def test_a_station_takes_few_queries(
    operator: Client, station: int, span: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(STATION_BUDGET):
        assert operator.get(f"/air/stations/{station}/?span={span}").status_code == 200


def test_what_is_no_station_is_not_found(operator: Client) -> None:
    assert operator.get("/air/stations/987654321/").status_code == 404
    assert operator.get("/air/stations/987654321/year/").status_code == 404


def test_a_year_stands_whole_on_its_page(
    operator: Client, add_station: AddStation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    names = ("PM2.5", "PM10", "O3", "NO2", "SO2", "CO")
    station = add_station("Trạm một năm", {name: hours_of(place, 365 * 24) for place, name in enumerate(names)})
    address = f"/air/stations/{station}/year/"
    with django_assert_max_num_queries(YEAR_BUDGET):
        page = operator.get(address).content.decode()
    assert page.count('<td class="d b') >= 363
    for word in (
        "Data capture",
        "100.0%",
        "QCVN 05:2023/BTNMT (01/2023/TT-BTNMT), Table 1, row 7",
        "Nov 2026",
        "†",
        "not yet compared",
    ):
        assert word in page


@pytest.mark.usefixtures("station")
def test_residents_need_no_account_and_no_script(
    client: Client, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.VISITOR_ROLE = ""
    with django_assert_max_num_queries(TODAY_BUDGET):
        answer = client.get(TODAY)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.content) < WEIGHT
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    for word in ("112", "Kém", "Mọi người:", "Trẻ em", "24 giờ qua", "mô phỏng"):
        assert word in page


def test_residents_see_public_stations_alone(client: Client, settings: Settings, add_station: AddStation) -> None:
    settings.VISITOR_ROLE = ""
    add_station("Trạm kín", {"PM2.5": hours_of(1, 30)}, is_public=False)
    page = client.get(TODAY).content.decode()
    assert "Trạm kín" not in page
    assert "Chưa có trạm nào gửi số liệu" in page


def test_without_its_permission_nobody_sees_a_station(client: Client, settings: Settings, station: int) -> None:
    settings.VISITOR_ROLE = ""
    for address in (PAGE, f"/air/stations/{station}/", f"/air/stations/{station}/year/"):
        assert "/sign-in/" in client.get(address).headers["Location"]
    for role in Role:
        assert "air.station.view" in accounts.permissions_of_role(role)
    with pytest.raises(Forbidden, match=r"air\.station\.view"):
        service.get_station(Actor(kind="key", reference="key:1"), station)
