"""The life of the simulated city: register, then measure and publish each minute of city time, and obey."""

import argparse
import asyncio
import sys
import time
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from simulators.lighting.backfill import Past, send
from simulators.lighting.channel import Channel
from simulators.lighting.city import City
from simulators.lighting.control import Workbench
from simulators.lighting.faults import Event
from simulators.lighting.fleet import build_fleet, small_fleet
from simulators.lighting.frame import new_chance
from simulators.lighting.memory import Memory
from simulators.lighting.messages import Letters
from simulators.lighting.planning import day_plan
from simulators.lighting.programme import DEFAULT
from simulators.lighting.publisher import Publisher
from simulators.lighting.registration import Registered, register
from simulators.lighting.tasks import Obeyed, obey
from simulators.outsider.clock import CityClock, following, read_clock
from simulators.outsider.life import Outsider

LAMPS_A_CABINET: Final = 50
FULL_FLEET: Final = 6_000
AT_MOST: Final = 400
"""How many Things are registered before the first of them live."""
DAYS_BEFORE: Final = 3
"""Whose faults may still last when the city begins."""
KEEP_EVERY_MIN: Final = 30
PATIENCE_S: Final = 20.0
"""How old the platform's oldest uncommitted message may be, in seconds; beyond it a minute is skipped."""
GATHER_S: Final = 0.05
"""Commands that come within so much are obeyed together."""


