"""The simulators against a running Dothi: what they register, publish and break arrives in the record."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from dothi.config.tests.private_servers import find_free_port
from tests.e2e.site import Site
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
LAMPS, CABINETS = 12, 1
CABINET = "BD-C-001"


class Lights:
    """The lighting's simulator as a process of its own, seen through the record and its truth."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.truth = folder / "truth.jsonl"
        self.control = find_free_port()
        key_id, secret = site.create_key()
        outside = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
        mqtt = "mqtt://" + site.settings["DOTHI_MQTT_URL"].rpartition("@")[2]
        options = [
            "--lamps",
            str(LAMPS),
            "--no-faults",
            "--private",
            "--truth",
            str(self.truth),
            "--control",
            str(self.control),
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulators.lighting", "--url", site.url, "--mqtt", mqtt, *options],
            cwd=ROOT,
            env=outside | {"DOTHI_KEY_ID": key_id, "DOTHI_KEY_SECRET": secret},
        )
        headers = {"Authorization": f"Bearer {key_id}.{secret}"}
        self._web = httpx.Client(base_url=f"{site.url}/sensorthings/v1.1", headers=headers, trust_env=False)

    def ask(self, path: str, **options: str) -> list[Any]:
        """Read entities of the record."""
        query = {f"${name}": value for name, value in options.items()}
        found: list[Any] = self._web.get(path, params=query).raise_for_status().json()["value"]
        return found

    def streams(self, serial: str) -> dict[str, int]:
        """Give the ids of a device's Datastreams by name; {} while it is not registered."""
        found = self.ask("/Things", filter=f"properties/serial eq '{serial}'", expand="Datastreams")
        return {each["name"]: each["@iot.id"] for each in found[0]["Datastreams"]} if found else {}

    def newest(self, stream: int) -> Any:
        """Give the newest Observation of a Datastream; None while there is none."""
        found = self.ask(f"/Datastreams({stream})/Observations", orderby="phenomenonTime desc", top="1")
        return found[0] if found else None

    def newest_result(self, stream: int) -> float:
        """Give the newest result; it must be there."""
        return float(self.newest(stream)["result"])

    def at_work(self, method: str, body: object) -> Any:
        """Break or mend something."""
        connection = HTTPConnection("127.0.0.1", self.control, timeout=20)
        connection.request(method, "/faults", body=json.dumps(body))
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        assert answer.status < 300, found
        return found

    def stop(self) -> int:
        """End it, if it has not ended; gives its exit code."""
        self._web.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def lights(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lights]:
    """A running simulator that has spoken."""
    running = Lights(site, tmp_path_factory.mktemp("lights"))
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
