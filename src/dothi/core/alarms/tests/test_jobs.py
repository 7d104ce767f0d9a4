"""What alarms do by schedule."""

import pytest

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import jobs, service
from dothi.core.alarms.tests.raising import at, failed, stop_clock
from dothi.core.alarms.types import State
from dothi.core.observations.tests.things import RegisterThing


@pytest.mark.django_db(transaction=True)  # the job closes old connections, as a worker's threads must
@pytest.mark.usefixtures("alarm_rules")
def test_what_was_shelved_comes_back_by_the_citys_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = service.apply("lights.night", [failed(1), failed(2)], watermark=at(0))
    service.shelve(SYSTEM, first.id, until=at(60), reason="x")
    service.shelve(SYSTEM, second.id, until=at(61), reason="x")
    assert jobs.end_shelving(timestamp=0) == 0
    stop_clock(monkeypatch, 60)
    assert jobs.end_shelving(timestamp=0) == 1
    assert [service.get_alarm(SYSTEM, each.id).alarm.state for each in (first, second)] == [
        State.UNACKNOWLEDGED, State.SHELVED,
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("alarm_rules")
def test_no_alarm_outlives_its_thing(register_thing: RegisterThing) -> None:
    stays = register_thing("stays", kind="Streetlight")
    gone = stays + 1000
    own, orphan = service.apply("lights.night", [failed(stays), failed(gone)], watermark=at(0))
    assert jobs.clear_orphans(timestamp=0) == 1
    assert service.get_alarm(SYSTEM, own.id).alarm.state is State.UNACKNOWLEDGED
    account = service.get_alarm(SYSTEM, orphan.id)
    assert account.alarm.state is State.CLEARED
    assert account.history[-1].who == "detector:registry"
    assert jobs.clear_orphans(timestamp=0) == 0
