"""The worker's forecast over a record: evaluated, made once an hour, and read back."""

from datetime import timedelta

import numpy as np
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.tests.standing_clock import Hands
from dothi.domains.air import jobs, service
from dothi.domains.air.service import forecasts
from dothi.domains.air.tests.test_forecast import record as hours_of
from dothi.domains.air.tests.test_watching import BEGIN, HOUR, Air, air, hands

__all__ = ["air", "hands"]
DAYS = 50


async def test_a_forecast_is_made_once_for_each_hour(air: Air, hands: Hands) -> None:
    values, _hours = hours_of(7, gaps=0.0, length=24 * DAYS)
    await air.send(-24 * DAYS, values.tolist())

    def first() -> None:
        assert jobs.make_forecasts(0) == [air.thing_id]
        assert jobs.make_forecasts(0) == []
        station = service.get_station(SYSTEM, air.thing_id)
        evaluation = forecasts.find_evaluation(SYSTEM, station)
        assert evaluation is not None
        assert evaluation.whole.is_better
        assert evaluation.whole.cases > 1_000
        found = forecasts.find_forecast(SYSTEM, station)
        assert found is not None
        assert found.begin == BEGIN + HOUR
        assert (found.low <= found.middle).all()
        assert (found.middle <= found.high).all()
        assert 0.2 < float(np.median(found.middle)) / float(np.median(values[-48:])) < 5

    await sync_to_async(first)()
    await air.send(0, [float(values[-1])])
    await sync_to_async(lambda: _made(air))()
    hands.show(BEGIN + timedelta(hours=5))
    assert await sync_to_async(jobs.make_forecasts)(0) == []  # its newest hour is no longer the last one


def _made(air: Air) -> None:
    assert jobs.make_forecasts(0) == [air.thing_id]
