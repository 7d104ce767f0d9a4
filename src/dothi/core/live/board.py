"""The alarms of the live view: read from the record when the bus says that some changed."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Queued
from dothi.core.live import rules
from dothi.core.live.ground import NOWHERE, Spotting
from dothi.core.live.rules import Held, LiveState
from dothi.core.live.types import ALARMS, Owner
from dothi.core.observations.service import Record
from dothi.kernel.errors import Unavailable


class _Found(NamedTuple):
    queued: list[Queued]
    people: Mapping[str, str]


class AlarmBoard:
    """Keeps the queue's alarms in a live state as the record has them. All methods belong to one event loop."""

    def __init__(self, record: Record, state: LiveState, spotting: Spotting) -> None:
        self._record: Final = record
        self._spotting: Final = spotting
        self._state: Final = state
        self._wanted: set[int] = set()
        self._of_thing: dict[int, set[int]] = {}
        self._wants_all = True

    def want(self, alarm_ids: Iterable[int]) -> None:
        """Know that some alarms changed."""
        self._wanted.update(alarm_ids)

    def want_about(self, thing_ids: Iterable[int]) -> None:
        """Know that some Things changed, and with them what is said of alarms about them."""
        for thing_id in thing_ids:
            self._wanted |= self._of_thing.get(thing_id, set())

    def want_all(self) -> None:
        """Know that any alarm may have changed."""
        self._wants_all = True

    @property
    def is_behind(self) -> bool:
        """Whether there is something to read."""
        return self._wants_all or bool(self._wanted)

    async def read(self) -> None:
        """Bring the state up to date. Raises Unavailable without the database; what was wanted stays wanted."""
        asked = None if self._wants_all else sorted(self._wanted)
        self._wants_all, self._wanted = False, set()
        try:
            items = await describe(self._record, await _read_queue(asked), self._spotting)
        except Unavailable:
            self._wants_all = True
            raise
        there = {held.item.key[1] for held in items}
        for alarm_id in (self._state.alarm_ids() if asked is None else frozenset(asked)) - there:
            self._state.remove((ALARMS, alarm_id))
        for held in items:
            self._state.put(*held)
        self._of_thing = self._state.alarms_by_thing()


async def list_past(record: Record, moment: datetime, spotting: Spotting) -> list[Held]:
    """List the alarms that stood in the queue at a moment. Raises Unavailable."""
    return await describe(record, await _read_past(moment), spotting)


async def describe(record: Record, found: _Found, spotting: Spotting) -> list[Held]:
    """Say of alarms where they are and who may know of them. Raises Unavailable."""
    ids = sorted({each.alarm.point.thing_id for each in found.queued})
    things = {thing.id: thing for thing in await record.list_things(ids=ids)} if ids else {}
    spots = spotting(list(things.values()))
    held = []
    for each in found.queued:
        thing = things.get(each.alarm.point.thing_id)
        spot = spots.get(each.alarm.point.thing_id, NOWHERE)
        owner = Owner(department=thing.department, areas=spot.areas) if thing else Owner()
        held.append(Held(rules.alarm_of(each, thing, found.people, area=spot.area), owner))
    return held


@sync_to_async
def _read_queue(alarm_ids: Collection[int] | None) -> _Found:
    return _found(lambda: alarms.list_queued(SYSTEM, alarm_ids))


@sync_to_async
def _read_past(moment: datetime) -> _Found:
    return _found(lambda: alarms.list_queued_at(SYSTEM, moment))


def _found(read: Callable[[], list[Queued]]) -> _Found:
    """Read on Django's connection, which long pauses may have ended. Raises Unavailable."""
    close_old_connections()
    try:
        queued = read()
        return _Found(queued, accounts.name_people({each.alarm.acknowledged_by for each in queued} - {""}))
    except (DatabaseError, InterfaceError) as error:
        raise Unavailable(f"the alarms can't be read: {error}") from error
    finally:
        close_old_connections()
