"""The page of the whole city's light: what it says in both languages, to whom, and with how many queries."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.domains.lighting.service import days, energy
from dothi.domains.lighting.types.energy import Baseline
from dothi.domains.lighting.types.schedule import Scope
from dothi.kernel import clock

PAGE = "/lighting/"
QUERY_BUDGET = 22
"""Session and person; lamps and cabinets, three for yesterday's energy, alarms by Thing and by priority; schedules,
baselines, outages with the names of their Things and till when they are known; whether the days were
backfilled. However many lamps there are."""
VISITORS_BUDGET = 13
"""Nothing for a session, and alarms are not for visitors."""
DAYS_BUDGET = 7
"""The lamps, their registers' readings at midnights (near, far, from aggregates), and whether backfilled."""
ON = {"power": (98.3, "W"), "light level": (100.0, "%"), "energy": (0.0, "kWh")}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evening")]
AddLight = Callable[..., int]
WriteSeries = Callable[..., None]


@pytest.fixture
def visitor(client: Client, settings: Settings) -> Client:
    """A visitor where the settings let visitors view, reading English."""
    settings.VISITOR_ROLE = "viewer"
    client.cookies["dothi_language"] = "en"
    return client


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
def city(add_light: AddLight, evening: datetime) -> dict[str, int]:
    """Two streets of three lamps, one dark and one late, with a cabinet; gives the Things by serial."""
    things = {"C1": add_light("Tủ Hùng Vương 1", serial="C1")}
    late, dark = evening - timedelta(minutes=9), ON | {"power": (0.4, "W")}
    for serial, street, more in (
        ("L1", "hung-vuong", {"readings": ON}),
        ("L2", "hung-vuong", {"readings": dark}),
        ("L3", "le-loi", {"readings": ON, "at": late, "programme": "industrial"}),
    ):
        name = f"Đèn {street} {serial}"
        things[serial] = add_light(name, serial=serial, cabinet="C1", street=street, **more)
    return things


def take_in(*changes: Change, until: datetime) -> None:
    """Let detection find something."""
    alarms.apply("lighting.lamps", changes, watermark=until, publish=lambda _event: None)


def failed(thing_id: int, since: datetime) -> Raise:
    """A lamp is found out."""
    return Raise(Condition(rule="lighting.lamp.failed", thing_id=thing_id, since=since))


def words_of(client: Client, address: str = PAGE) -> str:
    """Give a page's text without its markup's line breaks."""
    return " ".join(client.get(address).content.decode().split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "vi",
            ["1/3</span> đèn sáng", "trễ", "mô phỏng", "Hung Vuong", "66,7%", "chưa đủ số liệu", "Điện năng theo ngày"],
        ),
        ("en", ["1/3</span> lamps on", "late", "simulated", "Le Loi", "66.7%", "not enough readings yet"]),
    ],
)
@pytest.mark.usefixtures("city")
def test_the_page_says_how_the_city_is_and_why_a_figure_lacks(language: str, words: list[str]) -> None:
    page = words_of(signed_in(Role.VIEWER, language))
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Chưa có thiết bị nào"), ("en", "Nothing of this kind has reported yet")]
)
def test_an_empty_page_says_how_to_send_the_first_measurement(visitor: Client, language: str, words: str) -> None:
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    assert words in page
    assert "/sensorthings/v1.1/Things" in page
    assert '"kind": "Streetlight"' in page


def test_a_late_lamp_is_on_neither_side(visitor: Client, city: dict[str, int]) -> None:
    page = words_of(visitor)
    assert 'Le Loi</a></th> <td class="n">0<span class="t2">/1</span></td> <td class="n"><span class="b">1' in page
    assert len(city) == 4


def test_a_visitor_sees_public_lamps_alone_and_no_alarms(
    visitor: Client, add_light: AddLight, city: dict[str, int], evening: datetime
) -> None:
    hidden = add_light("Đèn kín", serial="L9", cabinet="C1", street="secret", is_public=False)
    take_in(failed(city["L2"], evening), failed(hidden, evening), until=evening)
    seen, own = words_of(visitor), words_of(signed_in(Role.OPERATOR))
    assert "Secret" in own
    assert "Open alarms" in own
    assert "Secret" not in seen
    assert "Open alarms" not in seen
    assert "Đèn kín" not in words_of(visitor, f"{PAGE}?q=L9")


def test_alarms_stand_by_priority_and_at_their_street(
    operator: Client, city: dict[str, int], evening: datetime
) -> None:
    lost = Condition(rule="lighting.feeder.lost", thing_id=city["C1"], key="A", since=evening, members=(city["L3"],))
    take_in(failed(city["L2"], evening), Raise(lost), until=evening)
    page = words_of(operator)
    for priority, name in ((2, "High"), (3, "Medium")):
        link = f'?service=lighting&amp;priority={priority}"'
        assert f'<b class="num">1</b> {name}' in page[page.index(link) :][:1500]
    for street, number, priority in (("Hung Vuong", 1, 3), ("Le Loi", 0, 2)):
        row = page[page.index(f">{street}</a>") :].split("</tr>")[0]
        assert f'<td class="n">{number} <svg class="al p{priority} un"' in row


@pytest.fixture
def registers(city: dict[str, int], write_series: WriteSeries, evening: datetime) -> dict[str, int]:
    """Registers read at the midnights of yesterday: 0.5, 0.7 and 2 kWh."""
    midnight = evening.replace(hour=17) - timedelta(days=2)
    for serial, kwh in (("L1", 0.5), ("L2", 0.7), ("L3", 2.0)):
        write_series(city[serial], "energy", {midnight: 10.0, midnight + timedelta(days=1): 10.0 + kwh})
    return city


