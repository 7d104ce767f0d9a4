"""The door of alarms: detectors say what they see, people acknowledge and shelve, and everyone asks for the queue."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.db import transaction
from msgspec.structs import replace

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms.rules import courses, folding, paging, states
from dothi.core.alarms.rules.folding import Draft
from dothi.core.alarms.settling import settle
from dothi.core.alarms.store import reading, writing
from dothi.core.alarms.types import (
    IN_QUEUE,
    QUEUE,
    Account,
    Alarm,
    Change,
    Clear,
    Course,
    Deed,
    Filter,
    Page,
    Queued,
    Raise,
    RuleOf,
    Standing,
    State,
    Tally,
)
from dothi.core.audit import service as audit
from dothi.core.observations.labels import service as labels
from dothi.kernel import clock, events
from dothi.kernel.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from dothi.kernel.events import Publish
from dothi.kernel.manifest import load_manifests

VIEW: Final = "alarms.alarm.view"
ACKNOWLEDGE: Final = "alarms.alarm.acknowledge"
SHELVE: Final = "alarms.alarm.shelve"
DISABLE: Final = "alarms.alarm.disable"
MOST_AT_ONCE: Final = 1000
"""How many alarms one page shows at most, and one deed acknowledges."""
LONGEST_NOTE: Final = 2000
LONGEST_PAST: Final = timedelta(days=60)


@cache
def rules_by_id() -> Mapping[str, RuleOf]:
    """Give every rule that a manifest declares, with the service that declares it."""
    return {
        rule.id: RuleOf(rule=rule, domain=found.id, names=found.names, owner=found.owner, icon=found.icon)
        for found in load_manifests()
        for rule in found.alarm_rules
    }


def find_watermark(detector: str) -> tuple[datetime, bytes | None] | None:
    """Give up to where a detector's findings are in, with the memory it left there; None for a new detector."""
    return writing.find_watermark(detector)


def apply(
    detector: str,
    changes: Sequence[Change],
    *,
    watermark: datetime,
    state: bytes | None = None,
    publish: Publish = events.publish,
) -> list[Alarm]:
    """Take in what a detector found up to a watermark, in one transaction; gives the alarms that changed by it.

    With the findings go the watermark and the detector's own memory, `state`: whoever starts again from
    `find_watermark` loses nothing and doubles nothing, wherever it was killed. The same finding twice changes nothing.
    Calls wait for each other. Other processes are told by AlarmsChanged after the commit; whoever misses that reads
    the alarms.

    Raises Conflict when the stored watermark is already beyond this one (another run was faster: go on from there),
    InvalidInput for a rule that no manifest declares or a time without a zone.
    """
    _check(changes, watermark)
    with transaction.atomic():
        writing.serialise()
        known = writing.find_watermark(detector)
        if known is not None and known[0] > watermark:
            raise Conflict(f"{detector} is already at {known[0].isoformat()}")
        alarms = _take_in(detector, changes, publish) if changes else []
        writing.save_watermark(detector, watermark, state)
    return alarms


def _check(changes: Iterable[Change], watermark: datetime) -> None:
    known = rules_by_id()
    for change in changes:
        rule = folding.point_of(change).rule
        if rule not in known:
            raise InvalidInput(f"no manifest declares the alarm rule {rule}", place="rule")
    if any(moment.tzinfo is None for moment in (watermark, *map(_moment_of, changes))):
        raise InvalidInput("a detector's times need a zone", place="at")


def _moment_of(change: Change) -> datetime:
    return change.condition.since if isinstance(change, Raise) else change.at


def _take_in(detector: str, changes: Sequence[Change], publish: Publish) -> list[Alarm]:
    now = clock.now()
    priorities = {rule_id: found.rule.priority for rule_id, found in rules_by_id().items()}
    known = writing.draft_newest({folding.point_of(change) for change in changes})
    drafts = folding.fold(known, changes, priorities=priorities, now=now, who=f"detector:{detector}")
    return settle(drafts, covers=_covers(), now=now, publish=publish)


def _covers() -> Mapping[str, frozenset[str]]:
    return {rule_id: frozenset(found.rule.covers) for rule_id, found in rules_by_id().items() if found.rule.covers}


