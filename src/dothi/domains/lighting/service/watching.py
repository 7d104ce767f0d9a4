"""Detection over the record: minute after minute of what lamps and cabinets said, from where the last look ended."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

import numpy as np

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.core.observations.series import service as series
from dothi.core.observations.tasking import service as tasking
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import detection
from dothi.domains.lighting.rules.expectation import expect
from dothi.domains.lighting.rules.holding import held_by
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.service.commands import LIGHT
from dothi.domains.lighting.service.registry import Registry, read_registry
from dothi.domains.lighting.types.detection import Expected, FaultRule, Finding, FindingKind, Ints, Sites
from dothi.kernel import clock

log: Final = logging.getLogger(__name__)

DETECTOR: Final = "lighting.lamps"
MINUTE: Final = timedelta(minutes=1)
GRACE_S: Final = 4.0
"""Wall seconds that a minute's last messages have to come through broker and commit before the minute is judged."""
CLOCKS_DIFFER: Final = timedelta(seconds=60)
"""City time that devices have besides: a clock that nobody has set right for a week may be as late as this.

A lamp whose clock is late says the last seconds of a minute so much later; judged before, it would seem silent in each.
"""
FURTHEST_BACK: Final = timedelta(hours=6)
"""What was missed longer ago, while nothing ran, is not judged any more: the alarms are of today."""
GATHER_S: Final = 2.0
"""Wall seconds for which a cabinet's messages are gathered before it is judged by them."""
WINDOW: Final = timedelta(seconds=10)
"""City time within which what a cabinet says belongs together."""
PATIENCE_S: Final = 300.0
"""Wall seconds to wait for messages when nothing new comes: they may be held up between the devices and the record."""
REGISTRY_S: Final = 20.0
"""Wall seconds after which a lamp that was registered or replaced is known."""
COMMANDS_BACK: Final = timedelta(days=7)
"""Overrides without an end are remembered for so long."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LampWatch:
    """Finds lighting's faults in what has come, and raises and clears their alarms.

    Whatever it must remember goes into the record with the alarms: killed at any moment, it goes on from the minute it
    had come to. Each look first takes what cabinets said (a lost feeder can't wait for the minute), then every minute
    that is complete.
    """

    def __init__(self) -> None:
        self._registry: Registry | None = None
        self._registry_at = 0.0
        self._state: detection.State | None = None
        self._watermark = _EPOCH
        self._heard_us: Ints = np.empty(0, np.int64)
        self._reached_us: int | None = None
        self._moved_at = monotonic()

    def look(self) -> None:
        """Look once."""
        registry = self._know()
        if not len(registry.sites.lamp_id):
            return
        self._resume(registry.sites)
        self._hear_cabinets(registry)
        for minute in self._complete_minutes():
            self._judge(registry, minute)

    def _know(self) -> Registry:
        """Give the lamps there are, as they were at most `REGISTRY_S` ago."""
        if self._registry is None or monotonic() - self._registry_at > REGISTRY_S:
            self._registry, self._registry_at = read_registry(), monotonic()
            sites = self._registry.sites
            if self._state is not None and not _are_same(self._state.sites, sites):
                self._state = detection.with_sites(self._state, sites)
            if len(self._heard_us) != len(sites.cabinet_id):
                self._heard_us = np.full(len(sites.cabinet_id), _micros(self._watermark))
        return self._registry

    def _resume(self, sites: Sites) -> None:
        """Go on from where the record says that detection is; the first time, from now."""
        if self._state is not None:
            return
        found, now = alarms.find_watermark(DETECTOR), clock.now()
        self._watermark, self._state = now.replace(second=0, microsecond=0), detection.fresh_state(sites)
        if found is None:
            self._keep(self._state, [], watermark=self._watermark)
        else:
            earliest = self._watermark - FURTHEST_BACK
            if found[0] < earliest:
                log.warning("lighting was not watched from %s to %s: too long ago to judge", found[0], earliest)
            self._watermark = max(found[0], earliest)
            self._state = _load(found[1], sites) or self._state
        self._heard_us = np.full(len(sites.cabinet_id), _micros(self._watermark))

    def _hear_cabinets(self, registry: Registry) -> None:
        """Take what cabinets said since the last look."""
        newest = series.read_latest(SYSTEM, registry.cabinet_streams.id)
        self._follow(registry.reached_us(newest))
        gathered = clock.now() - timedelta(seconds=GATHER_S) * clock.installed().speed
        messages, self._heard_us = registry.messages(
            newest, self._heard_us, _micros(gathered), WINDOW // timedelta(microseconds=1)
        )
        if not messages or self._state is None:
            return
        at = max(_moment(int(self._heard_us.max())), self._watermark)
        expected = self._expect(registry, at)
        state, findings = self._state, list[Finding]()
        for message in messages:
            state, found = detection.step_cabinet(state, at, message, expected)
            findings.extend(found)
        if findings:
            self._keep(state, findings, watermark=self._watermark)
        self._state = state

    def _follow(self, reached_us: int | None) -> None:
        """Note how far what comes has come."""
        if reached_us != self._reached_us:
            self._reached_us, self._moved_at = reached_us, monotonic()

    def _complete_minutes(self) -> Iterator[datetime]:
        """Give each minute, by its begin, of which nothing more will come in time.

        While messages are held up on their way, a minute waits for them: else whoever speaks late in it would be taken
        for silent.
        """
        grace = CLOCKS_DIFFER + timedelta(seconds=GRACE_S) * clock.installed().speed
        while self._watermark + MINUTE + grace <= clock.now() and self._has_come(self._watermark + MINUTE):
            yield self._watermark

    def _has_come(self, moment: datetime) -> bool:
        """Tell whether messages of a later time are here, or none have come for so long that none will."""
        if self._reached_us is None or self._reached_us >= _micros(moment + CLOCKS_DIFFER):
            return True
        return monotonic() - self._moved_at > PATIENCE_S

    def _judge(self, registry: Registry, minute: datetime) -> None:
        """Judge one minute, and keep what it showed."""
        if self._state is None:
            return
        end = minute + MINUTE
        just_before = timedelta(microseconds=1)
        lamps, cabinets = (
            series.read_window(SYSTEM, streams.id, minute - just_before, end - just_before)
            for streams in (registry.lamp_streams, registry.cabinet_streams)
        )
        sample = registry.sample(lamps, cabinets)
        state, findings = detection.step(self._state, minute, sample, self._expect(registry, minute))
        self._keep(state, findings, watermark=end)
        self._state, self._watermark = state, end

    def _expect(self, registry: Registry, at: datetime) -> Expected:
        """Give what lamps should do by the programmes that cabinets acknowledged and the commands lamps answered."""
        known, usual = store.acknowledged(), schedules.device_programme()
        programmes = [known.get(cabinet, usual) for cabinet in registry.sites.cabinet_id.tolist()]
        newest = tasking.list_newest_tasks(SYSTEM, name=LIGHT, since=at - COMMANDS_BACK)
        held = held_by(newest, registry.index_of)
        return expect(at, programmes, registry.places, registry.sites.cabinet, held)

    def _keep(self, state: detection.State, findings: Sequence[Finding], *, watermark: datetime) -> None:
        changes = [_change(finding, state.sites) for finding in findings]
        alarms.apply(DETECTOR, changes, watermark=watermark, state=detection.dump_state(state))


def _load(data: bytes | None, sites: Sites) -> detection.State | None:
    if data is None:
        return None
    try:
        return detection.load_state(data, sites)
    except detection.StateUnreadable as error:
        log.warning("lighting's detection begins afresh: %s", error)
        return None


def _change(finding: Finding, sites: Sites) -> Change:
    """Say a finding in the words of alarms."""
    rule, thing_id = _subject(finding, sites)
    if finding.kind is FindingKind.CLEAR:
        return Clear(rule=rule, thing_id=thing_id, key=finding.key, at=finding.since)
    members = tuple(int(sites.lamp_id[lamp]) for lamp in finding.members)
    if members == (thing_id,):
        members = ()
    return Raise(Condition(rule=rule, thing_id=thing_id, key=finding.key, since=finding.since, members=members))


def _subject(finding: Finding, sites: Sites) -> tuple[str, int]:
    """Give the rule and the Thing; a lamp that is a cabinet of its own is a lamp, when it falls silent."""
    if finding.rule not in (FaultRule.FEEDER_LOST, FaultRule.GATEWAY_SILENT):
        return finding.rule.value, int(sites.lamp_id[finding.subject])
    thing_id = int(sites.cabinet_id[finding.subject])
    if thing_id in sites.lamp_id:
        return FaultRule.LAMP_SILENT.value, thing_id
    return finding.rule.value, thing_id


def _are_same(some: Sites, others: Sites) -> bool:
    return some.lamp_id.tobytes() == others.lamp_id.tobytes() and all(
        getattr(some, name).tobytes() == getattr(others, name).tobytes()
        for name in ("cabinet_id", "cabinet", "phase", "rated_w")
    )


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
