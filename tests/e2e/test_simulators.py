"""The simulators against a running Dothi: what they register, publish and break arrives in the record."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from dothi.config.tests.private_servers import find_free_port
from tests.e2e.lights import Lights
from tests.e2e.site import Site
from tests.waiting import wait_for

LAMPS, CABINETS = 12, 1
CABINET = "BD-C-001"


@pytest.fixture(scope="module")
def lights(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lights]:
    """A running simulator that has spoken."""
    folder = tmp_path_factory.mktemp("lights")
    running = Lights(site, folder, "--private", lamps=LAMPS, control=find_free_port())
    try:
        wait_for(lambda: len(running.streams(CABINET)) == 6, "the cabinet is registered")
        wait_for(lambda: running.newest(running.streams(CABINET)["current A"]) is not None, "the cabinet speaks")
        yield running
    finally:
        running.stop()


def test_every_lamp_and_cabinet_is_there_once(lights: Lights) -> None:
    things = lights.ask("/Things", filter="properties/simulated eq true", top="1000")
    serials = [each["properties"]["serial"] for each in things if "serial" in each["properties"]]
    assert len(serials) == len(set(serials)) == LAMPS + CABINETS


def test_lamps_measure_what_they_should(lights: Lights) -> None:
    streams = lights.streams("BD-L-00005")
    wait_for(lambda: all(lights.newest(each) is not None for each in streams.values()), "all six figures came")
    assert 200 < lights.newest_result(streams["voltage"]) < 260
    assert lights.newest_result(streams["energy"]) > 100
    assert lights.newest_result(streams["flags"]) == 0


def test_a_lost_feeder_is_told_at_once(lights: Lights) -> None:
    stream = lights.streams(CABINET)["voltage B"]
    before = lights.newest(stream)
    lights.at_work("POST", {"kind": "feeder_lost", "serial": CABINET, "phase": "B", "variant": 1})
    wait_for(lambda: lights.newest_result(stream) < 10, "the voltage is gone in the record")
    assert lights.newest(stream)["phenomenonTime"] > before["phenomenonTime"]
    ended = lights.at_work("DELETE", {"serial": CABINET})
    wait_for(lambda: lights.newest_result(stream) > 200, "the voltage is back in the record")
    told = [json.loads(line) for line in lights.truth.read_text("utf-8").splitlines()]
    assert [(line["event"], line["kind"], line["phase"]) for line in told if line["id"] == ended[0]["id"]] == [
        ("begin", "feeder_lost", "B"),
        ("end", "feeder_lost", "B"),
    ]
    assert len(ended[0]["members"]) == LAMPS / 3


def test_the_past_is_told_and_marked(lights: Lights) -> None:
    stream = lights.streams("BD-L-00001")["energy"]
    marked = "parameters/backfill eq true"

    def past() -> list[Any]:
        found = lights.ask(f"/Datastreams({stream})/Observations", filter=marked, orderby="phenomenonTime", top="9000")
        return found

    # 48 weeks, 31 days, and for this street each hour of 30 days; midnights among these are told once.
    wait_for(lambda: len(past()) == 48 + 31 + 30 * 24 - 30, "the past is there", tell=lambda: len(past()))
    results = [each["result"] for each in past()]
    assert results == sorted(results)
    first, last = (datetime.fromisoformat(past()[place]["phenomenonTime"]) for place in (0, -1))
    assert 365 <= (last - first).days <= 368


def command(lights: Lights, serial: str, parameters: dict[str, Any]) -> int:
    """Command a device; gives the id of the Task."""
    thing = lights.ask("/Things", filter=f"properties/serial eq '{serial}'", expand="TaskingCapabilities")[0]
    number = thing["TaskingCapabilities"][0]["@iot.id"]
    made = lights._web.post(f"/TaskingCapabilities({number})/Tasks", json={"taskingParameters": parameters})
    return int(made.raise_for_status().json()["@iot.id"])


def status(lights: Lights, task: int) -> Any:
    return lights._web.get(f"/Tasks({task})").raise_for_status().json().get("status")


def test_a_command_is_obeyed_answered_and_told(lights: Lights) -> None:
    task = command(lights, "BD-L-00002", {"level": 35})
    wait_for(lambda: status(lights, task) == "done", "the lamp answers")
    stream = lights.streams("BD-L-00002")["light level"]
    wait_for(lambda: lights.newest(stream) is not None and lights.newest_result(stream) == 35, "it says its new level")
    refused = command(lights, CABINET, {"steps": [{"at": "99:00", "level": 5}]})
    wait_for(lambda: status(lights, refused) == "refused", "the cabinet refuses")


def test_the_silent_leave_a_command_unanswered(lights: Lights) -> None:
    lights.at_work("POST", {"kind": "lamp_silent", "serial": "BD-L-00003"})
    task = command(lights, "BD-L-00003", {"level": 35})
    answered = command(lights, "BD-L-00004", {"resume": True})
    wait_for(lambda: status(lights, answered) == "done", "another lamp answers")
    assert status(lights, task) in ("pending", "sent")


def test_it_ends_when_told(lights: Lights) -> None:
    assert lights.stop() == 0
