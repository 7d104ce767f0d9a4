"""What lighting adds to the page of a work order: where a device hangs, and how the phases are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.incidents.types import Order, Standing
from dothi.domains.lighting.views import order_panel

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
Register = Callable[..., int]
AddLight = Callable[..., int]


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    with translation.override("vi"):
        yield


def order_at(thing_id: int) -> Order:
    """An order about a Thing."""
    deadline = NOW + timedelta(hours=4)
    return Order(1, "Mất điện pha B", "", 2, "CS", thing_id, Standing(), NOW, "user:1", deadline, NOW)


def test_a_cabinets_order_shows_its_phases(register_thing: Register) -> None:
    readings = {"voltage B": (226.0, "V"), "current B": (0.0, "A"), "current A": (9.8, "A")}
    cabinet = register_thing("Tủ 7", kind="StreetlightControlCabinet", readings=readings)
    found = order_panel(SYSTEM, order_at(cabinet))
    assert found is not None
    shown = render_to_string("lighting/order_panel.html", found)
    assert "226 V" in shown
    assert shown.count("0,0 A") == 1
    assert f"/lighting/cabinets/{cabinet}/" in shown


def test_a_lamps_order_names_its_cabinet_and_its_phase(add_light: AddLight) -> None:
    cabinet = add_light("Tủ 7", serial="BD-C-007", readings={"current B": (9.5, "A")})
    lamp = add_light("Đèn 1", serial="BD-L-1", cabinet="BD-C-007", street="hung-vuong", phase="B")
    found = order_panel(SYSTEM, order_at(lamp))
    assert found is not None
    assert (found["phase"], found["serial"], found["cabinet"].id) == ("B", "BD-C-007", cabinet)
    assert "<b>Pha B</b>" in render_to_string("lighting/order_panel.html", found)


def test_a_lamp_without_a_cabinet_is_shown_by_itself(register_thing: Register) -> None:
    lamp = register_thing("Đèn 1", kind="Streetlight")
    found = order_panel(SYSTEM, order_at(lamp))
    assert found is not None
    assert f"/lighting/lamps/{lamp}/" in render_to_string("lighting/order_panel.html", found)


def test_other_devices_and_those_beyond_ones_reach_have_no_panel(register_thing: Register) -> None:
    assert order_panel(SYSTEM, order_at(register_thing("Trạm", kind="Pump"))) is None
    assert order_panel(SYSTEM, order_at(999_999)) is None
    lamp = register_thing("Đèn 2", kind="Streetlight")
    nobody = Actor("user", "user:1")
    assert order_panel(nobody, order_at(lamp)) is None
