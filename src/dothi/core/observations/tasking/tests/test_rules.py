"""When a Task goes out again, what an answer makes of it, and what a capability takes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.tasking import rules
from dothi.core.observations.tasking.types import (
    OPEN,
    Answer,
    Capability,
    NewTask,
    Task,
    TaskStatus,
    Verdict,
    Waiting,
)
from dothi.kernel.errors import InvalidInput

NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)
LIGHT = {
    "type": "DataRecord",
    "field": [
        {
            "name": "level",
            "type": "Quantity",
            "uom": {"code": "%"},
            "constraint": {"type": "AllowedValues", "interval": [[0, 100]]},
        },
        {"name": "until", "type": "Time", "optional": True},
        {"name": "resume", "type": "Boolean", "optional": True},
        {"name": "mode", "type": "Category", "optional": True, "constraint": {"value": ["on", "off"]}},
        {"name": "count", "type": "Count", "optional": True},
        {"name": "note", "type": "Text", "optional": True},
        {"name": "steps", "type": "DataArray", "optional": True},
    ],
}


def waiting(*, deadline: datetime, attempts: int) -> Waiting:
    return Waiting(7, 1, b"{}", NOW, deadline, TaskStatus.PENDING, attempts)


@given(st.integers(0, 10_000), st.floats(0.001, 1e6), st.floats(0.001, 10_000))
def test_a_task_goes_out_again_before_its_deadline_or_is_given_up(attempts: int, left_s: float, speed: float) -> None:
    deadline = NOW + timedelta(seconds=left_s)
    found = rules.look(waiting(deadline=deadline, attempts=attempts), now=NOW, speed=speed)
    assert (found.status, found.attempts) == (TaskStatus.SENT, attempts + 1)
    assert found.next_attempt_at is not None
    pause_s = (found.next_attempt_at - NOW).total_seconds() / speed
    assert NOW < found.next_attempt_at <= deadline or pause_s < 1e-3
    assert found.next_attempt_at == deadline or 0.999 <= pause_s <= 60.001
    over = rules.look(waiting(deadline=deadline, attempts=attempts), now=deadline, speed=speed)
    assert (over.status, over.attempts, over.next_attempt_at) == (TaskStatus.UNANSWERED, attempts, None)


def test_pauses_double_up_to_a_minute() -> None:
    assert [rules.retry_s(attempts) for attempts in (1, 2, 3, 4, 5, 6, 7, 8, 5_000)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@given(st.sampled_from(TaskStatus), st.sampled_from([TaskStatus.DONE, TaskStatus.REFUSED]), st.booleans())
def test_only_an_open_task_of_the_capability_takes_an_answer(
    status: TaskStatus, answered: TaskStatus, is_own: bool
) -> None:
    verdict = rules.judge(Answer(7, 1, answered), capability_id=1 if is_own else 2, status=status)
    assert (verdict is Verdict.TAKEN) == (is_own and status in OPEN)
    assert (verdict is Verdict.UNKNOWN) == (not is_own)
    assert rules.judge(Answer(7, 1, answered), capability_id=None, status=None) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "given_parameters",
    [
        {"level": 0},
        {"level": 100},
        {"level": 33.3, "until": "2026-11-25T22:00:00+07:00", "resume": False, "mode": "on", "count": 3, "note": "x"},
        {"level": 1, "steps": [{"at": "22:00", "level": 70}]},
    ],
)
def test_what_a_capability_takes(given_parameters: dict[str, Any]) -> None:
    rules.check_parameters(LIGHT, given_parameters)


@pytest.mark.parametrize(
    ("given_parameters", "place"),
    [
        ({}, "level"),
        ({"level": 101}, "level"),
        ({"level": -1}, "level"),
        ({"level": "50"}, "level"),
        ({"level": True}, "level"),
        ({"level": None}, "level"),
        ({"level": float("nan")}, "level"),
        ({"level": 1, "colour": "red"}, "colour"),
        ({"level": 1, "until": "22:00"}, "until"),
        ({"level": 1, "until": "2026-11-25T22:00:00"}, "until"),
        ({"level": 1, "resume": 1}, "resume"),
        ({"level": 1, "mode": "dim"}, "mode"),
        ({"level": 1, "count": 1.5}, "count"),
        ({"level": 1, "note": 1}, "note"),
    ],
)
def test_what_a_capability_does_not_take(given_parameters: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.check_parameters(LIGHT, given_parameters)
    assert caught.value.place == f"taskingParameters/{place}"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["type", "field", "name"]), JSON), st.dictionaries(st.text(max_size=5), JSON))
def test_a_description_of_another_form_leaves_the_device_to_judge(schema: dict[str, Any], sent: dict[str, Any]) -> None:
    rules.check_parameters(schema, sent)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": st.text(max_size=2)},
            optional={"type": JSON | st.sampled_from(list(rules._WORDS)), "constraint": JSON, "optional": JSON},
        )
        | JSON
    ),
    st.dictionaries(st.text(max_size=2), JSON),
)
def test_no_description_is_too_odd_to_be_read(fields: list[Any], sent: dict[str, Any]) -> None:
    with suppress(InvalidInput):
        rules.check_parameters({"type": "DataRecord", "field": fields}, sent)


def plan(new: list[NewTask], known: dict[int, Capability]) -> list[Task]:
    return rules.plan(new, known, who="system", now=NOW, deadline=NOW + timedelta(minutes=1), group=3)


def test_commands_are_checked_before_any_is_given() -> None:
    known = {1: Capability(1, "light", 8, LIGHT), 2: Capability(2, "any", 1, {})}
    (first, second) = plan([NewTask(1, {"level": 5}), NewTask(2, {"a": [1]})], known)
    assert (first.thing_id, first.parameters, first.created_by) == (8, {"level": 5}, "system")
    assert rules.audited([first, second])["parameters"] == [{"level": 5}, {"a": [1]}]
    assert rules.audited([first, first])["parameters"] == [{"level": 5}]
    for wrong in (
        [],
        [NewTask(3, {})],
        [NewTask(2, {"a": "\0"})],
        [NewTask(2, {"a": "x" * rules.MAX_BYTES})],
        [NewTask(2, {"a": object()})],
        [NewTask(2, {})] * (rules.MOST + 1),
    ):
        with pytest.raises(InvalidInput):
            plan(wrong, known)
    plan([NewTask(2, {"a": "\\u0000"})], known)


@pytest.mark.parametrize("deadline", [NOW, NOW - timedelta(1), NOW + timedelta(32), NOW.replace(tzinfo=None)])
def test_a_deadline_lies_ahead(deadline: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.check_deadline(deadline, now=NOW)
    assert caught.value.place == "deadline"
    rules.check_deadline(NOW + timedelta(31), now=NOW)
