"""The examples of the guides are what the code reads and writes."""

import tomllib
from typing import Any

import msgspec
import pytest

from dothi.config.city import load_city
from dothi.core.live.types import Changes, Clock, Snapshot
from dothi.core.observations import quality
from dothi.kernel.city import City
from dothi.protocols.mqtt.ingest import Answer
from dothi.protocols.sensorthings import observation
from simulators.lighting import things
from simulators.lighting.fleet import small_fleet
from tests.docs.pages import ROOT, SITE, blocks


def guide(name: str) -> str:
    """Read a guide."""
    return (SITE / "guides" / name).read_text("utf-8")


@pytest.mark.parametrize(("place", "kind"), list(enumerate([Snapshot, Changes, Clock])))
def test_the_live_messages_are_those_of_the_server(place: int, kind: type[msgspec.Struct]) -> None:
    text = blocks(guide("live-protocol.md"), "json")[place].text
    message = msgspec.json.decode(text, type=kind)
    assert keys(msgspec.json.decode(msgspec.json.encode(message))) == keys(msgspec.json.decode(text))


def keys(value: Any) -> Any:
    """Give the names in a JSON value, without what stands under them."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(inner) for inner in value] if isinstance(value, list) else None


def test_the_answers_to_devices_are_those_of_ingest() -> None:
    answers = [block.text for block in blocks(guide("architecture.md"), "json") if '"outcome"' in block.text]
    answers += [block.text for block in blocks(guide("getting-started.md"), "json") if '"outcome"' in block.text]
    assert answers
    for text in answers:
        assert msgspec.json.decode(text, type=Answer).outcome in guide("architecture.md")


def test_the_quality_example_is_a_configuration_that_says_all() -> None:
    [example] = blocks(guide("quality.md"), "json")
    configuration = quality.check_properties(example.text)
    assert configuration is not None
    assert None not in [getattr(configuration, name) for name in configuration.__struct_fields__]


def test_the_citys_example_is_a_city(tmp_path: Any) -> None:
    [example] = blocks(guide("cities.md"), "toml")
    (tmp_path / "city.toml").write_text(example.text, "utf-8")
    (tmp_path / "base.geojson").write_text("{}", "utf-8")
    assert load_city(str(tmp_path)).id == "mycity"
    assert all(f"`{field}`" in guide("cities.md") for field in City.__struct_fields__)


def test_the_lamp_of_the_first_steps_has_the_form_of_the_simulators() -> None:
    [script] = [block.text for block in blocks(guide("getting-started.md"), "sh") if "<<'END'" in block.text]
    lamp = msgspec.json.decode(script.partition("<<'END'\n")[2].partition("\nEND\n")[0])
    shared = {"ObservedProperties": dict.fromkeys(things.OBSERVED, 1), "Sensors": dict.fromkeys(things.SENSORS, 1)}
    model = things.Writer(small_fleet(1, 1), shared).lamp(0)
    assert lamp.keys() == model.keys()
    assert lamp["Datastreams"][0].keys() == model["Datastreams"][0].keys()
    assert lamp["properties"]["kind"] == model["properties"]["kind"]


def test_the_observations_of_the_first_steps_can_be_read() -> None:
    text = guide("getting-started.md")
    bodies = [part.split("'")[0] for part in text.split("--data '")[1:]] + [
        part.split("'")[0] for part in text.split("-m '")[1:]
    ]
    assert len(bodies) >= 3
    assert all(observation.decode(body.encode(), datastream_id=4).result for body in bodies)


def test_both_readmes_have_the_same_commands_and_sections() -> None:
    english, vietnamese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.vi.md"))
    commands = [
        [line.partition("#")[0] for line in blocks(text, "sh")[0].text.splitlines()] for text in (english, vietnamese)
    ]
    assert commands[0] == commands[1]
    assert english.count("\n## ") == vietnamese.count("\n## ")


def test_the_licence_is_the_one_that_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    title = " ".join((ROOT / "LICENSE").read_text("utf-8").split()[:8])
    assert project["license"] == "AGPL-3.0-or-later"
    assert title == "GNU AFFERO GENERAL PUBLIC LICENSE Version 3, 19"
