"""The queries that change work orders."""

from collections.abc import Sequence
from datetime import datetime

from dothi.core.incidents import models
from dothi.core.incidents.store.rows import order_of
from dothi.core.incidents.types import NewOrder, Order, Photo, Standing, State, Step


def lock_order(order_id: int) -> Order | None:
    """Give an order and keep it from others until the transaction ends; None if there is none."""
    row = models.Order.objects.select_for_update().filter(id=order_id).first()
    return None if row is None else order_of(row)


def find_issued(key: str) -> Order | None:
    """Give the order that was issued under a key, or None."""
    row = models.Order.objects.filter(key=key).first() if key else None
    return None if row is None else order_of(row)


def has_step(order_id: int, key: str) -> bool:
    """Tell whether a deed of this key befell an order already."""
    return bool(key) and models.Step.objects.filter(order_id=order_id, key=key).exists()


def insert_order(new: NewOrder, *, who: str, now: datetime, key: str) -> Order:
    """Keep a new order."""
    row = models.Order.objects.create(
        title=new.title,
        task=new.task,
        priority=new.priority,
        department=new.department,
        thing_id=new.thing_id,
        state=State.ISSUED.value,
        assignee=new.assignee,
        issued_at=now,
        issued_by=who,
        deadline=new.deadline,
        changed_at=now,
        key=key,
    )
    return order_of(row)


def save_standing(order: Order, standing: Standing, *, at: datetime, is_done: bool) -> None:
    """Keep how an order stands now; with `is_done`, that the crew said so at `at`."""
    changed: dict[str, object] = {"state": standing.state.value, "assignee": standing.assignee, "changed_at": at}
    if is_done:
        changed["done_at"] = at
    models.Order.objects.filter(id=order.id).update(**changed)


def add_step(order_id: int, step: Step, *, key: str, photos: Sequence[Photo]) -> None:
    """Keep a step of an order's course, with its photos."""
    row = models.Step.objects.create(
        order_id=order_id,
        deed=step.deed.value,
        at=step.at,
        recorded_at=step.recorded_at,
        who=step.who,
        state=step.state.value,
        note=step.note,
        assignee=step.assignee,
        key=key,
    )
    models.Photo.objects.bulk_create(
        models.Photo(
            step=row, digest=photo.digest, width=photo.width, height=photo.height, lon=photo.lon, lat=photo.lat
        )
        for photo in photos
    )


def attach(order_id: int, alarm_ids: Sequence[int]) -> None:
    """Let an order be for alarms, those that it is for already included."""
    models.OrderAlarm.objects.bulk_create(
        [models.OrderAlarm(order_id=order_id, alarm_id=each) for each in alarm_ids], ignore_conflicts=True
    )


def note_told(order_id: int, person: str) -> None:
    """Keep that a person knows of an order that was given to them."""
    models.Order.objects.filter(id=order_id).update(told=person)
