"""The queries that read work orders."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from dothi.core.incidents import models
from dothi.core.incidents.store.rows import order_of, photo_of, step_of
from dothi.core.incidents.types import OPEN, Deed, Filter, Order, Repair, State, Step


class Reach(msgspec.Struct, frozen=True):
    """The only departments and the only Things whose orders somebody may see; None of either for all.

    `areas` are Things whose orders are seen beside those of the departments: of some departments, or of all for None.
    """

    departments: Collection[str] | None = None
    thing_ids: Collection[int] | None = None
    areas: tuple[tuple[Collection[int], Collection[str] | None], ...] = ()


EVERYWHERE: Final = Reach()


def list_orders(asked: Filter, reach: Reach, *, begin: int, limit: int) -> list[Order]:
    """List orders: open ones by priority and deadline, others by their last change, the newest first."""
    rows = _restricted(asked, reach).filter(state__in=[state.value for state in asked.states])
    is_open = all(state in OPEN for state in asked.states)
    if is_open:
        rows = rows.filter(models.IS_OPEN)  # which lets the partial index serve
    order = ("priority", "deadline", "id") if is_open else ("-changed_at", "-id")
    return [order_of(row) for row in rows.order_by(*order)[begin : begin + limit]]


def count_orders(asked: Filter, reach: Reach) -> Mapping[State, int]:
    """Count orders by state; the filter's own states don't count."""
    rows = _restricted(asked, reach).values_list("state").annotate(number=Count("id")).order_by()
    return {State(state): number for state, number in rows}


def find_order(order_id: int) -> Order | None:
    """Give an order, or None."""
    row = models.Order.objects.filter(id=order_id).first()
    return None if row is None else order_of(row)


def list_untold(*, limit: int) -> list[Order]:
    """List open orders of which the person in charge does not know yet, the oldest first."""
    rows = models.Order.objects.filter(models.IS_OPEN).exclude(assignee="").exclude(told=F("assignee"))
    return [order_of(row) for row in rows.order_by("id")[:limit]]


def find_giver(order_id: int, person: str) -> str:
    """Give who put a person in charge of an order last, "" for nobody."""
    rows = models.Step.objects.filter(order_id=order_id, assignee=person)
    rows = rows.filter(deed__in=[Deed.ISSUE.value, Deed.ASSIGN.value, Deed.ACCEPT.value])
    return rows.order_by("-id").values_list("who", flat=True).first() or ""


def list_steps(order_id: int) -> list[Step]:
    """List what befell an order, oldest first, in two queries."""
    rows = models.Step.objects.filter(order_id=order_id).order_by("id").prefetch_related("photos")
    return [step_of(row, row.photos.all()) for row in rows]


def list_alarm_ids(order_ids: Collection[int]) -> Mapping[int, list[int]]:
    """Give the alarms that orders are for, by order."""
    rows = models.OrderAlarm.objects.filter(order_id__in=list(order_ids)).order_by("id")
    found: dict[int, list[int]] = {}
    for order_id, alarm_id in rows.values_list("order_id", "alarm_id"):
        found.setdefault(order_id, []).append(alarm_id)
    return found


def list_orders_for(alarm_ids: Sequence[int], reach: Reach) -> list[Order]:
    """List the orders that are for one of some alarms, the newest first."""
    wanted = models.OrderAlarm.objects.filter(alarm_id__in=list(alarm_ids)).values("order_id")
    rows = _restricted(Filter(), reach).filter(id__in=wanted)
    return [order_of(row) for row in rows.order_by("-id")]


def list_orders_at(thing_ids: Sequence[int], reach: Reach, *, limit: int) -> list[Order]:
    """List the orders for some Things, open ones first, then the newest."""
    rows = _restricted(Filter(), reach).filter(thing_id__in=list(thing_ids))
    is_over = Case(When(models.IS_OPEN, then=Value(0)), default=Value(1))
    return [order_of(row) for row in rows.order_by(is_over, "-id")[:limit]]


def list_repairs(thing_id: int, reach: Reach, *, but: int, limit: int) -> list[Repair]:
    """List the last orders that were done at a Thing, with what was said and shown of it, the newest first.

    Three queries.
    """
    over = [State.DONE.value, State.APPROVED.value]
    rows = _restricted(Filter(thing_id=thing_id), reach).filter(state__in=over).exclude(id=but)
    orders = [order_of(row) for row in rows.order_by(F("done_at").desc(nulls_last=True), "-id")[:limit]]
    steps = models.Step.objects.filter(order_id__in=[each.id for each in orders], deed=Deed.FINISH.value)
    said = {row.order_id: row for row in steps.order_by("id").prefetch_related("photos")}
    return [_repair(order, said.get(order.id)) for order in orders]


def _repair(order: Order, row: models.Step | None) -> Repair:
    if row is None:
        return Repair(order, "", ())
    return Repair(order, row.note, tuple(photo_of(each) for each in row.photos.all()))


def has_photo(order_id: int, digest: str) -> bool:
    """Tell whether a photo belongs to an order."""
    return models.Photo.objects.filter(step__order_id=order_id, digest=digest).exists()


def list_departments() -> list[str]:
    """List the departments that orders were issued to."""
    rows = models.Order.objects.exclude(department="").order_by("department")
    return list(rows.values_list("department", flat=True).distinct())


def _restricted(asked: Filter, reach: Reach) -> "QuerySet[models.Order]":
    rows = models.Order.objects.filter(_within(reach))
    if asked.department:
        rows = rows.filter(department=asked.department)
    if asked.assignee or asked.nobodys:
        rows = rows.filter(assignee=asked.assignee)
    return rows.filter(thing_id=asked.thing_id) if asked.thing_id else rows


def _within(reach: Reach) -> Q:
    found = Q() if reach.departments is None else Q(department__in=list(reach.departments))
    for things, departments in reach.areas:
        of = Q() if departments is None else Q(department__in=list(departments))
        found |= Q(thing_id__in=list(things)) & of
    return found if reach.thing_ids is None else found & Q(thing_id__in=list(reach.thing_ids))
