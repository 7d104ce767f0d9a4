"""The watch over the record: hours become an index once, and alarms come and go with it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from pytest_django import Settings

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter, State
from dothi.core.observations.series import service as series
from dothi.core.observations.tests.standing_clock import Hands, standing_clock
from dothi.core.observations.types import NewObservation
from dothi.domains.air import service
from dothi.domains.air.jobs import IndexWatch
from dothi.domains.air.service import forecasts
from dothi.domains.air.service.watching import RULES, SILENT
from dothi.domains.air.types import Evaluation, Forecast, Skill

BEGIN = datetime(2026, 11, 19, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Air:
    """One station whose hours are written as they come."""

    def __init__(self, record: Any, thing_id: int, hands: Hands) -> None:
        self._record, self.thing_id, self._hands = record, thing_id, hands
        found = series.find_streams(SYSTEM, thing_id)
        assert found is not None
        self._stream = found.streams["PM2.5"]

    async def send(self, first: int, values: list[float]) -> None:
        """Write hours from one on, and let ten minutes pass after the last."""
        rows = [NewObservation(self._stream, BEGIN + HOUR * (first + place), each) for place, each in enumerate(values)]
        await self._record.write(SYSTEM, rows)
        self._hands.show(BEGIN + HOUR * (first + len(values)) + timedelta(minutes=11))

    async def index(self) -> list[float]:
        """Give all hours' index that the record has."""

        def read() -> list[float]:
            found = series.find_streams(SYSTEM, self.thing_id)
            assert found is not None
            stream = found.streams.get("air quality index")
            if stream is None:
                return []
            window = series.read_window(SYSTEM, [stream], BEGIN - HOUR, BEGIN + 200 * HOUR)
            return [float(each) for each in window.result]

        return await sync_to_async(read)()

    async def standing(self) -> list[str]:
        """Give the rules of the alarms that stand."""

        def read() -> list[str]:
            open_ones = Filter(states=(State.UNACKNOWLEDGED,), domain="air")
            return [each.point.rule for each in alarms.list_alarms(SYSTEM, open_ones).alarms]

        return await sync_to_async(read)()


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The city's clock, that stands."""
    with standing_clock() as found:
        found.show(BEGIN)
        yield found


@pytest_asyncio.fixture
async def air(
    record: Any, register_thing: Callable[..., int], hands: Hands, database_url: str, settings: Settings
) -> AsyncIterator[Air]:
    """A station that last spoke long ago."""
    settings.DATABASE_URL = database_url

    def make() -> Air:
        old = BEGIN - timedelta(days=9)
        thing_id = register_thing("Trạm", kind="AirStation", readings={"PM2.5": (1.0, "µg/m³")}, at=old)
        return Air(record, thing_id, hands)

    yield await sync_to_async(make)()


async def look(watch: IndexWatch) -> None:
    await sync_to_async(watch.look)()


async def test_each_hour_is_derived_once_whoever_looks(air: Air) -> None:
    watch = IndexWatch()
    await air.send(0, [25.0] * 6)
    await look(watch)
    first = await air.index()
    assert first == [50.0] * 5  # the first hour has too few before it
    await look(watch)
    await look(IndexWatch())
    assert await air.index() == first
    await air.send(6, [50.0] * 12)
    await look(IndexWatch())
    assert (await air.index())[-1] == 100.0
    assert len(await air.index()) == 17


async def test_an_hour_is_not_derived_before_its_stations_had_time(air: Air, hands: Hands) -> None:
    await air.send(0, [25.0] * 3)
    hands.show(BEGIN + 3 * HOUR + timedelta(minutes=9))
    await look(IndexWatch())
    assert len(await air.index()) == 1


async def test_an_alarm_rises_and_falls_with_the_index(air: Air) -> None:
    watch = IndexWatch()
    await air.send(0, [30.0] * 4)
    await look(watch)
    assert await air.standing() == []
    await air.send(4, [110.0] * 3)
    await look(watch)
    assert await air.standing() == [RULES["bad"]]
    await air.send(7, [300.0] * 4)
    await look(watch)
    assert await air.standing() == [RULES["hazardous"]] or await air.standing() == [RULES["very_bad"]]
    await air.send(11, [5.0] * 16)
    await look(watch)
    assert await air.standing() == []


async def test_a_station_that_falls_silent_is_told_and_taken_back(air: Air, hands: Hands) -> None:
    watch = IndexWatch()
    await air.send(0, [30.0] * 4)
    await look(watch)
    hands.show(BEGIN + 8 * HOUR)
    await look(watch)
    assert await air.standing() == [SILENT]
    await air.send(8, [30.0])
    await look(watch)
    assert await air.standing() == []


async def test_a_forecast_is_read_back_only_while_its_kind_is_better(air: Air, hands: Hands) -> None:
    await air.send(0, [30.0] * 4)

    def work() -> None:
        station = service.get_station(SYSTEM, air.thing_id)
        begin = BEGIN + 4 * HOUR
        made = forecasts_of(begin, 20.0)
        assert not forecasts.is_made(station, begin)
        forecasts.keep(station, made)
        assert forecasts.is_made(station, begin)
        assert forecasts.find_forecast(SYSTEM, station) is None  # not evaluated yet
        forecasts.keep_evaluation(station.id, evaluation(mae=5.0))
        found = forecasts.find_forecast(SYSTEM, station)
        assert found is not None
        assert found.begin == begin + HOUR  # what began already is no forecast any more
        assert found.middle.tolist() == [20.0] * 23
        forecasts.keep(station, forecasts_of(begin + HOUR, 26.0))
        newer = forecasts.find_forecast(SYSTEM, station)
        assert newer is not None
        assert newer.middle.tolist() == [26.0] * 24
        assert (newer.low < newer.middle).all()
        assert service.get_station(SYSTEM, station.id).observed_at == BEGIN + 3 * HOUR
        forecasts.keep_evaluation(station.id, evaluation(mae=9.5))
        assert forecasts.find_forecast(SYSTEM, station) is None

    await sync_to_async(work)()


def forecasts_of(begin: datetime, level: float) -> Forecast:

    return Forecast(begin, np.full(24, level), np.full(24, level - 5), np.full(24, level + 5))


def evaluation(*, mae: float) -> Evaluation:
    skill = Skill(1, 24, 500, mae=mae, now=9.0, yesterday=8.0, coverage=0.8, nominal=0.8)
    return Evaluation(BEGIN, BEGIN - timedelta(days=99), BEGIN, skill, (skill,))