def list_alarms(actor: Actor, asked: Filter = IN_QUEUE, *, after: str = "", limit: int = 50) -> Page:
    """List alarms an actor may see: by priority, then unacknowledged first, then newest; what is over newest first.

    `after` is the `next` of the page before. Raises Unauthenticated (visitors see none), Forbidden, InvalidInput.
    """
    things = _reach(actor, VIEW)
    limit = min(max(limit, 1), MOST_AT_ONCE)
    found = reading.list_alarms(
        asked, rules=_rules_asked(asked), things=things, after=paging.read(after), limit=limit + 1
    )
    alarms = found[:limit]
    following = paging.write(paging.position_of(alarms[-1])) if len(found) > limit else ""
    return Page(alarms=alarms, things=labels.name_things(each.point.thing_id for each in alarms), next=following)


def count_alarms(actor: Actor, asked: Filter = IN_QUEUE) -> Mapping[State, Mapping[int, int]]:
    """Count the open alarms an actor may see by state and priority; `asked.states` does not matter. Raises as above."""
    return reading.count_alarms(asked, rules=_rules_asked(asked), things=_reach(actor, VIEW))


def tally_things(actor: Actor, asked: Filter = IN_QUEUE) -> Mapping[int, Tally]:
    """Give, by Thing, how many open alarms are about it and how it stands, in two queries. Raises as above.

    A Thing that only a group speaks for is there too, with none about itself.
    """
    about, members = reading.list_standings(asked, rules=_rules_asked(asked), things=_reach(actor, VIEW))
    counts = Counter(each.thing_id for each in about)
    worst = {each.thing_id: each for each in sorted((*about, *members), key=lambda each: (-each.priority, -each.rank))}
    return {thing_id: Tally(counts[thing_id], each.priority, State(each.state)) for thing_id, each in worst.items()}


def find_first_raised(actor: Actor, asked: Filter) -> datetime | None:
    """Give when the first of some alarms was raised, whatever its state now; None of none. Raises as above."""
    return reading.find_first_raised(asked, rules=_rules_asked(asked), things=_reach(actor, VIEW))


def list_courses(actor: Actor, rules: Collection[str], begin: datetime, end: datetime) -> list[Course]:
    """List the alarms of some rules that stood in [begin, end), with their members and when their conditions held.

    Three queries. Raises Unauthenticated (visitors see none) or Forbidden.
    """
    found = reading.list_overlapping(rules, begin=begin, end=end, things=_reach(actor, VIEW))
    switches: dict[int, list[tuple[Deed, datetime]]] = {}
    for alarm_id, deed, at in reading.list_switches([alarm.id for alarm in found]):
        switches.setdefault(alarm_id, []).append((deed, at))
    return [
        Course(queued.alarm, queued.members, courses.spells_of(switches.get(queued.alarm.id, ())))
        for queued in _with_members(found)
    ]


def list_queued(actor: Actor, alarm_ids: Collection[int] | None = None) -> list[Queued]:
    """List the alarms that stand in the queue, all or those of some ids, in two queries.

    Raises Unauthenticated (visitors see none) or Forbidden.
    """
    return _with_members(reading.list_queued(_reach(actor, VIEW), states=QUEUE, alarm_ids=alarm_ids))


def list_queued_at(actor: Actor, moment: datetime) -> list[Queued]:
    """List the alarms that stood in the queue at a moment, with their state of then, in two queries.

    Members and details are those of now, or of the alarm's end; what had gone on for longer than `LONGEST_PAST` and is
    over now is not among them. Raises as above.
    """
    things = _reach(actor, VIEW)
    found = reading.list_states_at(moment, states=QUEUE, begin=moment - LONGEST_PAST, things=things)
    return _with_members([states.as_of(alarm, state, moment) for alarm, state in found])


def _with_members(alarms: Sequence[Alarm]) -> list[Queued]:
    members: dict[int, list[int]] = {}
    for alarm_id, thing_id in reading.list_members_of([alarm.id for alarm in alarms if alarm.member_count]):
        members.setdefault(alarm_id, []).append(thing_id)
    return [Queued(alarm, tuple(members.get(alarm.id, ()))) for alarm in alarms]


def list_raised(actor: Actor, begin: datetime, end: datetime, *, limit: int) -> list[Alarm]:
    """List the newest `limit` alarms that stood at some time in [begin, end), oldest first. Raises as above."""
    return reading.list_newest(begin=begin, end=end, things=_reach(actor, VIEW), limit=limit)


