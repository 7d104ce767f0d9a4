"""PM2.5 of the next 24 hours with an interval, and how well such forecasts did by rolling origin."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from sklearn.linear_model import Ridge

from dothi.domains.air.types import Bools, Floats, Ints, Skill

# Arrays of hours without a gap go in, NaN where nothing was measured. Each lead has a ridge regression of its own on
# the logarithms of what was measured lately, at the same hour of days before, and on the hour of the day. The interval
# comes from the errors on the newest quarter of the past, by a model that had not seen it (split conformal). The air
# changes between that quarter and what comes, so such intervals are a little too narrow: each gets the margin by which
# those served before would have had to be wider (conformalized quantiles: Romano, Patterson, Candès, 2019), by the
# rolling past alone. scikit-learn is loaded where this is: the worker and measurements alone import it.

LEADS: Final = 24
"""Hours ahead."""
NOMINAL: Final = 0.8
"""The share that the interval is to hold."""
LEAST_TRAINING: Final = 24 * 28
"""Hours before the first forecast."""
MOST_TRAINING: Final = 24 * 180
"""Hours that a model learns from: what is older is of another season."""
REFIT: Final = 24 * 14
"""Hours for which the rolling evaluation uses one model."""
MOST_SERVED: Final = 13
"""Models, half a year of them, whose served intervals tell how wide the next must be."""
STRIDE: Final = 3
"""Every third hour is an origin of the evaluation."""
GROUPS: Final = ((1, 6), (7, 12), (13, 18), (19, 24))
"""Leads that the table puts together."""
OFFSET: Final = 5.0
"""Added before the logarithm, µg/m³: below it differences are the instrument's."""
SPANS: Final = (3, 6, 12, 24, 72, 168)
"""Hours whose means are known at an origin."""
_DAYS: Final = 7
_ALPHA: Final = 3.0
_LEAST_CASES: Final = 100
"""Cases of a lead that a model learns from at least."""
_HELD_OUT: Final = 0.25


class Model(NamedTuple):
    """What was learnt: a regression for each lead, and the ends of its interval on the logarithm's scale."""

    regressions: tuple[Ridge, ...]
    low: Floats
    high: Floats


class Rolled(NamedTuple):
    """A rolling evaluation: the skill over all leads first, then of each group; nothing where too little was measured.

    `margin` is what the next interval of each lead is wider by at both ends, on the logarithm's scale; empty for none.
    """

    skills: tuple[Skill, ...]
    margin: tuple[float, ...]


class Predicted(NamedTuple):
    """Forecasts of some origins: arrays [origins, leads]."""

    middle: Floats
    low: Floats
    high: Floats


def fit(values: Floats, hour_of_day: Ints) -> Model | None:
    """Learn from all hours given, at most the newest half year; None where these are too few.

    `hour_of_day` [t] is the local hour of each. What is to be forecast lies after the last of them.
    """
    end = len(values)
    origins = np.arange(max(0, end - MOST_TRAINING), end - 1)
    origins = origins[~np.isnan(values[origins])]
    known = _features(values, hour_of_day, origins)
    wanted = np.log(_at(values, origins[:, None] + np.arange(1, LEADS + 1)) + OFFSET)
    is_old = np.arange(len(origins)) < len(origins) * (1 - _HELD_OUT)
    found = [_fit_lead(known[:, lead], wanted[:, lead], is_old) for lead in range(LEADS)]
    whole = [each for each in found if each is not None]
    if len(whole) < LEADS:
        return None
    low, high = np.array([ends for _regression, ends in whole]).T
    return Model(tuple(regression for regression, _ends in whole), low, high)


def _fit_lead(known: Floats, wanted: Floats, is_old: Bools) -> tuple[Ridge, Floats] | None:
    there = ~np.isnan(wanted)
    older, newer = there & is_old, there & ~is_old
    if min(older.sum(), newer.sum() * 3) < _LEAST_CASES:
        return None
    errors = wanted[newer] - Ridge(_ALPHA).fit(known[older], wanted[older]).predict(known[newer])
    ends = np.quantile(errors, [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2])
    return Ridge(_ALPHA).fit(known[there], wanted[there]), ends


def predict(model: Model, values: Floats, hour_of_day: Ints, origins: Ints) -> Predicted:
    """Forecast from some origins, places of `values`; of what lies after an origin nothing is used."""
    known = _features(values, hour_of_day, origins)
    lines = [each.predict(known[:, lead]) for lead, each in enumerate(model.regressions)]
    middle: Floats = np.stack(lines, axis=1)
    low, high = (np.maximum(np.exp(middle + ends) - OFFSET, 0.0) for ends in (model.low, model.high))
    return Predicted(np.maximum(np.exp(middle) - OFFSET, 0.0), low, high)


def widened(model: Model, margin: Sequence[float]) -> Model:
    """Give a model whose intervals are wider at both ends, or narrower, by the margin of each lead."""
    by = np.array(margin or [0.0])
    return model._replace(low=np.minimum(model.low - by, 0.0), high=np.maximum(model.high + by, 0.0))


