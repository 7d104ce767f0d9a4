"""What alarms do by schedule."""

import pytest

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import jobs, service
from dothi.core.alarms.tests.raising import at, failed, stop_clock
from dothi.core.alarms.types import State


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