@pytest.mark.usefixtures("registers")
def test_yesterdays_energy_of_streets_and_the_city(operator: Client) -> None:
    page = words_of(operator)
    assert "<dt>Energy on 18/11/2026</dt> <dd>3 <small>kWh</small></dd>" in page
    assert "<dt>Per lamp</dt> <dd>1.07 <small>kWh</small></dd>" in page
    assert "no baseline entered for all lamps" in page
    order = ["Hung Vuong</a>", "Le Loi</a>"]
    for sort, wanted in (("name", order), ("kwh", order[::-1]), ("late", order[::-1]), ("no such", order)):
        found = words_of(operator, f"{PAGE}?sort={sort}")
        assert sorted(order, key=found.index) == wanted
    assert "Le Loi</a>" not in words_of(operator, f"{PAGE}?programme=new_city")


@pytest.mark.usefixtures("registers")
def test_the_saving_is_against_the_same_hours(operator: Client) -> None:
    """12.3 hours of light were due on that day; a lamp of 250 W would have used 3.1 kWh in them."""
    energy.add_baseline(
        SYSTEM, Baseline(0, Scope.CITY, "", 250.0, "Kiểm kê", valid_from=clock.now().date().replace(day=1))
    )
    page = words_of(operator)
    share = float(page.split("Saved against the baseline</dt> <dd>")[1].split("%")[0])
    assert share == pytest.approx(100 * (1 - 3.2 / (3 * 0.25 * 12.3)), abs=0.5)
    assert "Saved against the baseline" not in words_of(signed_in(Role.CREW))


def test_availability_needs_a_day_that_was_watched(operator: Client, city: dict[str, int], evening: datetime) -> None:
    began = evening - timedelta(days=5)
    take_in(failed(city["L1"], began), until=began + timedelta(hours=2))
    assert "faults were not looked for that whole day" in words_of(operator)
    repaired = Clear(rule="lighting.lamp.failed", thing_id=city["L1"], key="", at=began + timedelta(hours=3))
    take_in(repaired, failed(city["L2"], began), until=evening)
    page = words_of(operator)
    assert "<dt>Availability on 18/11/2026</dt> <dd>66.67%</dd>" in page
    assert "<dd>3.0 <small>h, median of 1</small></dd>" in page


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("asked", "found"),
    [("L1", ["L1"]), ("den le", ["L3"]), ("ĐÈN HUNG", ["L1", "L2"]), ("tu hung vuong", ["C1"]), ("nowhere", [])],
)
def test_lamps_and_cabinets_are_found_by_serial_and_name(operator: Client, asked: str, found: list[str]) -> None:
    page = words_of(operator, f"{PAGE}?q={asked}")
    serials = [part.split("<")[0] for part in page.split('<td class="num">')[1:]]
    assert sorted(serials) == found
    assert ("No lamp and no cabinet of that serial or name." in page) == (not found)


@pytest.mark.usefixtures("registers")
def test_energy_by_day_as_a_table_and_as_the_chart_that_the_page_fetches(visitor: Client) -> None:
    page = words_of(visitor, f"{PAGE}days/")
    assert '18 Nov 2026</th> <td class="n">3.2</td>' in page
    drawing = json.loads(visitor.get(f"{PAGE}days.json").content)
    assert (drawing["kind"], drawing["width"], len(drawing["bars"])) == ("bars", "day", days.SHOWN)
    assert drawing["bars"][-2][1] == pytest.approx(3.2)
    assert drawing["bars"][-1][1] is None


@pytest.mark.parametrize("count", [1, 40])
def test_the_page_keeps_to_its_queries(
    visitor: Client, add_light: AddLight, evening: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries, count: int,
) -> None:  # fmt: skip
    """In two streets and at two cabinets, with an alarm at every other lamp."""
    add_light("Tủ 1", serial="C0")
    add_light("Tủ 2", serial="C1")
    lamps = [
        add_light(f"Đèn {n}", serial=f"L{n}", cabinet=f"C{n % 2}", street=f"s{n % 2}", readings=ON)
        for n in range(count)
    ]
    take_in(*(failed(lamp, evening) for lamp in lamps[::2]), until=evening)
    operator = signed_in(Role.OPERATOR)
    with django_assert_max_num_queries(QUERY_BUDGET):
        assert operator.get(PAGE).status_code == 200
    with django_assert_max_num_queries(VISITORS_BUDGET):
        assert visitor.get(PAGE).status_code == 200
    with django_assert_max_num_queries(DAYS_BUDGET):
        assert visitor.get(f"{PAGE}days/").status_code == 200


@pytest.mark.parametrize("page", ["", "days/", "days.json"])
def test_a_visitor_without_a_role_is_sent_to_sign_in(client: Client, settings: Settings, page: str) -> None:
    settings.VISITOR_ROLE = ""
    answer = client.get(PAGE + page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/?next=%2Flighting%2F")


@pytest.mark.parametrize("page", ["", "days/", "days.json"])
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_view_lamps(client: Client, settings: Settings, role: Role, page: str) -> None:
    """By lighting.lamp.view, which the manifest gives to all roles."""
    settings.VISITOR_ROLE = role.value
    assert client.get(PAGE + page).status_code == 200
