"""Turns a measured minute into messages: who says what when, what comes late, and what comes twice."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from simulators.lighting.channel import DOUBLED, LATE, LOST, SILENT, Channel
from simulators.lighting.city import Minute
from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Floats, Ints
from simulators.lighting.registration import Registered

CHANGE: Final = 0.10
"""The share by which a voltage or current changes that is told at once."""
SMALLEST: Final = 0.5
"""In A or V: what is less is nothing, and its changes too."""
SPREAD_S: Final = 50.0
"""Within so much of each minute every gateway has its moment."""

Message = tuple[str, bytes]


class Late(NamedTuple):
    """A message that is still under way."""

    due_s: float
    number: int
    gateway: int
    message: Message


class Letters:
    """Writes the messages of gateways. A message's time is that of the device's own clock, to the second."""

    def __init__(self, fleet: Fleet, registered: Registered, channel: Channel) -> None:
        self._channel = channel
        self._fleet = fleet
        self.know(registered)
        self._late: list[Late] = []
        self._number = 0
        self.slots_s: Floats = np.floor(np.arange(fleet.cabinets) / max(1, fleet.cabinets) * SPREAD_S)
        """[c] when within a minute each gateway speaks."""

    def know(self, registered: Registered) -> None:
        """Take the ids of what is registered by now; what is not says nothing."""
        fleet = self._fleet
        self._topics = [_topics(streams) for streams in registered.lamp_streams.tolist()]
        self._cabinet_topics = [_topics(streams) for streams in registered.cabinet_streams.tolist()]
        known = registered.lamp_streams.all(axis=1)
        self._lamps_of: list[Ints] = [
            np.flatnonzero((fleet.cabinet == cabinet) & known) for cabinet in range(fleet.cabinets)
        ]

    def of_gateway(self, cabinet: int, minute: Minute, ahead_s: Floats) -> list[Message]:
        """Write what a gateway sends for a minute, at its moment of it; `ahead_s` is [n] how far clocks are ahead."""
        lamps = self._lamps_of[cabinet]
        now_s = minute.at.timestamp() + float(self.slots_s[cabinet])
        found: list[Message] = []
        rows = zip(
            lamps.tolist(),
            minute.lamps[:, lamps].T.tolist(),
            minute.lamp_fates[:, lamps].T.tolist(),
            (now_s + ahead_s[lamps]).round().tolist(),
            strict=True,
        )
        for lamp, values, fates, at_s in rows:
            if fates[0] != SILENT:
                self._add(found, cabinet, self._topics[lamp], values, fates, at_s)
        fates = minute.cabinet_fates[:, cabinet].tolist()
        if fates[0] != SILENT:
            values = minute.cabinets[:, cabinet].tolist()
            self._add(found, cabinet, self._cabinet_topics[cabinet], values, fates, now_s)
        return found

    def of_lamp(self, lamp: int, minute: Minute, at_s: float) -> list[Message]:
        """Write what a lamp says at once, because it was commanded."""
        head = _head(at_s)
        values = minute.lamps[:, lamp].tolist()
        return [(topic, head + b"%a}" % value) for topic, value in zip(self._topics[lamp], values, strict=False)]

    @staticmethod
    def has_changed(before: Floats, after: Floats) -> bool:
        """Tell whether a cabinet has something to say before its minute is over."""
        return bool((np.abs(after - before) > CHANGE * np.maximum(before, SMALLEST)).any())

    def of_cabinet(self, cabinet: int, values: Sequence[float], at_s: float) -> list[Message]:
        """Write what a cabinet says at once, because it changed."""
        head = _head(at_s)
        return [
            (topic, head + b"%a}" % value) for topic, value in zip(self._cabinet_topics[cabinet], values, strict=False)
        ]

    def due(self, now_s: float) -> Iterator[tuple[int, Message]]:
        """Take what was late and has arrived by now, with its gateway."""
        while self._late and self._late[0].due_s <= now_s:
            late = heapq.heappop(self._late)
            yield late.gateway, late.message

    def _add(
        self,
        found: list[Message],
        cabinet: int,
        topics: Sequence[str],
        values: Sequence[float],
        fates: Sequence[int],
        at_s: float,
    ) -> None:
        head = _head(at_s)
        for topic, value, fate in zip(topics, values, fates, strict=False):
            if fate == LOST:
                continue
            message = (topic, head + b"%a}" % value)
            if fate == LATE:
                self._delay(cabinet, message, at_s)
                continue
            found.append(message)
            if fate == DOUBLED:
                found.append(message)

    def _delay(self, cabinet: int, message: Message, at_s: float) -> None:
        self._number += 1
        due_s = at_s + 60 * float(self._channel.delays_min(1)[0])
        heapq.heappush(self._late, Late(due_s, self._number, cabinet, message))


def _topics(streams: Sequence[int]) -> list[str]:
    """Give the topics of Datastreams; none for a device that is not registered."""
    return [f"v1.1/Datastreams({stream})/Observations" for stream in streams] if all(streams) else []


def _head(at_s: float) -> bytes:
    """Begin an Observation (OGC 18-088, 14.2.1); all of a device's messages of a moment share it."""
    at = datetime.fromtimestamp(at_s, tz=UTC)
    return b'{"phenomenonTime":"%sZ","result":' % at.strftime("%Y-%m-%dT%H:%M:%S").encode()
