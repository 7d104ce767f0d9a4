"""The forecast: better than guesses where there is a pattern, never looking ahead, and its interval holds."""

from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.domains.air.rules import forecast
from dothi.domains.air.types import Floats, Ints

LENGTH: Final = 24 * 60


def record(seed: int, *, gaps: float = 0.1, length: int = LENGTH) -> tuple[Floats, Ints]:
    """Make hours with a daily course, weather that lasts, noise and gaps; gives them with their local hours."""
    chance = np.random.default_rng(seed)
    hour = np.arange(length) % 24
    weather = np.zeros(length)
    for place in range(1, length):
        weather[place] = 0.97 * weather[place - 1] + 0.1 * chance.standard_normal()
    values = 20 * np.exp(weather + 0.4 * np.cos((hour - 8) * np.pi / 12) + 0.15 * chance.standard_normal(length))
    values[chance.random(length) < gaps] = np.nan
    return values, hour.astype(np.int64)


def test_it_beats_both_guesses_where_there_is_a_pattern() -> None:
    skills = forecast.evaluate(*record(1)).skills
    assert [(each.first, each.last) for each in skills] == [(1, 24), (1, 6), (7, 12), (13, 18), (19, 24)]
    assert skills[0].mae < 0.9 * min(skills[0].now, skills[0].yesterday)
    assert sum(each.cases for each in skills[1:]) == skills[0].cases > 1_000
    assert skills[0].coverage == pytest.approx(forecast.NOMINAL, abs=0.12)
    assert forecast.is_shown(skills)


def test_it_is_not_shown_where_nothing_can_be_known() -> None:
    """A random walk: the best forecast of what comes is what is."""
    chance = np.random.default_rng(2)
    values = 60 + np.cumsum(chance.standard_normal(LENGTH)).clip(-50, None)
    skills = forecast.evaluate(values, np.arange(LENGTH) % 24).skills
    assert not forecast.is_shown(skills)


def test_of_too_little_nothing_is_said() -> None:
    values, hour = record(3, length=24 * 20)
    assert forecast.evaluate(values, hour) == ((), ())
    assert not forecast.is_shown([])
    assert forecast.fit(values[:200], hour[:200]) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(24 * 30, LENGTH - 30), st.floats(0, 1_000))
def test_nothing_of_the_future_is_used(origin: int, other: float) -> None:
    values, hour = record(4)
    values[origin] = 20.0
    changed = values.copy()
    changed[origin + 1 :] = other
    predicted = []
    for each in (values, changed):
        model = forecast.fit(each[: origin + 1], hour[: origin + 1])
        assert model is not None
        predicted.append(forecast.predict(model, each, hour, np.array([origin])))
    for one, two in zip(*predicted, strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_middle_lies_within_its_interval_and_nothing_is_below_zero() -> None:
    values, hour = record(5)
    model = forecast.fit(values, hour)
    assert model is not None
    found = forecast.predict(model, values, hour, np.arange(200, LENGTH, 7)[~np.isnan(values[200:LENGTH:7])])
    assert (found.low >= 0).all()
    assert (found.low <= found.middle).all()
    assert (found.middle <= found.high).all()


def test_intervals_learn_from_those_that_were_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Air that grows wilder: what held before holds no longer."""
    chance = np.random.default_rng(6)
    values, hour = record(6)
    values = values * np.exp(np.linspace(0, 0.9, LENGTH) * chance.standard_normal(LENGTH))
    learnt = forecast.evaluate(values, hour)
    monkeypatch.setattr(forecast, "_margin", lambda _served, _until: ())
    unlearnt = forecast.evaluate(values, hour)
    assert unlearnt.skills[0].coverage < learnt.skills[0].coverage
    assert abs(learnt.skills[0].coverage - forecast.NOMINAL) < abs(unlearnt.skills[0].coverage - forecast.NOMINAL)
    assert learnt.skills[0].mae == unlearnt.skills[0].mae
    assert max(learnt.margin) > 0


def test_a_margin_knows_nothing_that_had_not_come() -> None:
    target = np.arange(400)[:, None] + np.arange(1, forecast.LEADS + 1)
    beyond = np.where(target < 200, 0.1, 9.0)
    assert forecast._margin([(target, beyond)], 200) == (0.1,) * forecast.LEADS
    assert forecast._margin([(target, beyond)], 10) == (0.0,) * forecast.LEADS
    assert forecast._margin([], 200) == ()


def test_a_margin_leaves_the_middle_within() -> None:
    values, hour = record(5)
    model = forecast.fit(values, hour)
    assert model is not None
    assert forecast.widened(model, ()).low.tolist() == np.minimum(model.low, 0).tolist()
    narrow = forecast.widened(model, [-9.0] * forecast.LEADS)
    assert narrow.low.tolist() == narrow.high.tolist() == [0.0] * forecast.LEADS
