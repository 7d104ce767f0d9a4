"""The door of the live view: the hub that holds it, follows the record, and serves each client what its view shows."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.alarms.service import VIEW as VIEW_ALARMS
from dothi.core.live import board, rules
from dothi.core.live.bell import CLOCK_S, SHORTEST_S, Bell, wait
from dothi.core.live.board import AlarmBoard
from dothi.core.live.ground import NOWHERE, Ground, Spot
from dothi.core.live.types import Changes, Clock, LiveLayer, Message, Owner, Snapshot, View
from dothi.core.observations.service import Record
from dothi.core.observations.types import Reading, StreamOfThing, ThingReading
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, Unauthenticated, Unavailable
from dothi.kernel.events import (
    AlarmsChanged,
    Event,
    KeysChanged,
    ObservationRow,
    ObservationsStored,
    PeopleChanged,
    PlacesChanged,
    ThingsChanged,
)

log: Final = logging.getLogger(__name__)

VIEW_MAP: Final = "live.map.view"
RELOAD_RETRY_S: Final = 1.0
DAY_LOOK_S: Final = 60.0
"""Wall seconds after which it is seen, whatever happens, whether areas may be other ones because the day is over."""
PAST_REACH: Final = timedelta(hours=6)
"""A reading older than this says nothing of a moment that is past."""
LONGEST_PAST: Final = timedelta(days=31)
"""How far back a moment can lie that the live view is asked for."""
_POSITION_DIGITS: Final = 18


class Hub:
    """Holds the live view of one process.

    It reads the record once, then follows the bus; after a gap on the bus it reads the record again, so that a lost
    message is mended. All methods belong to one event loop.
    """

    def __init__(self, record: Record, layers: Sequence[LiveLayer]) -> None:
        self.epoch: Final = secrets.token_hex(4)
        self.bell: Final = Bell()
        self.layers: Final = {layer.id: layer for layer in layers}
        self._record = record
        self._by_kind: dict[str, list[LiveLayer]] = {}
        for layer in layers:
            self._by_kind.setdefault(layer.kind, []).append(layer)
        self._state = rules.LiveState()
        self._ground = Ground()
        self._spots: dict[int, Spot] = {}
        self._board = AlarmBoard(record, self._state, self._ground.spots)
        self._things: dict[int, ThingReading] = {}
        self._datastreams: dict[int, StreamOfThing] = {}
        self._wanted: set[int] = set()
        self._unknown: dict[int, ObservationRow] = {}
        self._reload_all = True
        self._work = asyncio.Event()
        self._clients: set[asyncio.Event] = set()
        self._changed = asyncio.Event()
        self._told: dict[tuple[int, View], Changes | None] = {}
        self._told_at = 0
        self._closed = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to read and follow the record."""
        self._work.set()
        self._tasks = [
            asyncio.create_task(self._run(), name="live hub"),
            asyncio.create_task(self._beat(), name="live hub's beat"),
        ]

    def close(self) -> None:
        """End every open stream at once."""
        self._closed = True
        self._wake_all()
        self.bell.close()
        for task in self._tasks:
            task.cancel()

    def hear(self, event: Event) -> None:
        """Take an event from the bus."""
        self.bell.hear(event)
        if isinstance(event, ObservationsStored):
            self._observe(event.rows)
        elif isinstance(event, ThingsChanged):
            self._wanted.update(event.thing_ids)
            self._board.want_about(event.thing_ids)
            self._work.set()
        elif isinstance(event, AlarmsChanged):
            self._board.want(event.alarm_ids)
            self._work.set()
        elif isinstance(event, PlacesChanged):
            self.miss()
        elif isinstance(event, PeopleChanged | KeysChanged):
            self._wake()

    def miss(self) -> None:
        """Know that events may have been missed: read the record again."""
        self._reload_all = True
        self._board.want_all()
        self._work.set()
        self.bell.ring()
        self.bell.doubt()

    def view_of(
        self,
        actor: Actor,
        *,
        layers: Iterable[str],
        bbox: tuple[float, float, float, float] | None,
        alarms: bool = False,
    ) -> View:
        """Give the view of what an actor asks for; no layer named means all the actor may see.

        It shows what `Actor.may_see` says: to a visitor public Things alone, to a limited key those that it may touch.
        With `alarms` the queue's alarms are in it.

        Raises Unauthenticated (visitors see no alarms) or Forbidden, and InvalidInput for a layer that is not there.
        """
        seeing = accounts.require(actor, VIEW_MAP)
        asked = frozenset(layers)
        if unknown := sorted(asked - self.layers.keys()):
            raise InvalidInput(f"no such layer: {', '.join(unknown)}", place="layers")
        for layer_id in asked:
            accounts.require(actor, self.layers[layer_id].permission)
        if alarms:
            _require_alarms(actor)
        seen = asked or frozenset(layer.id for layer in self.layers.values() if actor.may(layer.permission))
        return View(
            layers=seen,
            bbox=bbox,
            alarms=alarms,
            public_only=actor.kind == "visitor",
            departments=seeing.departments,
            thing_ids=seeing.thing_ids,
            or_public=seeing.sees_public,
            areas=tuple((each.area, each.departments) for each in seeing.areas),
        )

    def snapshot(self, view: View) -> Snapshot:
        """Give all features and alarms of a view."""
        return Snapshot(clock.now(), clock.installed().speed, *rules.sort_out(self._state.snapshot(view)))

    async def past(self, view: View, moment: datetime) -> Snapshot:
        """Give all features and alarms of a view as they were at an aware moment, whose time stands still.

        A feature's reading is the newest of the `PAST_REACH` before; its name, place and owner are those of now.
        Raises InvalidInput for a moment without a zone, that is not past, or too long past; Unavailable.
        """
        now = clock.now()
        if moment.tzinfo is None or not now - LONGEST_PAST <= moment <= now:
            raise InvalidInput("the moment lies within the last 31 days, and has a zone", place="at")
        kinds = sorted({self.layers[layer].kind for layer in view.layers})
        things = await self._record.list_things_at(moment, kinds=kinds, reach=PAST_REACH) if kinds else []
        items = [*self._described(things), *(await self._past_alarms(moment) if view.alarms else ())]
        return Snapshot(moment, 0.0, *rules.sort_out(held.item for held in items if view.shows(*held)))

    async def _past_alarms(self, moment: datetime) -> list[rules.Held]:
        return await board.list_past(self._record, moment, self._ground.spots)

    def _described(self, things: Sequence[ThingReading]) -> Iterator[rules.Held]:
        spots = self._ground.spots(things)
        for thing in things:
            spot = spots.get(thing.id, NOWHERE)
            for layer in self._by_kind.get(thing.kind, ()):
                feature = rules.feature_of(thing, layer, area=spot.area)
                if feature is not None:
                    yield rules.Held(feature, Owner(thing.is_public, thing.department, spot.areas))

    async def follow(self, view: View, *, last_event_id: str = "") -> AsyncIterator[tuple[str, Message]]:
        """Give (event id, message) as they come: a snapshot, or what changed since `last_event_id`, then changes.

        Ends when the hub is closed. Those who look at the same are given the very same changes.
        """
        woken = asyncio.Event()
        self._clients.add(woken)
        try:
            number = self._position(last_event_id)
            next_clock, doubts = 0.0, self.bell.doubts
            loop = asyncio.get_running_loop()
            while not self._closed:
                message = self._next(number, view)
                number = self._state.number
                if message is not None:
                    yield f"{self.epoch}:{number}", message
                if loop.time() >= next_clock or doubts != self.bell.doubts:
                    doubts = self.bell.doubts
                    yield f"{self.epoch}:{number}", ("clock", Clock(clock.now(), clock.installed().speed))
                    next_clock = loop.time() + CLOCK_S
                await wait(woken, next_clock - loop.time())
                woken.clear()
        finally:
            self._clients.discard(woken)

    def _position(self, last_event_id: str) -> int:
        """Give the number a client holds, -1 where it holds nothing of this hub's."""
        epoch, _, number = last_event_id.partition(":")
        is_number = number.isascii() and number.isdigit() and len(number) <= _POSITION_DIGITS
        return int(number) if epoch == self.epoch and is_number else -1

    def _next(self, number: int, view: View) -> Message | None:
        changes = self._since(number, view)
        if changes is None:
            return ("snapshot", self.snapshot(view))
        return None if changes.is_empty else ("changes", changes)

    def _since(self, number: int, view: View) -> Changes | None:
        """Give what changed; worked out once for all clients who hold the same of the same view."""
        if self._told_at != self._state.number:
            self._told.clear()
            self._told_at = self._state.number
        key = (number, view)
        if key not in self._told:
            self._told[key] = self._state.since(number, view)
        return self._told[key]

    def _observe(self, rows: Sequence[ObservationRow]) -> None:
        touched: dict[int, dict[str, Reading]] = {}
        for row in rows:
            found = self._datastreams.get(row.datastream_id)
            if found is None:
                self._unknown[row.datastream_id] = row
                self._work.set()
            elif found.thing_id in self._things:
                self._take(touched.setdefault(found.thing_id, {}), self._things[found.thing_id], found.name, row)
        for thing_id, readings in touched.items():
            thing = self._things[thing_id]
            merged = rules.newer_readings(readings, thing.readings)
            self._keep(msgspec.structs.replace(thing, readings=merged))
        if touched:
            self._wake()

    @staticmethod
    def _take(readings: dict[str, Reading], thing: ThingReading, name: str, row: ObservationRow) -> None:
        """Note a row as the newest reading of its Datastream, unless a newer one of the same batch is there."""
        value = float(row.result) if isinstance(row.result, int | float) else None
        was = readings.get(name)
        if was is None or was.at <= row.phenomenon_time:
            unit = thing.readings[name].unit if name in thing.readings else ""
            readings[name] = Reading(value=value, unit=unit, at=row.phenomenon_time)

    def _keep(self, thing: ThingReading) -> None:
        """Hold a Thing as it is now, and put its features on the map."""
        self._things[thing.id] = thing
        spot = self._spots.get(thing.id, NOWHERE)
        for layer in self._by_kind.get(thing.kind, ()):
            feature = rules.feature_of(thing, layer, area=spot.area)
            if feature is None:
                self._state.remove((layer.id, thing.id))
            else:
                self._state.put(feature, Owner(thing.is_public, thing.department, spot.areas))

    async def _run(self) -> None:
        """Read from the record what the bus can't tell, one thing after the other."""
        while True:
            await wait(self._work, DAY_LOOK_S)
            self._work.clear()
            if self._ground.is_old:
                self.miss()
            try:
                await self._read()
            except Unavailable as error:
                log.info("the live view waits for the record: %s", error)
                self._reload_all = True
                await asyncio.sleep(RELOAD_RETRY_S)
                self._work.set()

    async def _read(self) -> None:
        if self._reload_all:
            await self._ground.read()
            self._reload_all = False
            self._wanted.clear()
            self._unknown.clear()
            things = await self._record.list_things(kinds=sorted(self._by_kind))
            self._forget(self._things.keys() - {thing.id for thing in things})
            self._admit(things)
        while self._wanted or self._unknown:
            await self._find_unknown()
            wanted, self._wanted = self._wanted, set()
            things = await self._record.list_things(ids=sorted(wanted)) if wanted else []
            self._forget(wanted - {thing.id for thing in things})
            self._admit(things)
        while self._board.is_behind:
            await self._board.read()
        self._wake()

    async def _find_unknown(self) -> None:
        """Learn which Things unknown Datastreams belong to; those of layers nobody shows are remembered as such."""
        unknown, self._unknown = self._unknown, {}
        if not unknown:
            return
        found = await self._record.find_datastreams(sorted(unknown))
        self._datastreams.update(found)
        self._wanted.update(stream.thing_id for stream in found.values())

    def _admit(self, things: Sequence[ThingReading]) -> None:
        """Take Things as read from the record, unless the bus has told newer readings in the meantime."""
        spots = self._ground.spots(things)
        for thing in things:
            self._spots[thing.id] = spots.get(thing.id, NOWHERE)
            if thing.kind not in self._by_kind:
                continue
            known = self._things.get(thing.id)
            readings = rules.newer_readings(thing.readings, known.readings) if known else thing.readings
            self._keep(msgspec.structs.replace(thing, readings=readings))

    def _forget(self, thing_ids: Iterable[int]) -> None:
        for thing_id in thing_ids:
            thing = self._things.pop(thing_id, None)
            self._spots.pop(thing_id, None)
            for layer in self._by_kind.get(thing.kind, ()) if thing else ():
                self._state.remove((layer.id, thing_id))

    async def _beat(self) -> None:
        """Wake all clients together when something changed, so that they share what they are told."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._wake_all()
            await asyncio.sleep(SHORTEST_S)

    def _wake(self) -> None:
        self._changed.set()

    def _wake_all(self) -> None:
        for woken in self._clients:
            woken.set()


def _require_alarms(actor: Actor) -> None:
    accounts.require(actor, VIEW_ALARMS)
    if actor.kind == "visitor":
        raise Unauthenticated("alarms are for those who are signed in")
