"""The demo's page and the real controls of the simulators: what one offers the other does."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import pytest
from django.test import Client
from pytest_django import Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import Role
from dothi.web import simulators
from simulators.air.city import City as AirCity
from simulators.air.control import Workbench as AirWorkbench
from simulators.lighting.city import City
from simulators.lighting.control import Workbench
from simulators.lighting.fleet import small_fleet
from simulators.outsider.control import Control
from simulators.outsider.control import Workbench as AnyWorkbench

pytestmark = pytest.mark.django_db
NOW_S: Final = datetime(2026, 6, 21, 13, tzinfo=UTC).timestamp()
PAGE: Final = "/demo/"


class Door:
    """A simulator's control in an event loop of its own."""

    def __init__(self, workbench: AnyWorkbench) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._control = Control(0, workbench, self._loop)
        self._control.start()
        self.port = self._control.server_port

    def stop(self) -> None:
        self._control.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Lamps(Door):
    """Simulated lamps with their control."""

    def __init__(self) -> None:
        self.city = City(small_fleet(6, 2), 1)
        super().__init__(Workbench(self.city, now_s=lambda: NOW_S, changed=lambda _events: None))


@pytest.fixture
def lamps(settings: Settings) -> Iterator[Lamps]:
    """A demo with one simulator."""
    made = Lamps()
    settings.IS_DEMO, settings.SIMULATORS = True, f"lighting={made.port}"
    yield made
    made.stop()


def signed_in(role: Role, language: str = "en") -> Client:
    client = Client()
    client.force_login(User.objects.create_user(username=role.value, role=role.value))
    client.cookies["dothi_language"] = language
    return client


def test_a_feeder_is_cut_and_mended(lamps: Lamps) -> None:
    operator = signed_in(Role.OPERATOR)
    page = operator.get(PAGE).content.decode()
    assert "Cut a cabinet&#x27;s phase" in page
    assert 'href="/demo/"' in page
    said = {"simulator": "lighting", "kind": "feeder_lost", "serial": "BD-C-001", "phase": "B"}
    page = operator.post(f"{PAGE}break/", said, follow=True).content.decode()
    assert "It is broken." in page
    assert not lamps.city.effects.is_fed[0, 1]
    again = operator.post(f"{PAGE}break/", said, follow=True).content.decode()
    assert "That can&#x27;t be broken" in again
    [fault] = simulators.parse(f"lighting={lamps.port}")[0].list_faults()
    mending = {"simulator": "lighting", "which": fault.id}
    assert "It is mended." in operator.post(f"{PAGE}mend/", mending, follow=True).content.decode()
    assert lamps.city.effects.is_fed.all()
    assert "Nothing of that" in operator.post(f"{PAGE}mend/", mending, follow=True).content.decode()
    assert operator.post(f"{PAGE}mend/", {"simulator": "lighting"}).status_code == 400


def test_vietnamese_comes_from_the_simulator_itself(lamps: Lamps) -> None:
    page = signed_in(Role.OPERATOR, "vi").get(PAGE).content.decode()
    assert "Cắt một pha của tủ" in page
    assert "mô phỏng" in page


def test_a_simulator_that_is_away_is_said_to_be(settings: Settings, unused_tcp_port_factory: Callable[[], int]) -> None:
    settings.IS_DEMO, settings.SIMULATORS = True, f"water={unused_tcp_port_factory()}"
    operator = signed_in(Role.OPERATOR)
    assert "The simulator water does not answer yet." in operator.get(PAGE).content.decode()
    said = {"simulator": "water", "kind": "x", "serial": "y"}
    assert "does not answer" in operator.post(f"{PAGE}break/", said, follow=True).content.decode()
    assert operator.post(f"{PAGE}break/", {"simulator": "other"}).status_code == 404


def test_there_is_no_such_page_in_production() -> None:
    administrator = signed_in(Role.ADMINISTRATOR)
    assert administrator.get(PAGE).status_code == 404
    assert 'href="/demo/"' not in administrator.get("/work-orders/").content.decode()


@pytest.mark.parametrize("wrong", ["lighting", "lighting=", "lighting=x", "a=1,b=70000"])
def test_simulators_are_named_with_their_ports(wrong: str) -> None:
    with pytest.raises(ValueError, match="name=port"):
        simulators.parse(wrong)


@pytest.fixture
def stations(settings: Settings) -> Iterator[AirCity]:
    """A demo with the air's simulator alone."""
    city = AirCity(6, 1)
    door = Door(AirWorkbench(city, now_s=lambda: NOW_S))
    settings.IS_DEMO, settings.SIMULATORS = True, f"air={door.port}"
    yield city
    door.stop()


def test_a_station_is_silenced_and_mended(stations: AirCity) -> None:
    operator = signed_in(Role.OPERATOR)
    page = operator.get(PAGE).content.decode()
    assert "Silence a station" in page
    serial = stations.stations[0].serial
    said = {"simulator": "air", "kind": "station_silent", "serial": serial}
    assert operator.post(PAGE + "break/", said).status_code == 302
    (event,) = stations.by_hand.values()
    assert event.kind == "station_silent"
    assert operator.get(PAGE).status_code == 200
    assert operator.post(PAGE + "mend/", {"simulator": "air", "which": event.id}).status_code == 302
    assert not stations.by_hand


def test_a_simulator_that_tells_nothing_leaves_the_page_to_the_others(
    lamps: Lamps, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = simulators.Simulator._ask

    def refuse(self: simulators.Simulator, method: str, path: str, body: object = None) -> object:
        return {"of": "another kind"} if self.name == "old" else ask(self, method, path, body)

    settings.SIMULATORS += f",old={lamps.port}"
    monkeypatch.setattr(simulators.Simulator, "_ask", refuse)
    answer = signed_in(Role.OPERATOR).get(PAGE)
    assert answer.status_code == 200
    assert "Cut a cabinet" in answer.content.decode()
