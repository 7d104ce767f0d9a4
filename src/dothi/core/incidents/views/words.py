"""What people read of a work order: its state, its people, its deadline and its course, in the page's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Department
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm
from dothi.core.alarms.views.words import PRIORITIES, Row, row_of
from dothi.core.incidents.rules.deadlines import is_overdue
from dothi.core.incidents.types import Account, Deed, Listed, Order, Page, State, Step
from dothi.core.observations.labels.types import ThingLabel
from dothi.kernel import clock

STATES: Final[Mapping[State, Promise]] = {
    State.ISSUED: _("Issued"),
    State.ACCEPTED: _("Taken on"),
    State.UNDER_WAY: _("Under way"),
    State.DONE: _("To be approved"),
    State.RETURNED: _("Returned to the crew"),
    State.APPROVED: _("Approved"),
    State.CANCELLED: _("Withdrawn"),
}
DEEDS: Final[Mapping[Deed, Promise]] = {
    Deed.ISSUE: _("Work order issued"),
    Deed.ASSIGN: _("Assigned"),
    Deed.ATTACH: _("An alarm was added"),
    Deed.ACCEPT: _("Taken on"),
    Deed.START: _("Work began"),
    Deed.NOTE: _("Note"),
    Deed.FINISH: _("The work is done"),
    Deed.APPROVE: _("Approved"),
    Deed.RETURN: _("Returned to the crew"),
    Deed.CANCEL: _("Withdrawn"),
}


class OrderRow(msgspec.Struct, frozen=True):
    """An order as a list shows it."""

    order: Order
    thing: ThingLabel | None
    state: str
    form: str
    priority: str
    assignee: str
    is_overdue: bool
    alarms: str
    department: str


class Line(msgspec.Struct, frozen=True):
    """One line of an order's course."""

    step: Step
    deed: str
    who: str
    assignee: str
    is_late: bool


def rows_of(page: Page, departments: Mapping[str, str]) -> list[OrderRow]:
    """Put the orders of a page into words; `departments` names those of the tree."""
    return [order_row(each, page.things.get(each.order.thing_id), page.people, departments) for each in page.rows]


def department_names() -> dict[str, str]:
    """Give what the departments of the tree are called, by code, in one query."""
    return {each.code: each.name_in(language()) for each in accounts.list_tree()}


def indented(department: Department) -> str:
    """Give what a department is called, moved in as deep as it stands in the tree."""
    return "\u2003" * department.depth + department.name_in(language())


def named(codes: Iterable[str], departments: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give departments, by their codes, with what they are called, by name."""
    return sorted(((code, departments.get(code, code)) for code in codes), key=lambda each: each[1])


def order_row(
    listed: Listed, thing: ThingLabel | None, people: Mapping[str, str], departments: Mapping[str, str]
) -> OrderRow:
    """Put an order into words; `departments` names those of the tree."""
    order = listed.order
    return OrderRow(
        order=order,
        thing=thing,
        state=str(STATES[order.state]),
        form="ak" if order.is_open else "cl",
        priority=str(PRIORITIES[order.priority]),
        assignee=people.get(order.standing.assignee, order.standing.assignee),
        is_overdue=is_overdue(order, now=clock.now()),
        alarms=_alarms(listed),
        department=departments.get(order.department, order.department),
    )


def _alarms(listed: Listed) -> str:
    if not listed.alarms:
        return ""
    return gettext("The alarm holds") if listed.standing_alarms else gettext("The alarm is over")


def row_of_account(account: Account) -> OrderRow:
    """Put an order that is shown whole into words."""
    standing = sum(alarm.standing.is_active for alarm in account.alarms)
    listed = Listed(account.order, len(account.alarms), standing)
    return order_row(listed, account.thing, account.people, department_names())


def course_of(account: Account) -> list[Line]:
    """Put an order's course into words, the newest step first."""
    return [
        Line(
            step=step,
            deed=str(DEEDS[step.deed]),
            who=account.people.get(step.who, gettext("By itself") if step.who == "system" else step.who),
            assignee=account.people.get(step.assignee, step.assignee),
            is_late=_is_late(step.at, step.recorded_at),
        )
        for step in reversed(account.steps)
    ]


def _is_late(at: datetime, recorded_at: datetime) -> bool:
    """Whether a step was told so long after it happened that the page should say both."""
    return (recorded_at - at).total_seconds() >= 60


def alarm_rows(found: Iterable[Alarm], things: Mapping[int, ThingLabel]) -> list[Row]:
    """Put an order's alarms into words, those that hold first."""
    ordered = sorted(found, key=lambda alarm: (not alarm.standing.is_active, alarm.priority, alarm.id))
    return [row_of(alarm, things.get(alarm.point.thing_id)) for alarm in ordered]


def task_lines(order: Order) -> list[str]:
    """Give what is to be done line by line, as people wrote it."""
    return [line.strip() for line in order.task.splitlines() if line.strip()]


def department_of(alarm: Alarm, thing: ThingLabel | None) -> str:
    """Give the department that an alarm's order is offered to: the Thing's, else the owner of the service.

    An owner stands in the record by the name it has in the city's first language, whoever gives the order.
    """
    rule = alarms.rules_by_id().get(alarm.point.rule)
    return (thing.department if thing else "") or (rule.owner.of(settings.LANGUAGE_CODE) if rule else "")


def procedure_text(steps: Iterable[str]) -> str:
    """Write the steps of a procedure one below the other."""
    return "\n".join(steps)


def language() -> str:
    """Give the language of the page."""
    return get_language() or ""
