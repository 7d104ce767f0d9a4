"""Commands as devices get them (OGC 17-079r1): read, obeyed by those that can hear, and answered."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np

from simulators.lighting.city import City
from simulators.lighting.programme import BadProgramme, read_programme
from simulators.lighting.registration import Registered

TOPIC: Final = re.compile(r"v1\.1/TaskingCapabilities\((\d+)\)/Tasks")


class Refusal(Exception):
    """The device can't do what it is told; the message says why."""


class Obeyed(NamedTuple):
    """What a command did: the answer with its gateway, and the lamps that changed."""

    gateway: int
    topic: str
    payload: bytes
    lamps: tuple[int, ...] = ()


def obey(city: City, registered: Registered, topic: str, payload: bytes, *, now: datetime) -> Obeyed | None:
    """Let the device that a command is for obey it, and give its answer.

    None where nobody answers: the capability is none of ours, the device is silent, or the message can't be read.
    """
    found = TOPIC.fullmatch(topic)
    try:
        task = json.loads(payload)
        task_id, parameters = int(task["@iot.id"]), dict(task["taskingParameters"])
    except (ValueError, TypeError, KeyError):
        return None
    capability = int(found[1]) if found else -1
    lamp, cabinet = registered.lamp_of.get(capability), registered.cabinet_of.get(capability)
    if lamp is not None and not city.effects.is_silent[lamp]:
        gateway = int(city.fleet.cabinet[lamp])
    elif cabinet is not None and not city.effects.is_cabinet_silent[cabinet]:
        gateway = cabinet
    else:
        return None
    try:
        lamps = _light(city, lamp, parameters, now) if lamp is not None else _program(city, gateway, parameters)
    except Refusal as refusal:
        return _answer(gateway, capability, task_id, {"status": "refused", "reason": str(refusal)})
    return _answer(gateway, capability, task_id, {"status": "done"}, lamps)


def _answer(
    gateway: int, capability: int, task_id: int, body: Mapping[str, str], lamps: tuple[int, ...] = ()
) -> Obeyed:
    topic = f"v1.1/TaskingCapabilities({capability})/Tasks({task_id})/status"
    return Obeyed(gateway, topic, json.dumps(body).encode(), lamps)


def _light(city: City, lamp: int, parameters: Mapping[str, Any], now: datetime) -> tuple[int, ...]:
    """Override one lamp's level, or let it go back to its programme. Raises Refusal."""
    if parameters.get("resume"):
        city.controllers.resume([lamp])
        return (lamp,)
    level = parameters.get("level")
    if not isinstance(level, int | float) or isinstance(level, bool) or not 0 <= level <= 100:
        raise Refusal("level must be a number from 0 to 100")
    until_s = np.inf
    if parameters.get("until") is not None:
        until_s = _moment(parameters["until"])
        if until_s <= now.timestamp():
            raise Refusal("until has passed")
    city.controllers.override([lamp], float(level), until_s)
    return (lamp,)


def _program(city: City, cabinet: int, parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """Hand all lamps of a cabinet a programme. Raises Refusal."""
    try:
        programme = read_programme(parameters)
    except BadProgramme as error:
        raise Refusal(str(error)) from error
    lamps = np.flatnonzero(city.fleet.cabinet == cabinet)
    city.controllers.set_programme(lamps, programme)
    return tuple(lamps.tolist())


def _moment(text: object) -> float:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Refusal("until must be a time (ISO 8601)") from error
    if moment.tzinfo is None:
        raise Refusal("until needs a time zone")
    return moment.timestamp()
