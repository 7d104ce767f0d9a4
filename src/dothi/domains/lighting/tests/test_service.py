"""Lighting's door over a real record: what it gives, and to whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.domains.lighting import service
from dothi.domains.lighting.types import LampState
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, Unauthenticated

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_lamps_come_by_name_with_their_newest_readings(register_thing: Callable[..., int]) -> None:
    second = register_thing("Đèn B", kind="Streetlight", readings={"power": (0.8, "W")}, at=NOW)
    readings = {"power": (98.3, "W"), "light level": (100.0, "%")}
    first = register_thing("Đèn A", kind="Streetlight", readings=readings, at=NOW, simulated=False)
    register_thing("Trạm", kind="AirStation", readings={"power": (5.0, "W")}, at=NOW)
    one, two = service.list_lamps(SYSTEM)
    assert (one.id, one.state, one.power_w, one.light_level_percent) == (first, LampState.ON, 98.3, 100.0)
    assert (two.id, two.state, two.power_w, two.light_level_percent) == (second, LampState.OFF, 0.8, None)
    assert (one.simulated, two.simulated, one.observed_at, one.is_late) == (False, True, NOW, False)


def test_a_silent_lamp_is_late(register_thing: Callable[..., int]) -> None:
    register_thing("Đèn A", kind="Streetlight", readings={"power": (98.3, "W")}, at=NOW - timedelta(minutes=4))
    register_thing("Đèn B", kind="Streetlight")
    assert [lamp.is_late for lamp in service.list_lamps(SYSTEM)] == [True, True]


def test_a_limited_key_sees_the_lamps_it_may_touch(register_thing: Callable[..., int]) -> None:
    one, _ = (register_thing(name, kind="Streetlight", is_public=False) for name in ("A", "B"))
    allowed = frozenset(["lighting.lamp.view", "observations.thing.view"])
    key = Actor(kind="key", reference="key:1", permissions=allowed, thing_ids=frozenset([one]))
    assert [lamp.id for lamp in service.list_lamps(key)] == [one]
    stranger = Actor(kind="key", reference="key:2", permissions=allowed, department="water")
    assert service.list_lamps(stranger) == []


def test_whoever_lacks_the_permission_gets_nothing() -> None:
    with pytest.raises(Unauthenticated):
        service.list_lamps(accounts.visitor(""))
    with pytest.raises(Forbidden, match=r"lighting\.lamp\.view"):
        service.list_lamps(Actor(kind="key", reference="key:1"))