def get_alarm(actor: Actor, alarm_id: int) -> Account:
    """Give all that is known of an alarm. Raises Unauthenticated, Forbidden, NotFound beyond the actor's limits."""
    things = _reach(actor, VIEW)
    alarm = reading.find_alarm(alarm_id)
    if alarm is None or not _is_within(alarm, things):
        raise NotFound(f"no alarm {alarm_id}")
    history = reading.list_history(alarm_id)
    member_ids = reading.list_members(alarm_id) if alarm.member_count else []
    named = labels.name_things([alarm.point.thing_id, *member_ids])
    return Account(
        alarm=alarm,
        thing=named.get(alarm.point.thing_id),
        members=tuple(sorted((named[each] for each in member_ids if each in named), key=lambda label: label.name)),
        history=tuple(history),
        people=accounts.name_people(step.who for step in history),
    )


def list_members(actor: Actor, alarm_ids: Collection[int]) -> list[tuple[int, int]]:
    """List the Things that groups' alarms speak for, as (alarm, Thing), in one query.

    Raises Unauthenticated (visitors see none) or Forbidden. Whoever has the alarms' ids got them within their limits.
    """
    _reach(actor, VIEW)
    return reading.list_members_of(alarm_ids)


def acknowledge(actor: Actor, alarm_id: int, *, note: str = "", publish: Publish = events.publish) -> Alarm:
    """Say that an actor has seen an alarm; one that is acknowledged already stays as it is. Audited.

    Raises Unauthenticated, Forbidden, NotFound, Conflict for one that is hidden.
    """
    return _acknowledge(actor, [alarm_id], note, publish, skip_hidden=False)[0]


def acknowledge_many(
    actor: Actor, alarm_ids: Collection[int], *, note: str = "", publish: Publish = events.publish
) -> list[Alarm]:
    """Acknowledge alarms together; one that is hidden by now stays as it is. Audited as one deed.

    Raises Unauthenticated, Forbidden, NotFound if one of them is not there, InvalidInput for none or too many.
    """
    if not 0 < len(set(alarm_ids)) <= MOST_AT_ONCE:
        raise InvalidInput(f"between 1 and {MOST_AT_ONCE} alarms are acknowledged at once", place="alarms")
    return _acknowledge(actor, sorted(set(alarm_ids)), note, publish, skip_hidden=True)


def _acknowledge(
    actor: Actor, alarm_ids: Sequence[int], note: str, publish: Publish, *, skip_hidden: bool
) -> list[Alarm]:
    now = clock.now()

    def deed(draft: Draft) -> Draft:
        standing = draft.alarm.standing
        if standing.is_acknowledged or (skip_hidden and standing.is_hidden):
            return draft
        seen = replace(draft.alarm, acknowledged_at=now, acknowledged_by=actor.reference)
        return folding.move(
            replace(draft, alarm=seen),
            states.acknowledge(standing),
            Deed.ACKNOWLEDGE,
            at=now,
            now=now,
            who=actor.reference,
            note=note,
        )

    return _change(actor, ACKNOWLEDGE, alarm_ids, deed, note=note, now=now, publish=publish)


def shelve(actor: Actor, alarm_id: int, *, until: datetime, reason: str, publish: Publish = events.publish) -> Alarm:
    """Hide an alarm until a time, at the latest in a week; it comes back by itself. Audited.

    Raises Unauthenticated, Forbidden, NotFound, Conflict for one that is over or out of service, InvalidInput.
    """
    now = clock.now()
    _check_reason(reason)
    deed = _deed(lambda standing: states.shelve(standing, until=until, now=now), Deed.SHELVE, actor, reason, now)
    return _change(actor, SHELVE, [alarm_id], deed, note=reason, now=now, publish=publish)[0]


def unshelve(actor: Actor, alarm_id: int, *, reason: str = "", publish: Publish = events.publish) -> Alarm:
    """Show a shelved alarm again; one whose condition has ended is normal then. Audited. Raises as `shelve` does."""
    now = clock.now()
    deed = _deed(states.unshelve, Deed.UNSHELVE, actor, reason, now)
    return _change(actor, SHELVE, [alarm_id], deed, note=reason, now=now, publish=publish)[0]


def remove_from_service(actor: Actor, alarm_id: int, *, reason: str, publish: Publish = events.publish) -> Alarm:
    """Hide an alarm until someone returns it, as for a device under repair; a group's members speak for themselves.

    Audited. Raises as `shelve` does.
    """
    now = clock.now()
    _check_reason(reason)
    deed = _deed(states.remove_from_service, Deed.REMOVE, actor, reason, now)
    return _change(actor, DISABLE, [alarm_id], deed, note=reason, now=now, publish=publish)[0]


