"""Makes every lamp and cabinet known to the platform once, however often this is begun, and learns their ids."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Ints
from simulators.lighting.things import (
    ACTUATORS,
    CABINET,
    CABINET_STREAMS,
    LAMP,
    LAMP_STREAMS,
    LIGHT,
    OBSERVED,
    PROGRAM,
    SENSORS,
    Stream,
    Writer,
    equipment,
    light_capability,
    observed_property,
    program_capability,
)
from simulators.outsider.entities import API, ensure_shared
from simulators.outsider.web import Json, NotYet, Web

AT_ONCE: Final = 4
"""Requests under way at the same time."""
PAGE: Final = 1000
TASKING: Final = "TaskingCapabilities"


@dataclass(frozen=True, slots=True)
class Registered:
    """The ids that the platform gave; 0 where a device is not registered yet."""

    lamp_streams: Ints
    """[n, 6] Datastreams in the order of `Frame`."""
    cabinet_streams: Ints
    """[c, 6] voltages A, B, C, then currents."""
    lamp_of: dict[int, int]
    """Which lamp a TaskingCapability is of."""
    cabinet_of: dict[int, int]
    existed: int = 0
    """How many of the fleet's own devices were there before."""
    left: int = 0
    """How much is still to be made."""


@dataclass(slots=True)
class _Found:
    """What is there, by serial."""

    streams: dict[str, dict[str, int]] = field(default_factory=dict)
    things: dict[str, int] = field(default_factory=dict)
    capabilities: dict[str, int] = field(default_factory=dict)


def register(
    web: Web, fleet: Fleet, *, ended: threading.Event, is_public: bool = True, at_most: int = 1_000_000
) -> Registered:
    """Find the Things of a fleet, and make what is missing: the first `at_most`, cabinets before lamps.

    Raises NotYet, as it does when it is told to end; what was made till then stays and is found the next time.
    """
    has_tasking = TASKING in {each["name"] for each in web.get(f"{API}/")["value"]}
    found = _find(web, has_tasking)
    missing = _missing(fleet, found)
    existed = len(fleet.cabinet_serials) + len(fleet.serials) - len(missing)
    missing = missing[:at_most]
    if missing:
        writer = Writer(fleet, _shared_ids(web, has_tasking), is_public=is_public)
        _post(web, (("Things", _body(writer, kind, number)) for kind, number in missing), ended)
        found = _find(web, has_tasking)
    without = _without_capability(fleet, found)[: at_most - len(missing)] if has_tasking else []
    if without:
        _enable(web, found, without, ended)
        found = _find(web, has_tasking)
    left = len(_missing(fleet, found)) + (len(_without_capability(fleet, found)) if has_tasking else 0)
    return _registered(fleet, found, existed=existed, left=left)


def _missing(fleet: Fleet, found: _Found) -> list[tuple[str, int]]:
    cabinets = [(CABINET, number) for number, each in enumerate(fleet.cabinet_serials) if each not in found.streams]
    return cabinets + [(LAMP, number) for number, each in enumerate(fleet.serials) if each not in found.streams]


def _body(writer: Writer, kind: str, number: int) -> Json:
    return writer.lamp(number) if kind == LAMP else writer.cabinet(number)


def _shared_ids(web: Web, has_tasking: bool) -> dict[str, dict[str, int]]:
    """Find or make all that devices share; gives the ids by entity set and name."""
    bodies = {"ObservedProperties": [observed_property(name) for name in OBSERVED]}
    bodies["Sensors"] = [equipment(name) for name in SENSORS]
    if has_tasking:
        bodies["Actuators"] = [equipment(name) for name in ACTUATORS]
    return {name: {body["name"]: ensure_shared(web, name, body) for body in each} for name, each in bodies.items()}


def _find(web: Web, has_tasking: bool) -> _Found:
    """Read all simulated lamps and cabinets with the ids of what belongs to them, page by page."""
    condition = f"properties/simulated eq true and (properties/kind eq '{LAMP}' or properties/kind eq '{CABINET}')"
    expand = "Datastreams($select=id,name)" + (f",{TASKING}($select=id,name)" if has_tasking else "")
    path = f"{API}/Things?$top={PAGE}&$select=id,properties&$expand={expand}&$filter={quote(condition, safe='')}"
    found = _Found()
    while path:
        page = web.get(path)
        for thing in page["value"]:
            _note(found, thing)
        following = page.get("@iot.nextLink", "")
        path = following[following.index(API) :] if following else ""
    return found


def _note(found: _Found, thing: Json) -> None:
    serial = thing["properties"].get("serial", "")
    found.things[serial] = int(thing["@iot.id"])
    found.streams[serial] = {each["name"]: int(each["@iot.id"]) for each in thing["Datastreams"]}
    for capability in thing.get(TASKING, ()):
        if capability["name"] in (LIGHT, PROGRAM):
            found.capabilities[serial] = int(capability["@iot.id"])


def _without_capability(fleet: Fleet, found: _Found) -> list[str]:
    """List what was registered before the platform took commands."""
    everything = (*fleet.cabinet_serials, *fleet.serials)
    return [each for each in everything if each in found.things and each not in found.capabilities]


def _enable(web: Web, found: _Found, serials: list[str], ended: threading.Event) -> None:
    """Give a TaskingCapability to Things that have none."""
    actuators = _shared_ids(web, has_tasking=True)["Actuators"]

    def body(serial: str) -> Json:
        is_lamp = LAMP_STREAMS[0][0] in found.streams[serial]
        capability = (
            light_capability(actuators[ACTUATORS[0]]) if is_lamp else program_capability(actuators[ACTUATORS[1]])
        )
        return {**capability, "Thing": {"@iot.id": found.things[serial]}}

    _post(web, ((TASKING, body(serial)) for serial in serials), ended)


def _post(web: Web, bodies: Iterable[tuple[str, Json]], ended: threading.Event) -> None:
    """Send many bodies, some at once. Raises NotYet for the first that is not taken; the rest isn't sent then."""
    failed = threading.Event()

    def send(body: tuple[str, Json]) -> None:
        if ended.is_set() or failed.is_set():
            raise NotYet("told to end" if ended.is_set() else "another request was not taken")
        try:
            web.post(f"{API}/{body[0]}", body[1])
        except Exception:
            failed.set()
            raise

    _in_threads(send, bodies)


def _in_threads(work: Callable[[tuple[str, Json]], None], bodies: Iterable[tuple[str, Json]]) -> None:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="register") as pool:
        for done in [pool.submit(work, body) for body in bodies]:
            done.result()


def _registered(fleet: Fleet, found: _Found, *, existed: int, left: int) -> Registered:
    def streams(serials: tuple[str, ...], wanted: tuple[Stream, ...]) -> Any:  # noqa: ANN401 (an array of ids)
        known = (found.streams.get(serial, {}) for serial in serials)
        return np.array([[each.get(name, 0) for name, *_ in wanted] for each in known], dtype=np.int64)

    def capabilities(serials: tuple[str, ...]) -> dict[int, int]:
        known = ((number, found.capabilities.get(serial)) for number, serial in enumerate(serials))
        return {capability: number for number, capability in known if capability is not None}

    return Registered(
        lamp_streams=streams(fleet.serials, LAMP_STREAMS),
        cabinet_streams=streams(fleet.cabinet_serials, CABINET_STREAMS),
        lamp_of=capabilities(fleet.serials),
        cabinet_of=capabilities(fleet.cabinet_serials),
        existed=existed,
        left=left,
    )
