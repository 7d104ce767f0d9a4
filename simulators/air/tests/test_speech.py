"""What stations say: registered once, hours as intervals, a past that is bounded, marked and the same each time."""

import json
import threading
from typing import Any

import numpy as np
import pytest

from simulators.air import backfill
from simulators.air.__main__ import parse
from simulators.air.air import POLLUTANTS
from simulators.air.city import City
from simulators.air.messages import interval, of_hour
from simulators.air.registration import Streams, register
from simulators.outsider.tests.platform import Platform
from simulators.outsider.web import NotYet

HOUR = 498_000


class OnePage(Platform):
    """Answers with all Things at once, as they are few."""

    def get(self, path: str) -> Any:
        return {"value": self.sets["Things"]} if "/Things?" in path else super().get(path)


def registered(platform: Platform, city: City) -> Streams:
    return register(platform, city.stations)[0]  # type: ignore[arg-type]


def test_a_station_is_registered_once_and_says_that_it_is_simulated() -> None:
    platform, city = OnePage(), City(6, 1)
    first, is_new = register(platform, city.stations)  # type: ignore[arg-type]
    again, is_new_again = register(platform, city.stations)  # type: ignore[arg-type]
    assert first == again
    assert (is_new, is_new_again) == (True, False)
    assert len(platform.sets["Things"]) == 6
    assert len(platform.sets["ObservedProperties"]) == len(POLLUTANTS)
    for thing in platform.sets["Things"]:
        assert thing["properties"]["kind"] == "AirStation"
        assert thing["properties"]["simulated"]
        assert [each["name"] for each in thing["Datastreams"]] == list(POLLUTANTS)


def test_an_hour_is_an_interval_and_what_failed_is_not_sent() -> None:
    assert interval(HOUR) == "2026-10-24T00:00:00Z/2026-10-24T01:00:00Z"
    city = City(2, 1)
    streams = registered(OnePage(), city)
    values = np.array([[1.5, np.nan, 3, 4, 5, 6], [np.nan] * 6])
    first, second = of_hour(city.stations, streams, values, HOUR)
    assert second == []
    assert len(first) == 5
    topic, payload = first[0]
    assert topic == f"v1.1/Datastreams({streams[city.stations[0].serial]['PM2.5']})/Observations"
    assert json.loads(payload) == {"phenomenonTime": interval(HOUR), "result": 1.5}


def told(hours: Any) -> tuple[OnePage, int]:
    platform, city = OnePage(), City(2, 1)
    streams = registered(platform, city)
    sent = backfill.tell(platform, city, streams, hours, ended=threading.Event(), share=0.999)  # type: ignore[arg-type]
    return platform, sent


def test_the_past_is_marked_and_the_same_each_time() -> None:
    platform, sent = told(backfill.recent(HOUR))
    assert platform.rows == told(backfill.recent(HOUR))[0].rows
    rows = [row for group in platform.rows for row in group["dataArray"]]
    assert len(rows) == sent
    assert 0.8 * 2 * 6 * backfill.RECENT_H < sent <= 2 * 6 * backfill.RECENT_H
    assert all(row[2] == {"backfill": True} for row in rows)
    assert max(row[0] for row in rows) == interval(HOUR - 1)


def test_the_months_before_go_back_a_year_without_a_gap() -> None:
    months = list(backfill.months_before(HOUR))
    hours = np.concatenate(months)
    assert sorted(hours.tolist()) == list(range(HOUR - backfill.YEAR_H, HOUR - backfill.RECENT_H))
    assert months[0].max() > months[-1].max()


def test_telling_ends_when_told_to_and_a_refusal_is_no_success() -> None:
    platform, city, ended = OnePage(), City(2, 1), threading.Event()
    streams = registered(platform, city)
    ended.set()
    with pytest.raises(NotYet):
        backfill.tell(platform, city, streams, backfill.recent(HOUR), ended=ended, share=0.5)  # type: ignore[arg-type]
    platform.post = lambda _path, _body: ["error: no"]  # type: ignore[assignment,method-assign]
    with pytest.raises(RuntimeError, match="no"):
        backfill.tell(
            platform, city, streams, backfill.recent(HOUR), ended=threading.Event(), share=0.5,  # type: ignore[arg-type]
        )  # fmt: skip


def test_the_command_line_takes_what_every_simulator_is_given() -> None:
    options = parse(["--url", "http://x", "--mqtt", "mqtt://x", "--seed", "4", "--devices", "2", "--control", "8453"])
    assert (options.seed, options.stations, options.control) == (4, 2, 8453)
    with pytest.raises(SystemExit):
        parse(["--stations", "0"])
