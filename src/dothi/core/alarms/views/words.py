"""What people read of an alarm: its title, state, priority, history and details in the page's language."""

from collections.abc import Mapping
from typing import Final

import msgspec
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from dothi.core.alarms import service
from dothi.core.alarms.rules.titles import title_of
from dothi.core.alarms.types import Account, Alarm, Deed, RuleOf, State, Transition
from dothi.core.observations.labels.types import ThingLabel

STATES: Final[Mapping[State, Promise]] = {
    State.UNACKNOWLEDGED: _("Unacknowledged"),
    State.ACKNOWLEDGED: _("Acknowledged"),
    State.CLEARED: _("Cleared"),
    State.SHELVED: _("Shelved"),
    State.SUPPRESSED: _("Hidden by a group"),
    State.OUT_OF_SERVICE: _("Out of service"),
    State.NORMAL: _("Closed"),
}
PRIORITIES: Final[Mapping[int, Promise]] = {1: _("Urgent"), 2: _("High"), 3: _("Medium"), 4: _("Low")}
DEEDS: Final[Mapping[Deed, Promise]] = {
    Deed.RAISE: _("Raised"),
    Deed.CLEAR: _("The cause is gone"),
    Deed.ACKNOWLEDGE: _("Acknowledged"),
    Deed.SHELVE: _("Shelved"),
    Deed.UNSHELVE: _("Shown again"),
    Deed.SUPPRESS: _("Hidden by a group"),
    Deed.UNSUPPRESS: _("No longer hidden by a group"),
    Deed.REMOVE: _("Taken out of service"),
    Deed.RETURN: _("Returned to service"),
    Deed.CHANGE_MEMBERS: _("Devices concerned"),
}
FORMS: Final = {State.UNACKNOWLEDGED: "un", State.ACKNOWLEDGED: "ak"}
"""The fill of the symbol; every other state is dashed and grey."""


class Row(msgspec.Struct, frozen=True):
    """An alarm as a list shows it."""

    alarm: Alarm
    title: str
    thing: ThingLabel | None
    state: str
    form: str
    priority: str
    service: str


class Fact(msgspec.Struct, frozen=True):
    """One line of what a detector told besides; `is_foreign` where no manifest names it in the page's language."""

    name: str
    value: str
    is_foreign: bool


class Line(msgspec.Struct, frozen=True):
    """One line of an alarm's history."""

    step: Transition
    deed: str
    who: str
    state: str


def row_of(alarm: Alarm, thing: ThingLabel | None) -> Row:
    """Put an alarm into words."""
    rule = service.rules_by_id().get(alarm.point.rule)
    return Row(
        alarm=alarm,
        title=_title(alarm, rule),
        thing=thing,
        state=str(STATES[alarm.state]),
        form=FORMS.get(alarm.state, "cl"),
        priority=str(PRIORITIES[alarm.priority]),
        service=rule.names.of(get_language() or "") if rule else "",
    )


def _title(alarm: Alarm, rule: RuleOf | None) -> str:
    name = rule.rule.names.of(get_language() or "") if rule else alarm.point.rule
    return title_of(name, key=alarm.point.key, members=number_format(alarm.member_count, force_grouping=True))


def facts_of(alarm: Alarm) -> list[Fact]:
    """Put what the detector told besides into words, in the order of the manifest."""
    rule = service.rules_by_id().get(alarm.point.rule)
    declared = {each.id: each for each in (rule.rule.details if rule else ())}
    order = [
        *(each for each in declared if each in alarm.detail),
        *(each for each in alarm.detail if each not in declared),
    ]
    language = get_language() or ""
    return [
        Fact(
            name=declared[each].names.of(language) if each in declared else each,
            value=f"{_value(alarm.detail[each])} {declared[each].unit if each in declared else ''}".strip(),
            is_foreign=each not in declared,
        )
        for each in order
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        return number_format(f"{value:.2f}".rstrip("0").rstrip("."), force_grouping=True)
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


def history_of(account: Account) -> list[Line]:
    """Put an alarm's way into words, the newest step first."""
    return [
        Line(
            step=step,
            deed=str(DEEDS[step.deed]),
            who=_who(step.who, account.people),
            state=str(STATES[step.state]),
        )
        for step in reversed(account.history)
    ]


def _who(reference: str, people: Mapping[str, str]) -> str:
    if reference.startswith("detector:"):
        return gettext("Found by Dothi")
    if reference == "system":
        return gettext("By itself")
    return people.get(reference, reference)


def procedure_of(alarm: Alarm) -> list[str]:
    """Give the steps that the alarm's rule proposes."""
    rule = service.rules_by_id().get(alarm.point.rule)
    return [step.of(get_language() or "") for step in rule.rule.procedure] if rule else []