class Simulation(Outsider):
    """The devices' life: wait for the platform, register, then measure and publish each minute of city time."""

    def __init__(self, options: argparse.Namespace, *, key_id: str, key_secret: str) -> None:
        super().__init__(options, key_id=key_id, key_secret=key_secret)
        self._publisher = Publisher(options.mqtt, key_id=key_id, key_secret=key_secret, on_task=self._hear)
        cabinets = -(-options.lamps // LAMPS_A_CABINET)
        fleet = build_fleet() if options.lamps >= FULL_FLEET else small_fleet(options.lamps, cabinets)
        self._city = City(fleet, options.seed)
        self._memory = Memory(options.truth.with_suffix(".memory.npz") if options.truth else None)
        self._lag_s = 0.0
        self._skipped = 0
        self._planned: set[datetime] = set()
        self._heard: list[tuple[str, bytes]] = []
        self._work: set[asyncio.Task[Any]] = set()
        self._registered: Registered
        self._letters: Letters

    async def run(self) -> None:
        """Live until `ended` is set."""
        registered = await self.until_ready(self._register)
        clock = await self.until_ready(self.read_clock)
        if registered is None or clock is None:
            return
        self.clock = clock
        self._begin(registered)
        self._publisher.start()
        try:
            await self._live()
        finally:
            self.leave()
            self._memory.keep(self._city)
            await self._publisher.stop()

    def _register(self) -> Registered:
        return register(
            self.web,
            self._city.fleet,
            ended=self.threads_end,
            is_public=not self.options.private,
            at_most=AT_MOST,
        )

    async def _grow(self) -> None:
        """Register the rest while the first ones live already; then tell the past."""
        began = time.monotonic()
        grew = bool(self._registered.left)
        while self._registered.left:
            found = await self.until_ready(self._register)
            if found is None:
                return
            self._registered = found
            self._letters.know(found)
        if grew:
            print(f"the rest is registered after {time.monotonic() - began:.0f} s", file=sys.stderr)
        await self._backfill()

    def _begin(self, registered: Registered) -> None:
        """Take up the city where it was left, or begin it now."""
        self._registered = registered
        self._letters = Letters(self._city.fleet, registered, Channel(new_chance(self.options.seed, 4)))
        self._memory.recall(self._city)
        if not registered.existed:
            self._memory.registered_s, self._memory.is_backfilled = self.now_s(), False
        self.open_control(Workbench(self._city, now_s=self.now_s, changed=self._tell_of_faults))

    async def _live(self) -> None:
        """Speak at once, as controllers do when they get power, then each full minute."""
        moment = self.now().replace(second=0, microsecond=0)
        is_first = True
        while not self.ended.is_set():
            self._step(moment)
            if is_first:
                is_first = False
                self._in_background(self._grow())
            # The platform may have been started anew with another clock; while it is away, devices go on by their own.
            # It is asked while devices speak: a slow answer must not make them miss a minute.
            is_ending, told = await asyncio.gather(self._speak(), self.try_once(self.read_clock))
            if is_ending:
                return
            self.clock = told or self.clock
            moment = following(moment, self.now())
            if await self.pause(self.clock.wall_s_until(moment, time.monotonic())):
                return

    def _step(self, moment: datetime) -> None:
        self._plan(moment)
        self._city.step(moment)
        self._note_truth()
        if moment.minute % KEEP_EVERY_MIN == 0:
            self._memory.keep(self._city)
        if self._publisher.skipped > self._skipped:
            lost = self._publisher.skipped - self._skipped
            self._skipped = self._publisher.skipped
            print(f"{moment}: {lost} messages given up, the broker does not take them", file=sys.stderr)

    def _plan(self, moment: datetime) -> None:
        """Add what will happen, day by day; at the beginning also what still lasts from the days before."""
        if self.options.no_faults:
            return
        today = moment.astimezone(ZoneInfo(DEFAULT.zone)).replace(hour=12, minute=0)
        before = () if self._planned else range(DAYS_BEFORE, 0, -1)
        for day in (*(today - timedelta(days=each) for each in before), today):
            if day not in self._planned:
                self._planned.add(day)
                self._city.add(day_plan(self._city.fleet, seed=self.options.seed, day=day))

    async def _speak(self) -> bool:
        """Let each gateway send its minute at its moment, if the platform follows; tells whether it is time to end."""
        minute = self._city.minute
        if minute is None:
            raise RuntimeError("a city takes its first step before it speaks")
        if self._lag_s > PATIENCE_S:
            print(f"{minute.at}: skipped, the platform is {self._lag_s:.0f} s behind", file=sys.stderr)
            return self.ended.is_set()
        ahead_s = self._city.clocks.error_s(minute.at.timestamp())
        for cabinet, slot_s in enumerate(self._letters.slots_s.tolist()):
            due = minute.at + timedelta(seconds=slot_s)
            wait_s = self.clock.wall_s_until(due, time.monotonic())
            # Also when there is nothing to wait for, others get their turn.
            if await self.pause(wait_s):
                return True
            self._publisher.send(cabinet, self._letters.of_gateway(cabinet, minute, ahead_s))
            for gateway, message in self._letters.due(self.now_s()):
                self._publisher.send(gateway, [message])
        return False

    def _hear(self, topic: str, payload: bytes) -> None:
        """Take a command; those that come together are obeyed together."""
        self._heard.append((topic, payload))
        if len(self._heard) == 1:
            asyncio.get_running_loop().call_later(GATHER_S, self._obey)

    def _obey(self) -> None:
        heard, self._heard = self._heard, []
        now = self.now()
        done = [found for each in heard if (found := obey(self._city, self._registered, *each, now=now)) is not None]
        for each in done:
            self._publisher.send(each.gateway, [(each.topic, each.payload)])
        self._tell_of_lamps(done, now)

    def _tell_of_lamps(self, done: list[Obeyed], now: datetime) -> None:
        """Say at once what commanded lamps do now."""
        lamps = [lamp for each in done for lamp in each.lamps]
        if not lamps or self._city.minute is None:
            return
        minute = self._city.look(now)
        ahead_s = self._city.clocks.error_s(now.timestamp())
        for lamp in dict.fromkeys(lamps):
            gateway = int(self._city.fleet.cabinet[lamp])
            self._publisher.send(gateway, self._letters.of_lamp(lamp, minute, now.timestamp() + float(ahead_s[lamp])))

    def _tell_of_faults(self, events: tuple[Event, ...]) -> None:
        """Let cabinets say at once what changed by a fault or its end."""
        self._note_truth()
        if self._city.minute is None:
            return
        now = self.now()
        before = self._city.minute.cabinets
        after = self._city.look(now).cabinets
        touched = {event.cabinet for event in events if event.cabinet >= 0}
        for cabinet in touched | {each for event in events for each in event.cabinets}:
            is_silent = self._city.effects.is_cabinet_silent[cabinet]
            if not is_silent and self._letters.has_changed(before[:, cabinet], after[:, cabinet]):
                values = after[:, cabinet].tolist()
                self._publisher.send(cabinet, self._letters.of_cabinet(cabinet, values, now.timestamp()))

    async def _backfill(self) -> None:
        """Send the past of a city that has just been registered, while it lives already."""
        if not self._memory.registered_s or self._memory.is_backfilled or self.options.no_backfill:
            return
        past = Past(self._city, self._registered, before_s=self._memory.registered_s, seed=self.options.seed)
        began = time.monotonic()
        try:
            sent = await self.until_ready(lambda: send(self.web, past, ended=self.threads_end))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return
        if sent is not None:
            self._memory.is_backfilled = True
            self._memory.keep(self._city)
            print(f"the past is told: {sent} rows in {time.monotonic() - began:.0f} s", file=sys.stderr)

    def _note_truth(self) -> None:
        self.truth.note(self._city.truth)
        self._city.truth.clear()

    def read_clock(self) -> CityClock:
        """Ask for the time, and how far behind the platform is. Raises NotYet."""
        health = self.web.health()
        self._lag_s = float(health.get("components", {}).get("ingest", {}).get("lag_s") or 0.0)
        return read_clock(health)

    def _in_background(self, work: Any) -> None:  # noqa: ANN401 (any coroutine)
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
