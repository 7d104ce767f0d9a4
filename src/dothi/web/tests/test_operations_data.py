"""What the operations screen asks for besides the live view: time, an alarm's chart, and what one may do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from dothi.core.accounts.models import User
from dothi.core.accounts.types import Actor, Role
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Condition, Raise
from dothi.core.observations.models import Thing
from dothi.core.observations.tests.things import RegisterThing, WriteSeries
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput
from dothi.kernel.manifest import Manifest, Names, ThingAction, TimelineSeries
from dothi.web import operations, timeline

NOW = datetime(2026, 11, 19, 12, 42, tzinfo=UTC)
LINE = TimelineSeries(
    id="streets.current",
    names=Names(vi="Dòng điện", en="Current"),
    unit="A",
    kind="Cabinet",
    datastreams=("current A", "current B"),
    gather="sum",
    permission="streets.page.view",
)
STREETS = Manifest(
    id="streets",
    names=Names(vi="Đường phố", en="Streets"),
    owner=Names(vi="Sở", en="Department"),
    icon="road",
    timeline=(LINE,),
    actions=(
        ThingAction(
            kind="Cabinet",
            path="streets/{thing}/",
            names=Names(vi="Mở", en="Open"),
            icon="road",
            permission="streets.page.view",
        ),
    ),
)
SEES = frozenset(["streets.page.view", "observations.thing.view", "alarms.alarm.view"])


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    timeline.forget()
    yield
    timeline.forget()


def person(*permissions: str) -> Actor:
    return Actor("user", "user:1", frozenset(permissions))


@pytest.fixture
def cabinet(register_thing: RegisterThing, write_series: WriteSeries) -> int:
    """A cabinet that drew 3 A and 4 A until ten minutes ago."""
    readings = {"current A": (3.0, "A"), "current B": (4.0, "A")}
    thing = register_thing("Tủ 7", kind="Cabinet", readings=readings, at=NOW)
    moments = [NOW - timedelta(minutes=minute) for minute in range(10, 130)]
    for name, (value, _) in readings.items():
        write_series(thing, name, dict.fromkeys(moments, value))
    return thing


@pytest.mark.django_db
def test_the_timeline_adds_up_what_the_manifest_names(cabinet: int) -> None:
    found = timeline.timeline(person(*SEES), 6, manifests=(STREETS,))
    [line] = found["series"]
    values = {value for _, value in line["points"]}
    assert values == {7.0}
    begin = NOW - timedelta(minutes=129)
    assert min(ms for ms, _ in line["points"]) >= begin.timestamp() * 1000
    assert line["forecast"] == []
    assert (found["begin"], found["end"]) == (
        (NOW - timedelta(hours=6)).timestamp() * 1000,
        (NOW + timedelta(minutes=90)).timestamp() * 1000,
    )


@pytest.mark.django_db
def test_what_is_ahead_is_what_was_forecast(cabinet: int, write_series: WriteSeries) -> None:
    ahead = [NOW + timedelta(minutes=minute) for minute in range(5, 60, 5)]
    for name in ("current A", "current B"):
        write_series(cabinet, name, dict.fromkeys(ahead, 5.0))
    [line] = timeline.timeline(person(*SEES), 6, manifests=(STREETS,))["series"]
    assert {value for _, value in line["forecast"]} == {10.0}
    assert all(ms > NOW.timestamp() * 1000 - 300_000 for ms, _ in line["forecast"])
    assert {value for _, value in line["points"]} == {7.0}


@pytest.mark.django_db
def test_the_timeline_shows_nobody_what_they_may_not_see(cabinet: int) -> None:
    alarms.apply(
        "test", [Raise(Condition("lighting.feeder.lost", cabinet, NOW - timedelta(minutes=1), key="A"))], watermark=NOW
    )
    assert timeline.timeline(person("streets.page.view"), 24, manifests=(STREETS,))["series"] == []
    [seen] = timeline.timeline(person(*SEES), 24, manifests=())["alarms"]
    assert (seen["thing"], seen["priority"], seen["cleared"]) == ("Tủ 7", 2, None)
    assert timeline.timeline(person("observations.thing.view"), 24, manifests=())["alarms"] == []
    visitor = Actor("visitor", "visitor", SEES)
    assert timeline.timeline(visitor, 24, manifests=())["alarms"] == []
    with pytest.raises(InvalidInput):
        timeline.timeline(person(), 5, manifests=())


def client(role: Role) -> Client:
    made = Client()
    made.force_login(User.objects.create_user(username=role.value, role=role.value))
    made.cookies["dothi_language"] = "en"
    return made


@pytest.mark.django_db
def test_an_alarms_chart_has_its_limits(register_thing: RegisterThing, write_series: WriteSeries) -> None:
    lamp = register_thing("Đèn 1", kind="Streetlight", readings={"power": (3.0, "W")}, at=NOW)
    Thing.objects.filter(id=lamp).update(properties={"kind": "Streetlight", "rated_power_w": 120.0})
    write_series(lamp, "power", {NOW - timedelta(minutes=minute): 3.0 for minute in (1, 2, 3)})
    [alarm] = alarms.apply("test", [Raise(Condition("lighting.lamp.failed", lamp, NOW))], watermark=NOW)
    drawn = client(Role.OPERATOR).get(f"/operations/alarms/{alarm.id}/chart.json").json()
    assert [(limit["label"], limit["value"]) for limit in drawn["limits"]] == [("Gives light", 5.0), ("Rated", 120.0)]
    assert [value for _, value in drawn["lines"][0]["points"]] == [3.0, 3.0, 3.0]
    assert drawn["end"] == NOW.timestamp() * 1000


@pytest.mark.django_db
def test_an_alarm_without_a_series_has_no_chart(register_thing: RegisterThing) -> None:
    lamp = register_thing("Đèn 1", kind="Streetlight")
    [alarm] = alarms.apply("test", [Raise(Condition("lighting.lamp.failed", lamp, NOW))], watermark=NOW)
    answer = client(Role.OPERATOR).get(f"/operations/alarms/{alarm.id}/chart.json")
    assert (answer.status_code, answer.json()) == (200, None)
    assert client(Role.VIEWER).get("/operations/alarms/999/chart.json").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "status"), [("", 200), ("?hours=168", 200), ("?hours=2", 400), ("?hours=x", 400)])
def test_the_timelines_address(query: str, status: int) -> None:
    assert client(Role.VIEWER).get(f"/operations/timeline.json{query}").status_code == status


@pytest.mark.django_db
def test_deeds_of_a_script_are_answered_in_short(register_thing: RegisterThing) -> None:
    lamp = register_thing("Đèn 1", kind="Streetlight")
    [alarm] = alarms.apply("test", [Raise(Condition("lighting.lamp.failed", lamp, NOW))], watermark=NOW)
    operator = client(Role.OPERATOR)

    def post(deed: str, **fields: str) -> int:
        address = f"/alarms/{alarm.id}/{deed}/"
        return operator.post(address, fields, headers={"accept": "application/json"}).status_code

    assert post("acknowledge") == 204
    assert post("shelve", minutes="15", reason="x") == 204
    assert post("shelve", minutes="7", reason="x") == 400
    assert post("unshelve") == 204
    assert post("unshelve") == 409
    assert operator.post(f"/alarms/{alarm.id}/unshelve/").status_code == 302


def test_the_screen_is_told_what_one_may_do() -> None:
    def config(actor: Actor) -> dict[str, object]:
        return operations.page_config(actor, settings.CITY, language="en", manifests=(STREETS,))

    told = config(person(*SEES))
    assert told["actions"] == [{"kind": "Cabinet", "path": "/streets/{thing}/", "name": "Open", "icon": "road"}]
    assert told["timeline"] == [{"id": "streets.current", "name": "Current", "unit": "A", "form": "line"}]
    assert told["alarms"] == {
        "rules": {},
        "may_acknowledge": False,
        "may_shelve": False,
        "shelve_minutes": operations.SHELVE_MINUTES,
        "dispatch": None,
        "page": "/alarms/",
    }
    nothing = config(person())
    assert (nothing["alarms"], nothing["actions"], nothing["timeline"]) == (None, [], [])
    assert config(Actor("visitor", "visitor", SEES))["alarms"] is None


def test_a_page_is_offered_where_it_exists_and_lets_one_in() -> None:
    assert operations.may_open(person("live.map.view"), "/wall/")
    assert not operations.may_open(person(), "/wall/")
    assert operations.may_open(person(), "/map/base.geojson")
    assert not operations.may_open(person("live.map.view"), "/no/such/page")
