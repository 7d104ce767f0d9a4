"""The door over a real record: what it gives, and to whom."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.domains.air import service
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, Unauthenticated

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)


def test_things_come_by_name_with_their_newest_readings(
    register_thing: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    second = register_thing("B", kind=service.THINGS.kind)
    first = register_thing("A", kind=service.THINGS.kind, readings={"level": (42.5, "%")}, at=NOW)
    register_thing("C", kind="SomethingElse", readings={"level": (1.0, "%")}, at=NOW)
    one, two = service.list_things(SYSTEM)
    assert (one.id, one.state, one.observed_at, one.is_late) == (first, "reporting", NOW, False)
    assert [(each.name, each.value, each.unit) for each in one.measurements] == [("level", 42.5, "%")]
    assert (two.id, two.state, two.observed_at, two.is_late) == (second, "silent", None, True)


def test_whoever_lacks_the_permission_gets_nothing() -> None:
    with pytest.raises(Unauthenticated):
        service.list_things(accounts.visitor(""))
    with pytest.raises(Forbidden, match=r"air\.thing\.view"):
        service.list_things(Actor(kind="key", reference="key:1"))
