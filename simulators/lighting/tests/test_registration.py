"""Devices make themselves known once, whatever interrupts them, and learn the ids that the platform gave."""

import threading

import pytest

from simulators.lighting.fleet import small_fleet
from simulators.lighting.registration import register
from simulators.lighting.tests.registered import registered
from simulators.outsider.entities import API
from simulators.outsider.tests.platform import Platform
from simulators.outsider.web import NotYet

FLEET = small_fleet(11, 2)


def serials(platform: Platform) -> list[str]:
    return [thing["properties"]["serial"] for thing in platform.sets["Things"]]


def test_everything_is_registered_once_however_often_it_starts() -> None:
    platform = Platform()
    first = registered(FLEET, platform)
    assert sorted(serials(platform)) == sorted((*FLEET.serials, *FLEET.cabinet_serials))
    assert (first.existed, first.left, first.lamp_streams.shape, first.cabinet_streams.shape) == (0, 0, (11, 6), (2, 6))
    second = registered(FLEET, platform)
    assert second.existed == 13
    assert second.lamp_streams.tolist() == first.lamp_streams.tolist()
    assert len(platform.sets["Things"]) == 13
    assert {name: len(platform.sets[name]) for name in ("Sensors", "Actuators")} == {"Sensors": 2, "Actuators": 2}


def test_ids_belong_to_the_right_device_and_measurement() -> None:
    platform = Platform()
    found = registered(FLEET, platform)
    by_serial = {thing["properties"]["serial"]: thing for thing in platform.sets["Things"]}
    lamp = by_serial["BD-L-00003"]
    ids = {stream["name"]: stream["@iot.id"] for stream in lamp["Datastreams"]}
    names = ("power", "energy", "light level", "voltage", "operating hours", "flags")
    assert found.lamp_streams[2].tolist() == [ids[name] for name in names]
    assert found.lamp_of[lamp["TaskingCapabilities"][0]["@iot.id"]] == 2
    assert found.cabinet_of[by_serial["BD-C-002"]["TaskingCapabilities"][0]["@iot.id"]] == 1


def test_an_interrupted_registration_goes_on_where_it_was() -> None:
    platform = Platform()
    platform.fail_after = 6
    with pytest.raises(NotYet):
        registered(FLEET, platform)
    assert len(platform.sets["Things"]) == 6
    platform.fail_after = None
    assert registered(FLEET, platform).existed == 6
    assert len(set(serials(platform))) == len(serials(platform)) == 13


def test_simulated_things_of_others_are_not_its_own() -> None:
    platform = Platform()
    platform.post(f"{API}/Things", {"name": "station", "properties": {"simulated": True}, "Datastreams": []})
    registered(small_fleet(3, 1), platform)
    assert registered(FLEET, platform).existed == 4


def test_some_are_registered_before_the_rest_and_cabinets_first() -> None:
    platform = Platform()
    ended = threading.Event()
    first = register(platform, FLEET, ended=ended, at_most=5)  # type: ignore[arg-type]
    assert first.left == 8
    assert first.cabinet_streams.all()
    assert first.lamp_streams.all(axis=1).tolist() == [True] * 3 + [False] * 8
    second = register(platform, FLEET, ended=ended, at_most=20)  # type: ignore[arg-type]
    assert (second.existed, second.left) == (5, 0)
    assert second.lamp_streams[:3].tolist() == first.lamp_streams[:3].tolist()
    assert second.lamp_streams.all()


def test_it_ends_when_it_is_told_to() -> None:
    ended = threading.Event()
    ended.set()
    platform = Platform()
    with pytest.raises(NotYet, match="told to end"):
        register(platform, FLEET, ended=ended)  # type: ignore[arg-type]
    assert platform.sets["Things"] == []


def test_commands_come_later_where_the_platform_did_not_take_them_at_first() -> None:
    platform = Platform(has_tasking=False)
    assert registered(FLEET, platform).lamp_of == {}
    assert "TaskingCapabilities" not in platform.sets["Things"][0]
    platform.has_tasking = True
    found = registered(FLEET, platform)
    assert sorted(found.lamp_of.values()) == list(range(11))
    assert sorted(found.cabinet_of.values()) == [0, 1]


def test_a_lamp_says_what_it_is() -> None:
    platform = Platform()
    registered(FLEET, platform)
    lamp = next(each for each in platform.sets["Things"] if each["properties"]["serial"] == "BD-L-00001")
    assert lamp["name"] == "Hùng Vương 001"
    assert lamp["properties"] == {
        "kind": "Streetlight",
        "serial": "BD-L-00001",
        "street": "hung-vuong",
        "street_name": "Hùng Vương",
        "cabinet": "BD-C-001",
        "phase": "A",
        "rated_power_w": 120.0,
        "programme": "new_city",
        "programme_name": "Thành phố mới Bình Dương",
        "simulated": True,
        "public": True,
        "illustrative": True,
    }
    assert lamp["Locations"][0]["location"]["type"] == "Point"
