"""What goes out of a minute, and the answers to commands."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from simulators.lighting.channel import DOUBLED, LATE, LOST, SENT, Channel
from simulators.lighting.city import City
from simulators.lighting.faults import Event, Kind, members_of
from simulators.lighting.fleet import small_fleet
from simulators.lighting.frame import new_chance
from simulators.lighting.messages import Letters
from simulators.lighting.tasks import obey
from simulators.lighting.tests.registered import registered

AT = datetime(2026, 6, 21, 13, 18, tzinfo=UTC)
FLEET = small_fleet(4, 2)
IDS = registered(FLEET)


def city() -> City:
    made = City(FLEET, 1)
    made.step(AT)
    return made


def letters() -> Letters:
    return Letters(FLEET, IDS, Channel(new_chance(1, 4)))


def sent(made: City, cabinet: int, fate: int = SENT, ahead_s: float = 0.0) -> tuple[Letters, list[tuple[str, Any]]]:
    writer = letters()
    assert made.minute is not None
    minute = made.minute._replace(
        lamp_fates=np.where(made.minute.lamp_fates == 4, 4, fate).astype(np.uint8),
        cabinet_fates=np.full_like(made.minute.cabinet_fates, SENT),
    )
    found = writer.of_gateway(cabinet, minute, np.full(FLEET.lamps, ahead_s))
    return writer, [(topic, json.loads(payload)) for topic, payload in found]


def test_a_gateway_sends_six_figures_of_each_lamp_and_of_itself() -> None:
    made = city()
    _, found = sent(made, 1)
    assert made.minute is not None
    streams = [*IDS.lamp_streams[2:].ravel().tolist(), *IDS.cabinet_streams[1].tolist()]
    assert [topic for topic, _ in found] == [f"v1.1/Datastreams({stream})/Observations" for stream in streams]
    assert [body["result"] for _, body in found[:6]] == made.minute.lamps[:, 2].tolist()


def test_a_message_has_the_time_of_the_devices_own_clock() -> None:
    _, found = sent(city(), 1, ahead_s=7.0)
    assert found[0][1]["phenomenonTime"] == "2026-06-21T13:18:32Z"  # the second of two gateways speaks after 25 s
    assert found[-1][1]["phenomenonTime"] == "2026-06-21T13:18:25Z"


def test_lost_messages_are_gone_and_doubled_ones_there_twice() -> None:
    assert len(sent(city(), 0, LOST)[1]) == 6
    doubled = sent(city(), 0, DOUBLED)[1]
    assert len(doubled) == 2 * 12 + 6
    assert doubled[0] == doubled[1]


def test_late_messages_come_within_ten_minutes_with_their_own_time() -> None:
    writer, found = sent(city(), 0, LATE)
    assert len(found) == 6
    assert list(writer.due(AT.timestamp() + 59)) == []
    late = list(writer.due(AT.timestamp() + 600))
    assert len(late) == 12
    assert {gateway for gateway, _ in late} == {0}
    assert {json.loads(payload)["phenomenonTime"] for _, (_, payload) in late} == {"2026-06-21T13:18:00Z"}


def test_a_silent_gateway_sends_nothing() -> None:
    made = city()
    made.begin(Event("g", Kind.GATEWAY_SILENT, 0, 2e9, members_of(FLEET, 0), 0), AT.timestamp())
    made.step(AT + timedelta(minutes=1))
    assert made.minute is not None
    assert letters().of_gateway(0, made.minute, np.zeros(4)) == []


def test_who_is_not_registered_yet_says_nothing() -> None:
    made, writer = city(), letters()
    some = IDS.lamp_streams.copy()
    some[1] = 0
    writer.know(replace(IDS, lamp_streams=some, cabinet_streams=np.zeros_like(IDS.cabinet_streams)))
    assert made.minute is not None
    minute = made.minute._replace(lamp_fates=np.zeros_like(made.minute.lamp_fates))
    topics = [topic for topic, _ in writer.of_gateway(0, minute, np.zeros(4))]
    assert topics == [f"v1.1/Datastreams({stream})/Observations" for stream in IDS.lamp_streams[0].tolist()]
    assert writer.of_lamp(1, made.minute, 0.0) == writer.of_cabinet(0, [1.0] * 6, 0.0) == []


def capability(of: dict[int, int], number: int) -> int:
    return next(each for each, device in of.items() if device == number)


def told(made: City, lamp: int, **parameters: object) -> tuple[str, Any] | None:
    """Command a lamp; gives its answer."""
    number = capability(IDS.lamp_of, lamp)
    payload = json.dumps({"@iot.id": 12, "taskingParameters": parameters}).encode()
    found = obey(made, IDS, f"v1.1/TaskingCapabilities({number})/Tasks", payload, now=AT)
    if found is None:
        return None
    assert found.topic == f"v1.1/TaskingCapabilities({number})/Tasks(12)/status"
    return found.topic, json.loads(found.payload)


def test_a_lamp_obeys_and_answers() -> None:
    made = city()
    answer = told(made, 1, level=30, until=(AT + timedelta(hours=1)).isoformat())
    assert answer is not None
    assert answer[1] == {"status": "done"}
    assert made.look(AT + timedelta(seconds=5)).lamps[2].tolist() == [100, 30, 100, 100]
    made.step(AT + timedelta(hours=1))
    assert made.minute is not None
    assert made.minute.lamps[2, 1] == 100


def test_a_resumed_lamp_is_back_at_its_programme() -> None:
    made = city()
    told(made, 1, level=0)
    told(made, 1, resume=True)
    assert made.look(AT).lamps[2].tolist() == [100] * 4


@pytest.mark.parametrize(
    "parameters",
    [
        {"level": 101},
        {"level": "full"},
        {},
        {"level": True},
        {"level": 5, "until": "soon"},
        {"level": 5, "until": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_lamp_refuses_what_it_can_not_do(parameters: dict[str, object]) -> None:
    made = city()
    answer = told(made, 1, **parameters)
    assert answer is not None
    assert (answer[1]["status"], bool(answer[1]["reason"])) == ("refused", True)
    assert np.isnan(made.commanded_percent).all()


def test_a_cabinet_hands_its_programme_to_its_lamps() -> None:
    made = city()
    number = capability(IDS.cabinet_of, 0)
    parameters = {"steps": [{"at": "20:00", "level": 55}]}
    payload = json.dumps({"@iot.id": 3, "taskingParameters": parameters}).encode()
    found = obey(made, IDS, f"v1.1/TaskingCapabilities({number})/Tasks", payload, now=AT)
    assert found is not None
    assert found.lamps == (0, 1)
    assert made.look(AT).lamps[2].tolist() == [55, 55, 100, 100]


def test_the_silent_do_not_answer() -> None:
    made = city()
    made.begin(Event("s", Kind.LAMP_SILENT, 0, 2e9, (1,)), AT.timestamp())
    made.begin(Event("g", Kind.GATEWAY_SILENT, 0, 2e9, members_of(FLEET, 1), 1), AT.timestamp())
    assert told(made, 1, level=30) is None
    assert told(made, 2, level=30) is None
    assert told(made, 0, level=30) is not None


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b'{"@iot.id": "x", "taskingParameters": {}}'])
def test_what_is_no_command_is_passed_over(payload: bytes) -> None:
    topic = f"v1.1/TaskingCapabilities({capability(IDS.lamp_of, 1)})/Tasks"
    assert obey(city(), IDS, topic, payload, now=AT) is None
