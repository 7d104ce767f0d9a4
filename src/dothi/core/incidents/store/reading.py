"""The queries that read work orders."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Case, Count, F, QuerySet, Value, When

from dothi.core.incidents import models
from dothi.core.incidents.store.rows import order_of, photo_of, step_of
from dothi.core.incidents.types import OPEN, Deed, Filter, Order, Repair, State, Step

Reach = tuple[Collection[str] | None, Collection[int] | None]
"""The only departments and the only Things whose orders somebody may see; None of either for all."""


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
    departments, things = reach
    rows = models.Order.objects.all()
    if departments is not None:
        rows = rows.filter(department__in=list(departments))
    if things is not None:
        rows = rows.filter(thing_id__in=list(things))
    if asked.department:
        rows = rows.filter(department=asked.department)
    if asked.assignee or asked.nobodys:
        rows = rows.filter(assignee=asked.assignee)
    return rows.filter(thing_id=asked.thing_id) if asked.thing_id else rows
