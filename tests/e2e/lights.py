"""The lighting's simulator as a process of its own, seen through the record, its control and its truth."""

import json
import os
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import httpx

from tests.e2e.site import Site

ROOT: Final = Path(__file__).parents[2]


class Lights:
    """The lighting's simulator as a process of its own, seen through the record and its truth."""

    def __init__(self, site: Site, folder: Path, *options: str, lamps: int, control: int) -> None:
        self.truth = folder / "truth.jsonl"
        self.control = control
        key_id, secret = site.create_key()
        outside = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
        mqtt = "mqtt://" + site.settings["DOTHI_MQTT_URL"].rpartition("@")[2]
        own = ["--lamps", str(lamps), "--no-faults", "--truth", str(self.truth), "--control", str(control), *options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulators.lighting", "--url", site.url, "--mqtt", mqtt, *own],
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
