"""Delays over arrays, beside the plain words: it must have been so all the time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.alarms.rules import delays

TALE = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=30)


def tell(tale: list[bool | None], *, on_s: float, off_s: float) -> list[tuple[bool, float]]:
    """Say in plain words, minute after minute, whether it is raised and since when it turned."""
    raised, differs_since, said = False, None, []
    for minute, holds in enumerate(tale):
        now = minute * 60.0
        if holds is not None:
            differs_since = (now if differs_since is None else differs_since) if holds != raised else None
        turned = float("nan")
        if differs_since is not None and now - differs_since >= (off_s if raised else on_s):
            raised, turned, differs_since = not raised, differs_since, None
        said.append((raised, turned))
    return said


@given(TALE, st.sampled_from([0.0, 60.0, 150.0]), st.sampled_from([0.0, 60.0, 300.0]))
def test_arrays_say_what_the_words_say(tale: list[bool | None], on_s: float, off_s: float) -> None:
    state = delays.start(1)
    said = []
    for minute, holds in enumerate(tale):
        state, turned = delays.step(
            state,
            holds=np.array([bool(holds)]),
            is_known=np.array([holds is not None]),
            at_s=minute * 60.0,
            on_delay_s=on_s,
            off_delay_s=off_s,
        )
        assert not (turned.raised & turned.cleared).any()
        said.append((bool(state.is_raised[0]), float(turned.since[0])))
    np.testing.assert_equal(said, tell(tale, on_s=on_s, off_s=off_s))


def test_each_condition_has_its_own_delay() -> None:
    state = delays.start(3)
    holds, known = np.ones(3, np.bool_), np.array([True, True, False])
    for at_s in (0.0, 60.0, 120.0):
        state, turned = delays.step(
            state, holds=holds, is_known=known, at_s=at_s, on_delay_s=np.array([60.0, 120.0, 0.0]), off_delay_s=0.0
        )
    assert state.is_raised.tolist() == [True, True, False]
    assert turned.raised.tolist() == [False, True, False]
    assert turned.since[1] == pytest.approx(0.0)
