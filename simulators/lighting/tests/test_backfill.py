"""The past that a new city tells: bounded, marked, the same each time, and ending where the present begins."""

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulators.lighting import backfill
from simulators.lighting.backfill import Past, send
from simulators.lighting.city import City
from simulators.lighting.fleet import small_fleet
from simulators.lighting.tests.registered import registered
from simulators.outsider.tests.platform import Platform
from simulators.outsider.web import NotYet

BEGIN = datetime(2026, 6, 21, 10, 40, tzinfo=UTC)
FLEET = small_fleet(5, 1)


def told(monkeypatch: pytest.MonkeyPatch) -> tuple[City, Platform, dict[int, dict[str, float]]]:
    """Tell the past of a small city; gives what the platform then has, by Datastream and time."""
    monkeypatch.setattr(backfill, "STREET", "hung-vuong")
    monkeypatch.setattr(backfill, "SHARE", 0.999)
    platform, city = Platform(), City(FLEET, 1)
    ids = registered(FLEET, platform)
    rows = send(platform, Past(city, ids, before_s=BEGIN.timestamp(), seed=1), ended=threading.Event())  # type: ignore[arg-type]
    assert rows == sum(group["dataArray@iot.count"] for group in platform.rows)
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for group in platform.rows:
        for at, value, mark in group["dataArray"]:
            assert mark == {"backfill": True}
            assert at not in found[group["Datastream"]["@iot.id"]]
            found[group["Datastream"]["@iot.id"]][at] = value
    assert set(found) == set(ids.lamp_streams[:, :2].ravel().tolist())
    return city, platform, found


def test_a_register_grows_through_the_year_up_to_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    city, _, found = told(monkeypatch)
    city.step(BEGIN)
    _, now, _ = city.registers() or (0, [], 0)
    for lamp, stream in enumerate(registered(FLEET).lamp_streams[:, 1].tolist()):
        values = [value for _, value in sorted(found[stream].items())]
        assert len(values) == 48 + 31 + 30 * 24 - 30  # midnights are full hours too
        assert (np.diff(values) >= 0).all()
        assert values[-1] <= now[lamp] < values[-1] + 0.2
        assert values[-1] - values[0] == pytest.approx(365 * 0.120 * 11.2, rel=0.12)
        assert min(found[stream]) < (BEGIN - timedelta(days=360)).isoformat()
        assert max(found[stream]) < BEGIN.isoformat()


def test_power_is_that_of_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, found = told(monkeypatch)
    for stream in registered(FLEET).lamp_streams[:, 0].tolist():
        assert len(found[stream]) == 30 * 24
        night, late, noon = (found[stream][f"2026-06-20T{hour}:00:00+00:00"] for hour in ("13", "17", "05"))
        assert night == pytest.approx(120, rel=0.12)
        assert late == pytest.approx(120 * (0.05 + 0.95 * 0.7), rel=0.12)
        assert noon < 1


def test_told_twice_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch)[1].rows == told(monkeypatch)[1].rows


def test_it_ends_when_told_to_and_a_refusal_is_no_success() -> None:
    platform, ended = Platform(), threading.Event()
    past = Past(City(FLEET, 1), registered(FLEET, platform), before_s=BEGIN.timestamp(), seed=1)
    ended.set()
    with pytest.raises(NotYet):
        send(platform, past, ended=ended)  # type: ignore[arg-type]
    platform.post = lambda _path, _body: ["error: no"]  # type: ignore[assignment,method-assign]
    with pytest.raises(RuntimeError, match="no"):
        send(platform, past, ended=threading.Event())  # type: ignore[arg-type]
