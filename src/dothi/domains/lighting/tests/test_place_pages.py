"""The pages of a street, a lamp and a cabinet: what they say in both languages, to whom, and with how many queries."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.alarms.types import Clear, Condition, Raise
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.tests.test_pages import ON, failed, signed_in, take_in, words_of
from dothi.domains.lighting.types.schedule import Programme, Step

STREET_BUDGET, LAMP_BUDGET, CABINET_BUDGET = 19, 27, 35
"""Session and person, the Things, their alarms with the names of Things, the coming night, and up to four queries for
each chart; however many lamps there are."""
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evening")]
AddLight = Callable[..., int]
WriteSeries = Callable[..., None]
Place = dict[str, str]
PHASES = {
    f"{kind} {phase}": (value, unit)
    for phase in "ABC"
    for kind, value, unit in (("voltage", 229.5, "V"), ("current", 4.25, "A"))
}


@pytest.fixture
def visitor(client: Client, settings: Settings) -> Client:
    """A visitor where the settings let visitors view, reading English."""
    settings.VISITOR_ROLE = "viewer"
    client.cookies["dothi_language"] = "en"
    return client


@pytest.fixture
def operator() -> Client:
    return signed_in(Role.OPERATOR)


@pytest.fixture
def things(add_light: AddLight) -> dict[str, int]:
    """A cabinet, and two lamps on its phases A and B."""
    voltage = {"voltage": (231.0, "V"), "operating hours": (4100.0, "h")}
    return {
        "C1": add_light("Tủ Hùng Vương 1", serial="C1", readings=PHASES),
        "L1": add_light("Đèn 1", serial="L1", cabinet="C1", street="hung-vuong", readings=ON | voltage),
        "L2": add_light("Đèn 2", serial="L2", cabinet="C1", street="hung-vuong", phase="B", readings=ON),
    }


@pytest.fixture
def places(things: dict[str, int]) -> Place:
    """The addresses of their pages."""
    return {
        "street": "/lighting/streets/hung-vuong/",
        "lamp": f"/lighting/lamps/{things['L1']}/",
        "cabinet": f"/lighting/cabinets/{things['C1']}/",
    }


def lost(cabinet: int, *lamps: int, since: datetime) -> Raise:
    """A phase is found lost."""
    return Raise(Condition(rule="lighting.feeder.lost", thing_id=cabinet, key="B", since=since, members=lamps))


@pytest.mark.parametrize(
    ("kind", "vietnamese", "english"),
    [
        ("street", ["2/2</span> đèn sáng", "98,3 W", "Đêm 19/11/2026", "70%"], ["2/2</span> lamps on", "98.3 W"]),
        (
            "lamp",
            ["98,3 <small>W", "Công suất định mức", "98 W", "theo lịch"],
            ["231 <small>V", "Rated power", "4,100"],
        ),
        ("cabinet", ["Pha", "229,5 V", "4,25 A", "1<span"], ["Phase", "229.5 V", "4.25 A", "1<span"]),
    ],
)
def test_pages_say_how_a_place_is(places: Place, kind: str, vietnamese: list[str], english: list[str]) -> None:
    for language, words in (("vi", vietnamese), ("en", english)):
        page = words_of(signed_in(Role.OPERATOR if language == "vi" else Role.OFFICER, language), places[kind])
        for word in words:
            assert word in page


def test_a_lost_phase_stands_at_its_lamps_and_its_cabinet(
    operator: Client, things: dict[str, int], places: Place, evening: datetime
) -> None:
    take_in(lost(things["C1"], things["L2"], since=evening), until=evening)
    for address in (*places.values(), f"/lighting/lamps/{things['L2']}/"):
        assert ("Phase B lost" in words_of(operator, address)) == (address != places["lamp"])
    assert f'href="/lighting/lamps/{things["L2"]}/" title="Đèn 2: on"><svg class="al p2 un"' in words_of(
        operator, places["street"]
    )


def test_alarms_that_are_over_stay_on_view(
    operator: Client, things: dict[str, int], places: Place, evening: datetime
) -> None:
    from dothi.core.alarms import service as alarms  # noqa: PLC0415

    take_in(failed(things["L1"], evening - timedelta(hours=3)), until=evening)
    [alarm] = alarms.list_alarms(SYSTEM).alarms
    alarms.acknowledge(SYSTEM, alarm.id, publish=lambda _event: None)
    take_in(Clear(rule="lighting.lamp.failed", thing_id=things["L1"], key="", at=evening), until=evening)
    page = words_of(operator, places["lamp"])
    assert "No open alarm." in page
    assert f'<a href="/alarms/{alarm.id}/">Lamp out</a>' in page.split("Alarms that are over")[1]


def test_a_day_has_what_was_due_beside_what_was_measured(
    operator: Client, things: dict[str, int], places: Place, write_series: WriteSeries, evening: datetime
) -> None:
    """By what its cabinet acknowledged: full light until 18:30 and then half of 98 W."""
    half = Programme(steps=(Step(at="18:30", level=50),), zone="Asia/Ho_Chi_Minh")
    schedules.note_acknowledged(SYSTEM, things["C1"], half)
    write_series(things["L1"], "power", {evening - timedelta(minutes=n): 49.0 + n / 100 for n in range(5)})
    page = words_of(operator, places["lamp"])
    assert "19/11/2026" not in page
    found = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in page.split("<tr>")]
    for row in (
        "19 Nov 2026 19:00 49.00 by schedule",
        "19 Nov 2026 18:30 49.00 by schedule",
        "19 Nov 2026 18:59 49.01",
    ):
        assert row in found
    assert any(row.endswith(" 98.00 by schedule") for row in found)
    assert "&quot;label&quot;:&quot;rated&quot;" in page


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("?span=month", ['18 Nov 2026</th> <td class="n">0.6</td>', "filled in afterwards"]),
        ("?span=year", ['11/2026</th> <td class="n">1.1</td>', "filled in afterwards", "1.1 kWh</b> from"]),
        ("?span=year&by=day", ['17 Nov 2026</th> <td class="n">0.5</td>']),
        ("?span=century", ["Figures as a table"]),
    ],
)
def test_months_and_years_are_added_up_from_the_register(
    visitor: Client,
    things: dict[str, int],
    places: Place,
    write_series: WriteSeries,
    evening: datetime,
    address: str,
    words: list[str],
) -> None:
    midnight = evening.replace(hour=17) - timedelta(days=3)
    readings = {midnight: 10.0, midnight + timedelta(days=1): 10.5, midnight + timedelta(days=2): 11.1}
    write_series(things["L1"], "energy", readings, parameters='{"backfill": true}')
    write_series(things["L1"], "power", {evening - timedelta(minutes=1): 98.0})
    page = words_of(visitor, places["lamp"] + address)
    for word in [*words, "Simulated: made by a program, not measured."]:
        assert word in page


def test_what_a_device_did_not_register_is_left_out(
    visitor: Client, register_thing: Callable[..., int], add_light: AddLight
) -> None:
    bare = register_thing("Đèn lẻ", kind="Streetlight", simulated=False)
    page = words_of(visitor, f"/lighting/lamps/{bare}/")
    assert "This lamp has no series" in page
    assert "never heard from" in page
    assert "imulated" not in page
    assert "This lamp has no register of energy." in words_of(visitor, f"/lighting/lamps/{bare}/?span=year")
    assert "Street not registered" in words_of(visitor, "/lighting/")
    alone = words_of(visitor, f"/lighting/cabinets/{add_light('Tủ', serial='C7')}/")
    assert "This cabinet has no series for its phases." in alone
    assert "No lamp names this cabinet." in alone


def test_a_long_street_comes_in_pages(visitor: Client, add_light: AddLight) -> None:
    for number in range(53):
        add_light(f"Đèn {number}", serial=f"L{number:03}", cabinet="C1", street="dai")
    first, second = (words_of(visitor, f"/lighting/streets/dai/{page}") for page in ("", "?page=2"))
    for page, serials in ((first, range(50)), (second, range(50, 53))):
        assert page.count('<li data-fresh="dot-') == 53
        assert [part[:4] for part in page.split('<td class="num on-wide">')[1:]] == [
            f"L{number:03}" for number in serials
        ]


@pytest.mark.parametrize("address", ["streets/nowhere/", "lamps/999999/", "cabinets/999999/"])
def test_what_is_not_there_is_not_found(visitor: Client, address: str) -> None:
    assert visitor.get(f"/lighting/{address}").status_code == 404


def test_a_lamp_is_no_cabinet_and_a_hidden_one_is_not_there(
    visitor: Client, operator: Client, things: dict[str, int], add_light: AddLight
) -> None:
    assert visitor.get(f"/lighting/cabinets/{things['L1']}/").status_code == 404
    assert visitor.get(f"/lighting/lamps/{things['C1']}/").status_code == 404
    lamp = add_light("Đèn kín", serial="L9", cabinet="C9", street="kin", is_public=False)
    cabinet = add_light("Tủ kín", serial="C9", is_public=False)
    for address in (f"lamps/{lamp}/", f"cabinets/{cabinet}/", "streets/kin/"):
        assert visitor.get(f"/lighting/{address}").status_code == 404
        assert operator.get(f"/lighting/{address}").status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_look(client: Client, places: Place, role: Role, settings: Settings) -> None:
    """By lighting.lamp.view, which the manifest gives to all roles; nobody else may."""
    settings.VISITOR_ROLE = ""
    for address in places.values():
        assert client.get(address).headers["Location"].startswith("/sign-in/")
    person = signed_in(role)
    for address in places.values():
        assert person.get(address).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_pages_keep_to_their_queries(
    operator: Client, add_light: AddLight, things: dict[str, int], places: Place, evening: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries, count: int,
) -> None:  # fmt: skip
    """With an alarm at each lamp, and a group's at the cabinet."""
    lamps = [
        add_light(f"Đèn thêm {n}", serial=f"M{n}", cabinet="C1", street="hung-vuong", readings=ON) for n in range(count)
    ]
    take_in(*(failed(lamp, evening) for lamp in lamps), lost(things["C1"], things["L1"], since=evening), until=evening)
    budgets = {"street": STREET_BUDGET, "lamp": LAMP_BUDGET, "cabinet": CABINET_BUDGET}
    for kind, budget in budgets.items():
        with django_assert_max_num_queries(budget):
            assert operator.get(places[kind]).status_code == 200
    with django_assert_max_num_queries(LAMP_BUDGET):
        assert operator.get(f"{places['lamp']}?span=year").status_code == 200
