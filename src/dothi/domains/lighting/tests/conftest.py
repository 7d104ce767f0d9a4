"""Fixtures of lighting's tests: lamps and cabinets as devices register them."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from django.db import connection

from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import RuleOf
from dothi.domains.lighting.service import days
from dothi.kernel import clock
from dothi.kernel.manifest import AlarmRule, Names

AddLight = Callable[..., int]
NOW: Final = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
"""19:00 in the city, an hour and a half after sunset."""
RULES: Final = (
    AlarmRule(id="lighting.lamp.failed", names=Names(vi="Đèn không sáng", en="Lamp out"), priority=3),
    AlarmRule(
        id="lighting.feeder.lost", names=Names(vi="Mất điện pha {key}", en="Phase {key} lost"), priority=2,
        covers=("lighting.lamp.failed",),
    ),
)  # fmt: skip


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """Stop the city's clock in the evening, with lighting's alarms declared and no energy added up yet."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    names = Names(vi="Chiếu sáng", en="Lighting")
    found = {rule.id: RuleOf(rule=rule, domain="lighting", names=names, owner=names, icon="bulb") for rule in RULES}
    monkeypatch.setattr(alarms, "rules_by_id", lambda: found)
    days.forget()
    yield NOW
    days.forget()


@pytest.fixture
def add_light(register_thing: Callable[..., int]) -> AddLight:
    """Register a lamp, or with `cabinet=""` a cabinet, with the properties that devices give; gives its id."""

    def add(
        name: str,
        *,
        serial: str,
        cabinet: str = "",
        street: str = "",
        programme: str = "new_city",
        phase: str = "A",
        own: Mapping[str, object] | None = None,
        **registered: Any,
    ) -> int:
        kind = "Streetlight" if cabinet else "StreetlightControlCabinet"
        thing_id = register_thing(name, kind=kind, **registered)
        properties: dict[str, object] = {"serial": serial, "programme": programme}
        if cabinet:
            properties |= {"cabinet": cabinet, "street": street, "street_name": street.replace("-", " ").title()}
            properties |= {"phase": phase, "rated_power_w": 98}
        properties |= own or {}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE observations_thing SET properties = properties || %s::jsonb WHERE id = %s",
                [json.dumps(properties), thing_id],
            )
        return thing_id

    return add
