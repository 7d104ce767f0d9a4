"""How a change to a work order is noted and told: in its course, in the audit log, and on the bus after the commit."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.incidents.store import writing
from dothi.core.incidents.types import Photo, Standing, Step
from dothi.kernel.errors import InvalidInput
from dothi.kernel.events import Publish, WorkOrdersChanged

LONGEST_NOTE = 4000
LONGEST_KEY = 100


def check_text(text: str, *, place: str, most: int = LONGEST_NOTE) -> str:
    """Give a text without blanks around it. Raises InvalidInput for one that is too long, or that can't be stored."""
    if len(text) > most or "\0" in text:
        raise InvalidInput(f"this is text of at most {most} characters", place=place)
    return text.strip()


def note(
    actor: Actor,
    permission: str,
    order_id: int,
    step: Step,
    *,
    key: str,
    photos: Sequence[Photo] = (),
    before: Standing | None,
    after: Mapping[str, object],
    publish: Publish,
) -> None:
    """Keep a step, audit it, and tell the city when all of it is committed. Call it inside the transaction."""
    writing.add_step(order_id, step, key=key, photos=photos)
    was = None if before is None else {"state": before.state.value, "assignee": before.assignee}
    audit.record(actor.reference, permission, subject=f"work_order:{order_id}", before=was, after=dict(after))
    event = WorkOrdersChanged(order_ids=[order_id])
    transaction.on_commit(lambda: publish(event), robust=True)