def evaluate(values: Floats, hour_of_day: Ints) -> Rolled:
    """Score forecasts by rolling origin beside "same as now" and "same hour yesterday", on the same cases.

    Each model learns from what lies before the first origin that it is used for, and serves a fortnight; its margin
    comes from what came of those before it.
    """
    parts: list[tuple[Floats, Ints]] = []
    served: list[tuple[Ints, Floats]] = []
    for begin in range(LEAST_TRAINING, len(values) - 1, REFIT):
        model = fit(values[:begin], hour_of_day[:begin])
        origins = np.arange(begin - 1, min(begin - 1 + REFIT, len(values) - 1), STRIDE)
        origins = origins[~np.isnan(values[origins])]
        if model is None or not len(origins):
            continue
        parts.append(_score(widened(model, _margin(served, begin)), values, hour_of_day, origins))
        served.append(_beyond(model, values, hour_of_day, origins))
    if not parts:
        return Rolled((), ())
    errors, lead = (np.concatenate([part[place] for part in parts], axis=-1) for place in (0, 1))
    skills = [_skill(first, last, errors[:, (lead >= first) & (lead <= last)]) for first, last in [(1, LEADS), *GROUPS]]
    return Rolled(tuple(skills), _margin(served, len(values)))


def _skill(first: int, last: int, errors: Floats) -> Skill:
    mae, now, yesterday, held = (float(each) for each in errors.mean(axis=1))
    return Skill(first, last, errors.shape[1], mae, now, yesterday, held, NOMINAL)


def _score(model: Model, values: Floats, hour_of_day: Ints, origins: Ints) -> tuple[Floats, Ints]:
    """Give [4, cases]: the errors of the forecast and the two others, and whether the interval held; and leads."""
    found = predict(model, values, hour_of_day, origins)
    leads = np.arange(1, LEADS + 1)
    came = _at(values, origins[:, None] + leads)
    now = np.broadcast_to(values[origins][:, None], came.shape)
    yesterday = _at(values, origins[:, None] + leads - 24)
    counted = ~np.isnan(came) & ~np.isnan(yesterday)
    held = (came >= found.low) & (came <= found.high)
    rows = [np.abs(each - came) for each in (found.middle, now, yesterday)]
    return np.stack([*rows, held])[:, counted], np.broadcast_to(leads, came.shape)[counted]


def _beyond(model: Model, values: Floats, hour_of_day: Ints, origins: Ints) -> tuple[Ints, Floats]:
    """Give by origin and lead when it was foretold for, and how far what came lay beyond the model's own interval.

    On the logarithm's scale, negative within; NaN where nothing came.
    """
    target = origins[:, None] + np.arange(1, LEADS + 1)
    came = np.log(_at(values, target) + OFFSET)
    middle = np.log(predict(model, values, hour_of_day, origins).middle + OFFSET)
    return target, np.maximum(middle + model.low - came, came - middle - model.high)


def _margin(served: Sequence[tuple[Ints, Floats]], until: int) -> tuple[float, ...]:
    """Give by lead what would have made intervals hold what they are to, of what had come before a place."""
    if not served:
        return ()
    target, beyond = (np.concatenate([part[place] for part in served[-MOST_SERVED:]]) for place in (0, 1))
    known = np.where(target < until, beyond, np.nan)
    margin = np.zeros(LEADS)
    for first, last in GROUPS:
        there = known[:, first - 1 : last]
        there = there[~np.isnan(there)]
        if len(there) >= _LEAST_CASES:
            margin[first - 1 : last] = np.quantile(there, NOMINAL)
    return tuple(margin.tolist())


def _features(values: Floats, hour_of_day: Ints, origins: Ints) -> Floats:
    """Give what is known at each origin for each lead, [origins, leads, features]: nothing after the origin."""
    lately = [_at(values, origins), _at(values, origins - 1)]
    lately += [_mean(_at(values, origins[:, None] - np.arange(length))) for length in SPANS]
    target = origins[:, None] + np.arange(1, LEADS + 1)
    same_hour = np.stack([_at(values, target - 24 * day) for day in range(1, _DAYS + 1)], axis=-1)
    columns = [np.broadcast_to(each[:, None], target.shape) for each in lately]
    columns += [same_hour[..., 0], _mean(same_hour[..., :3]), _mean(same_hour)]
    logs = np.log(np.stack(columns, axis=-1) + OFFSET)
    usual = logs[..., len(lately) - 1 : len(lately)]
    usual = np.where(np.isnan(usual), logs[..., :1], usual)  # an origin's own hour is there
    angle = np.broadcast_to((hour_of_day[origins] * (2 * np.pi / 24))[:, None], target.shape)
    clock = np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], axis=-1)
    return np.concatenate([np.where(np.isnan(logs), usual, logs), clock], axis=-1)


def _at(values: Floats, places: Ints) -> Floats:
    """Give values at places, NaN outside."""
    is_there = (places >= 0) & (places < len(values))
    return np.where(is_there, values[places.clip(0, len(values) - 1)], np.nan)


def _mean(values: Floats) -> Floats:
    """Give the mean along the last axis of what is there."""
    there = ~np.isnan(values)
    count = there.sum(axis=-1)
    return np.where(count > 0, np.where(there, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def is_shown(skills: Sequence[Skill]) -> bool:
    """Tell whether a forecast is good enough to be shown: better than both others, over all leads together."""
    return bool(skills) and skills[0].is_better