def return_to_service(actor: Actor, alarm_id: int, *, reason: str = "", publish: Publish = events.publish) -> Alarm:
    """Show an alarm again that was out of service. Audited. Raises as `shelve` does."""
    now = clock.now()
    deed = _deed(states.return_to_service, Deed.RETURN, actor, reason, now)
    return _change(actor, DISABLE, [alarm_id], deed, note=reason, now=now, publish=publish)[0]


def end_shelving(*, publish: Publish = events.publish) -> list[Alarm]:
    """Show again what was shelved until now or earlier; gives the alarms that came back or are over."""
    now = clock.now()
    deed = _deed(states.unshelve, Deed.UNSHELVE, SYSTEM, "", now)
    with transaction.atomic():
        writing.serialise()
        drafts = [deed(draft) for draft in writing.draft_shelved(until=now)]
        return settle(drafts, covers=_covers(), now=now, publish=publish)


def clear_orphans(*, publish: Publish = events.publish) -> list[Alarm]:
    """End the conditions of Things that are no longer registered: no detector will; gives the alarms that changed."""
    now = clock.now()
    with transaction.atomic():
        writing.serialise()
        points = reading.list_active_points()
        known = labels.name_things(point.thing_id for point in points)
        gone = [Clear(*point, at=now) for point in points if point.thing_id not in known]
        return _take_in("registry", gone, publish) if gone else []


def _deed(
    rule: Callable[[Standing], Standing], kind: Deed, actor: Actor, note: str, now: datetime
) -> Callable[[Draft], Draft]:
    def carry_out(draft: Draft) -> Draft:
        standing = rule(draft.alarm.standing)
        return folding.move(draft, standing, kind, at=now, now=now, who=actor.reference, note=note)

    return carry_out


def _change(
    actor: Actor,
    permission: str,
    alarm_ids: Sequence[int],
    deed: Callable[[Draft], Draft],
    *,
    note: str,
    now: datetime,
    publish: Publish,
) -> list[Alarm]:
    """Let a person's deed befall alarms within their reach, all or none; gives these alarms as they are then."""
    things = _reach(actor, permission)
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise InvalidInput(f"a note is text of at most {LONGEST_NOTE} characters", place="note")
    with transaction.atomic():
        writing.serialise()
        drafts = writing.draft(alarm_ids)
        if len(drafts) != len(alarm_ids) or not all(_is_within(draft.alarm, things) for draft in drafts):
            raise NotFound("no such alarm")
        changed = settle([deed(draft) for draft in drafts], covers=_covers(), now=now, publish=publish)
        if changed:
            _audit(actor, permission, drafts, note)
    found = {alarm.id: alarm for alarm in changed}
    return [found.get(draft.alarm.id, draft.alarm) for draft in drafts]


def _audit(actor: Actor, permission: str, drafts: Sequence[Draft], note: str) -> None:
    """Note a deed once, whatever number of alarms it befell: each alarm's own history has it too."""
    before = {str(draft.alarm.id): draft.alarm.state.value for draft in drafts}
    subject = f"alarm:{drafts[0].alarm.id}" if len(drafts) == 1 else "alarms"
    audit.record(actor.reference, permission, subject=subject, before=before, after={"note": note})


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("a reason is needed", place="reason")


def _reach(actor: Actor, permission: str) -> frozenset[int] | None:
    """Give the Things whose alarms an actor may reach, None for all. Raises Unauthenticated for every visitor."""
    actor = accounts.require(actor, permission)
    if actor.kind == "visitor":
        raise Unauthenticated("alarms are for those who are signed in")
    return labels.ids_within(actor)


def _is_within(alarm: Alarm, things: frozenset[int] | None) -> bool:
    return things is None or alarm.point.thing_id in things


def _rules_asked(asked: Filter) -> frozenset[str] | None:
    """Give the only rules that a filter wants, None for all."""
    if not asked.rules and not asked.domain:
        return None
    of_domain = frozenset(
        rule_id for rule_id, found in rules_by_id().items() if not asked.domain or found.domain == asked.domain
    )
    return of_domain & frozenset(asked.rules) if asked.rules else of_domain
