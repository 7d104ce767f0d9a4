"""Rules to raise alarms by, and the things that tests say again and again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dothi.core.alarms import service
from dothi.core.alarms.types import Clear, Condition, Raise, RuleOf
from dothi.kernel import clock
from dothi.kernel.clock import CityClock
from dothi.kernel.manifest import AlarmDetail, AlarmRule, Names

START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
FAILED, SILENT, LOST = "lights.lamp.failed", "lights.lamp.silent", "lights.feeder.lost"
RULES = (
    AlarmRule(
        id=FAILED,
        names=Names(vi="Đèn không sáng", en="Lamp out"),
        priority=3,
        procedure=(Names(vi="Kiểm tra đèn", en="Look at the lamp"), Names(vi="Thay bóng", en="Replace it")),
        details=(AlarmDetail(id="power_w", names=Names(vi="Công suất", en="Power"), unit="W"),),
    ),
    AlarmRule(id=SILENT, names=Names(vi="Đèn mất liên lạc", en="Lamp silent"), priority=4),
    AlarmRule(
        id=LOST,
        names=Names(vi="Mất điện pha {key}: {members} đèn tắt", en="Phase {key} lost: {members} lamps out"),
        priority=2,
        covers=(FAILED, SILENT),
    ),
)


def at(minute: float) -> datetime:
    """Give a moment, in minutes after the start."""
    return START + timedelta(minutes=minute)


def stop_clock(monkeypatch: pytest.MonkeyPatch, minute: float = 0) -> None:
    """Let the city's clock show a moment and stay there."""
    monkeypatch.setattr(clock, "now", lambda: at(minute))


def failed(thing_id: int, minute: float = 0, **detail: object) -> Raise:
    """A lamp is found out."""
    return Raise(Condition(rule=FAILED, thing_id=thing_id, since=at(minute), detail=detail))


def works(thing_id: int, minute: float = 1) -> Clear:
    """A lamp is found to work again."""
    return Clear(rule=FAILED, thing_id=thing_id, key="", at=at(minute))


def lost(thing_id: int, *members: int, minute: float = 0, phase: str = "B") -> Raise:
    """A phase of a cabinet is found lost."""
    return Raise(Condition(rule=LOST, thing_id=thing_id, since=at(minute), key=phase, members=members))


def restored(thing_id: int, minute: float = 1, phase: str = "B") -> Clear:
    """The phase is there again."""
    return Clear(rule=LOST, thing_id=thing_id, key=phase, at=at(minute))


@pytest.fixture
def alarm_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let these rules be the ones that manifests declare, and stop the clock."""
    names = Names(vi="Chiếu sáng", en="Lighting")
    found = {rule.id: RuleOf(rule=rule, domain="lights", names=names, owner=names, icon="bulb") for rule in RULES}
    monkeypatch.setattr(service, "rules_by_id", lambda: found)
    clock.install(CityClock(START, START))
    stop_clock(monkeypatch)
    yield
    clock.install(clock.WALL)
