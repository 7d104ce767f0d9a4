"""Which lamps are held at a level by commands, as the Tasks of the record tell it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from dothi.core.observations.tasking.types import Task, TaskStatus
from dothi.domains.lighting.rules.expectation import Held

UNKNOWN_FOR: Final = timedelta(hours=1)
"""For so long after an order that nobody answered a lamp may be doing either; then it is judged by its programme."""


def held_by(newest: Sequence[Task], index_of: Mapping[int, int]) -> Held:
    """Give what the newest Task of each lamp means; `index_of` has the lamps' places in the arrays by their Things."""
    rows = [
        (index_of[task.thing_id], *_meaning(task))
        for task in newest
        if task.thing_id in index_of and task.status is not TaskStatus.REFUSED
    ]
    if not rows:
        nothing = np.empty(0)
        return Held(np.empty(0, np.int64), nothing, nothing, nothing)
    lamp, level, begin, until = zip(*rows, strict=True)
    return Held(np.array(lamp, np.int64), np.array(level, float), np.array(begin, float), np.array(until, float))


def _meaning(task: Task) -> tuple[float, float, float]:
    """Give the level that a Task holds a lamp at, from when, and until when; NaN for a level that isn't known."""
    if task.is_open:
        return np.nan, task.creation_time.timestamp(), np.inf
    if task.status is not TaskStatus.DONE:
        return np.nan, task.creation_time.timestamp(), (task.deadline + UNKNOWN_FOR).timestamp()
    begin_s = (task.answered_at or task.creation_time).timestamp()
    level = task.parameters.get("level")
    if task.parameters.get("resume") or not isinstance(level, int | float):
        return 0.0, begin_s, begin_s
    return float(level), begin_s, _until_s(task.parameters.get("until"))


def _until_s(until: object) -> float:
    try:
        return datetime.fromisoformat(until).timestamp() if isinstance(until, str) else np.inf
    except ValueError:
        return np.inf
