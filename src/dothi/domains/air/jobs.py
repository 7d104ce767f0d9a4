"""What air does in the worker: the index of each hour, and the forecast of PM2.5."""

from datetime import timedelta
from typing import Final

import numpy as np
from django.db import close_old_connections
from procrastinate.contrib.django import app

from dothi.core.accounts.types import SYSTEM
from dothi.domains.air.rules.hours import HOUR, full_hour
from dothi.domains.air.service import forecasts, list_stations
from dothi.domains.air.service.instruments import InstrumentWatch
from dothi.domains.air.service.watching import GRACE, IndexWatch
from dothi.domains.air.types import Evaluation, Forecast, Station
from dothi.kernel import clock

__all__ = ["IndexWatch", "InstrumentWatch", "make_forecasts"]

EVALUATE_EVERY: Final = timedelta(hours=6)
"""City time after which a station's evaluation is made anew: a new station's record still grows backwards."""
EVALUATIONS_AT_ONCE: Final = 2
"""In one run: each takes some seconds of a core."""


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="air.make_forecasts", lock="air.make_forecasts", pass_context=False)
def make_forecasts(timestamp: int) -> list[int]:
    """Forecast PM2.5 of every station whose newest hour has none yet; gives the stations that were forecast.

    A few stations at a time are evaluated anew when their evaluation is old.
    """
    close_old_connections()
    try:
        stations = [each for each in list_stations(SYSTEM) if not each.is_late]
        known = forecasts.evaluations([each.id for each in stations])
        oldest = clock.now() - EVALUATE_EVERY
        due = [each for each in stations if each.id not in known or known[each.id].made_at < oldest]
        for station in due[:EVALUATIONS_AT_ONCE]:
            _evaluate(station)
        return [station.id for station in stations if _forecast(station)]
    finally:
        close_old_connections()


def _evaluate(station: Station) -> None:
    from dothi.domains.air.rules import forecast  # noqa: PLC0415 (web imports this module, and must not scikit-learn)

    until = full_hour(clock.now() - GRACE)
    hours, hour_of_day = forecasts.read_past(station, until)
    values = hours.of(forecasts.POLLUTANT)
    skills, margin = forecast.evaluate(values, hour_of_day)
    if skills:
        begin = hours.begin + HOUR * int(np.argmin(np.isnan(values)))
        made = Evaluation(clock.now(), begin, until, skills[0], skills[1:], margin)
        forecasts.keep_evaluation(station.id, made)


def _forecast(station: Station) -> bool:
    """Forecast from the newest hour of a station; tells whether that could be done and was not done before."""
    from dothi.domains.air.rules import forecast  # noqa: PLC0415 (web imports this module, and must not scikit-learn)

    until = full_hour(clock.now() - GRACE)
    if forecasts.is_made(station, until):
        return False
    hours, hour_of_day = forecasts.read_past(station, until, span=HOUR * (forecast.MOST_TRAINING + 24 * 7))
    values = hours.of(forecasts.POLLUTANT)
    if not len(values) or np.isnan(values[-1]):
        return False
    model = forecast.fit(values, hour_of_day)
    if model is None:
        return False
    known = forecasts.evaluations([station.id]).get(station.id)
    model = forecast.widened(model, known.margin if known else ())
    found = forecast.predict(model, values, hour_of_day, np.array([len(values) - 1]))
    forecasts.keep(station, Forecast(until, found.middle[0], found.low[0], found.high[0]))
    return True
