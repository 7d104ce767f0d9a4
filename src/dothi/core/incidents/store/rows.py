"""Rows of the tables and what they say."""

from collections.abc import Iterable

from dothi.core.incidents import models
from dothi.core.incidents.types import Deed, Order, Photo, Standing, State, Step


def order_of(row: models.Order) -> Order:
    """Read an order."""
    return Order(
        id=row.pk,
        title=row.title,
        task=row.task,
        priority=row.priority,
        department=row.department,
        thing_id=row.thing_id,
        standing=Standing(State(row.state), row.assignee),
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        deadline=row.deadline,
        changed_at=row.changed_at,
        done_at=row.done_at,
    )


def step_of(row: models.Step, photos: Iterable[models.Photo]) -> Step:
    """Read a step with its photos."""
    return Step(
        id=row.pk,
        deed=Deed(row.deed),
        at=row.at,
        recorded_at=row.recorded_at,
        who=row.who,
        state=State(row.state),
        note=row.note,
        assignee=row.assignee,
        photos=tuple(photo_of(each) for each in photos),
    )


def photo_of(row: models.Photo) -> Photo:
    """Read a photo."""
    return Photo(digest=row.digest, width=row.width, height=row.height, lon=row.lon, lat=row.lat)
