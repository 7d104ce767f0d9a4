"""Figures of old units on new ones and back: nothing is lost or made, and what is said to be exact is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.places.rules import succession
from dothi.core.places.types import ShareBasis, Succession

DAY = date(2025, 7, 1)
Reform = tuple[dict[int, float], list[Succession]]


def goes(old: int, new: int, share: float = 1.0) -> Succession:
    return Succession(old, new, DAY, share, ShareBasis.WHOLE if share == 1 else ShareBasis.AREA)


@st.composite
def reforms(draw: st.DrawFn) -> Reform:
    """Some old units with a figure, each whole to one new unit or divided among several."""
    figures, successions = {}, []
    for old in range(draw(st.integers(1, 8))):
        figures[old] = draw(st.floats(0, 1e6))
        heirs = draw(st.lists(st.integers(100, 104), min_size=1, max_size=3, unique=True))
        weights = draw(st.lists(st.floats(0.05, 1), min_size=len(heirs), max_size=len(heirs)))
        successions += [
            goes(old, new, weight / sum(weights) if len(heirs) > 1 else 1.0)
            for new, weight in zip(heirs, weights, strict=True)
        ]
    return figures, successions


@given(reforms())
def test_what_is_carried_on_adds_up_to_what_was(reform: Reform) -> None:
    figures, successions = reform
    carried = succession.carry_on(figures, successions)
    assert sum(each.value for each in carried.values()) == pytest.approx(sum(figures.values()))
    assert succession.missing_shares(successions) == pytest.approx(dict.fromkeys(figures, 0), abs=1e-9)


@given(reforms())
def test_bounds_hold_wherever_things_lie(reform: Reform) -> None:
    """All of a divided unit may lie in any one of its parts: whichever it is, the bounds hold."""
    figures, successions = reform
    carried = succession.carry_on(figures, successions)
    for choice in range(3):
        truth = dict.fromkeys(carried, 0.0)
        for old, figure in figures.items():
            heirs = [each.successor_id for each in successions if each.predecessor_id == old]
            truth[heirs[choice % len(heirs)]] += figure
        for new, value in truth.items():
            assert carried[new].least - 1e-6 <= value <= carried[new].most + 1e-6


@given(reforms())
def test_what_is_carried_back_adds_up_too(reform: Reform) -> None:
    figures, successions = reform
    on = {new: each.value for new, each in succession.carry_on(figures, successions).items()}
    back = succession.carry_back(on, successions, km2=dict.fromkeys(figures, 2.0))
    assert sum(each.value for each in back.values()) == pytest.approx(sum(on.values()))
    assert all(each.least <= each.value * (1 + 1e-9) + 1e-9 for each in back.values())


def test_a_unit_that_went_whole_is_exact_and_one_divided_is_not() -> None:
    carried = succession.carry_on({1: 100.0, 2: 50.0}, [goes(1, 10), goes(2, 10, 0.4), goes(2, 11, 0.6)])
    assert carried[10] == (120.0, 100.0, 150.0)
    assert carried[11] == (30.0, 0.0, 50.0)
    assert not carried[10].is_exact
    assert succession.carry_on({1: 100.0}, [goes(1, 10)])[10].is_exact


def test_a_division_that_loses_something_is_seen() -> None:
    assert succession.missing_shares([goes(1, 10, 0.4), goes(1, 11, 0.5)])[1] == pytest.approx(0.1)
