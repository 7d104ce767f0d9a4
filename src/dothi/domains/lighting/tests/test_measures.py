"""Figures out of a record made by hand: two lamps, two days, and what must come of them in closed form."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.core.observations.series import service as series
from dothi.core.observations.tests.standing_clock import Hands, standing_clock
from dothi.core.observations.types import NewObservation
from dothi.domains.lighting import indicators, jobs
from dothi.domains.lighting.rules import energy as rules
from dothi.domains.lighting.rules import outages, plan
from dothi.domains.lighting.service import energy, measures, reports
from dothi.domains.lighting.service.watching import DETECTOR
from dothi.domains.lighting.tests.conftest import AddLight
from dothi.domains.lighting.types.energy import Baseline, Fleet, Measures, MonthlyReport, Tariff
from dothi.domains.lighting.types.schedule import Programme, Scope, Step

FIRST = datetime(2026, 10, 31, 17, tzinfo=UTC)
"""The beginning of 1 November in the city."""
DAYS = [date(2026, 11, 1), date(2026, 11, 2)]
FAILED, LOST, BURNING = "lighting.lamp.failed", "lighting.feeder.lost", "lighting.lamp.day_burning"
MINUTE = timedelta(minutes=1)
PROGRAMME = Programme(steps=(Step(at="22:00", level=70), Step(at="04:30", level=100)), zone="Asia/Ho_Chi_Minh")


def at(hours: float) -> datetime:
    """Give a moment, in hours after the first day began."""
    return FIRST + timedelta(hours=hours)


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The city's clock, that stands."""
    with standing_clock() as found:
        found.show(at(-24))
        yield found


class TwoLamps:
    """Two lamps at a cabinet, and what they sent in two days."""

    def __init__(self, add_light: AddLight) -> None:
        self.cabinet = add_light("Tủ 1", serial="C1")
        readings = {"energy": (0.0, "kWh"), "power": (0.0, "W")}
        self.lamps = [
            add_light(
                f"Đèn {n}",
                serial=f"L{n}",
                cabinet="C1",
                street="hung-vuong",
                own={"rated_power_w": 100},
                readings=readings,
            )
            for n in (1, 2)
        ]
        found = {each.id: each.streams for each in series.list_streams(SYSTEM, kind="Streetlight")}
        self.energy = [found[lamp]["energy"] for lamp in self.lamps]
        self.power = [found[lamp]["power"] for lamp in self.lamps]

    def registers(self) -> list[NewObservation]:
        """Read at each midnight: 1.5 and 1.5 kWh, and 0.5 and 1.5."""
        shown = zip(self.energy, ([100.0, 101.5, 103.0], [50.0, 50.5, 52.0]), strict=True)
        return [NewObservation(s, at(24 * n), value) for s, values in shown for n, value in enumerate(values)]

    def messages(self) -> list[NewObservation]:
        """The first lamp speaks each minute of the first day, the second every other one from the second noon on.

        Of its past the second has something that was filled in afterwards.
        """
        first, second = self.power
        past = [NewObservation(second, at(n), 90.0, parameters='{"backfill": true}') for n in range(24)]
        spoken = [NewObservation(first, FIRST + n * MINUTE, 98.0) for n in range(1440)]
        return [*past, *spoken, *(NewObservation(second, at(36) + 2 * n * MINUTE, 98.0) for n in range(360))]

    def find_faults(self) -> None:
        """Let the second lamp be out from 18:00 to 20:00, and both from 19:00 to 21:00 as their phase is lost."""
        one, two = self.lamps
        phase = Condition(rule=LOST, thing_id=self.cabinet, since=at(19), key="A", members=(one, two))
        changes: list[Change] = [
            Raise(Condition(rule=BURNING, thing_id=one, since=at(-10))),
            Raise(Condition(rule=FAILED, thing_id=two, since=at(18))),
            Raise(phase),
            Clear(rule=FAILED, thing_id=two, key="", at=at(20)),
            Clear(rule=LOST, thing_id=self.cabinet, key="A", at=at(21)),
            Raise(Condition(rule=FAILED, thing_id=one, since=at(34))),
        ]
        alarms.apply(DETECTOR, changes, watermark=at(48), state=b"")


@pytest_asyncio.fixture
async def lamps(record: Any, add_light: AddLight, hands: Hands) -> AsyncIterator[TwoLamps]:
    """Two lamps whose two days are in the record."""
    found = await sync_to_async(TwoLamps)(add_light)
    await record.write(SYSTEM, found.registers())
    await record.write(SYSTEM, found.messages())
    await sync_to_async(found.find_faults)()
    hands.show(at(49))
    yield found


def lit_hours(first: float, last: float) -> float:
    """Give for how long light was due between two hours of the first day at the lamps' place."""
    fleet = energy.fleet(SYSTEM)
    [spans] = plan.lit_by_cabinet(fleet, DAYS, [[PROGRAMME]] * 3, begin=at(first).timestamp(), end=at(last).timestamp())
    return rules_of(spans)


def rules_of(spans: list[tuple[float, float]]) -> float:
    """Give the length of spans, in hours."""
    return sum(end - begin for begin, end in spans) / 3600


def measured() -> tuple[Fleet, Measures]:
    """Give what the record holds of the two days."""
    fleet = energy.fleet(SYSTEM)
    return fleet, measures.measure(SYSTEM, fleet, DAYS)


async def test_the_record_gives_exact_energy_messages_and_outages(lamps: TwoLamps) -> None:
    fleet, found = await sync_to_async(measured)()
    assert fleet.ids.tolist() == lamps.lamps
    assert found.used_kwh.round(9).tolist() == [[1.5, 1.5], [0.5, 1.5]]
    assert found.expected.tolist() == [2880, 720]
    assert found.received.tolist() == [1440, 360]
    # Of the alarms that overlap three hours count once; from 10:00 of the second day on light isn't due before dusk.
    evening = await sync_to_async(lit_hours)(34, 48)
    assert found.failed_h.tolist() == pytest.approx([2.0 + evening, 3.0])
    assert found.watched == (FIRST, at(48))
    assert found.watched_h.tolist() == pytest.approx([await sync_to_async(lit_hours)(0, 48)] * 2)
    assert 22.0 < found.watched_h[0] < 26.0
    assert sorted(each.cleared_at is None for each in found.outages) == [False, False, True]


def report() -> MonthlyReport:
    """Give the report of the two days, with a baseline and a price."""
    energy.add_baseline(SYSTEM, Baseline(0, Scope.CITY, "", 250.0, "Kiểm kê", valid_from=DAYS[0]))
    energy.add_tariff(SYSTEM, Tariff(0, Decimal(2000), "VND", "QĐ 1", valid_from=DAYS[0]))
    made, _lamps = indicators.monthly_report(SYSTEM, DAYS, *measured())
    return made


async def test_the_report_follows_in_closed_form(lamps: TwoLamps) -> None:
    made = await sync_to_async(report)()
    total, hours = made.total, await sync_to_async(lit_hours)(0, 48)
    assert total.used_kwh == pytest.approx(5.0)
    assert total.kwh_per_lamp == pytest.approx(2.5)
    assert total.scheduled_h == pytest.approx(2 * hours)
    assert total.baseline_kwh == pytest.approx(2 * 0.25 * hours)
    assert total.saving_share == pytest.approx(1 - 5.0 / (0.5 * hours))
    evening = await sync_to_async(lit_hours)(34, 48)
    assert total.availability == pytest.approx(1 - (5.0 + evening) / (2 * hours))
    assert total.communication == pytest.approx(1800 / 3600)
    assert total.cost == Decimal("10000.00")
    assert (made.repair_median_h, made.repairs, made.outages) == (2.0, 2, 3)
    assert (made.days, made.is_closed, total.covered_share) == (2, False, 1.0)
    # 22:00 to 04:30 at 70 % in both nights: a half night before the first midnight is of the month before.
    full = hours - (4.5 + 2 + 4.5 + 2)
    assert total.expected_kwh == pytest.approx(2 * 0.1 * (full + 0.7 * 13))


async def test_a_day_that_the_register_does_not_cover_counts_nowhere(
    lamps: TwoLamps, record: Any, add_light: AddLight
) -> None:
    def add() -> int:
        readings = {"energy": (0.0, "kWh")}
        own = {"rated_power_w": 100}
        late = add_light("Đèn 3", serial="L3", cabinet="C1", street="hung-vuong", own=own, readings=readings)
        return {each.id: each.streams for each in series.list_streams(SYSTEM, kind="Streetlight")}[late]["energy"]

    stream = await sync_to_async(add)()
    await record.write(SYSTEM, [NewObservation(stream, at(n), float(n)) for n in (12, 24, 48)])
    _fleet, found = await sync_to_async(measured)()
    assert np.isnan(found.used_kwh[2, 0])
    assert found.used_kwh[2, 1] == pytest.approx(24.0)
    assert (found.expected[2], found.received[2]) == (0, 0)


async def test_before_anything_was_looked_for_there_is_no_availability(lamps: TwoLamps, hands: Hands) -> None:
    before = [date(2026, 10, 29), date(2026, 10, 30)]

    def look() -> MonthlyReport:
        fleet = energy.fleet(SYSTEM)
        return indicators.monthly_report(SYSTEM, before, fleet, measures.measure(SYSTEM, fleet, before))[0]

    made = await sync_to_async(look)()
    assert (made.total.availability, made.watched_from, made.total.covered_share) == (None, None, 0.0)
    assert (made.total.kwh_per_lamp, made.total.saving_share, made.total.cost) == (None, None, None)
    assert made.total.communication is None


async def test_the_worker_makes_what_is_due_and_then_nothing_twice(lamps: TwoLamps, hands: Hands) -> None:
    """October is made as well, and again after an hour, as nothing is known of it."""
    make = sync_to_async(jobs.make_reports)
    assert await make(timestamp=0) == ["2026-10", "2026-11"]
    assert await make(timestamp=0) == []
    hands.advance(3600)
    assert await make(timestamp=0) == ["2026-10"]
    hands.show(at(72.3))
    assert "2026-11" not in await make(timestamp=0), "the day's last messages may still come"
    hands.show(at(73.4))
    assert await make(timestamp=0) == ["2026-10", "2026-11"]
    await sync_to_async(reports.ask_for_report)(SYSTEM, date(2026, 11, 1))
    hands.advance(1)
    await sync_to_async(reports.ask_for_report)(SYSTEM, date(2026, 11, 1))
    assert await make(timestamp=0) == ["2026-11"]
    assert await make(timestamp=0) == []
    november, october = await sync_to_async(reports.list_reports)(SYSTEM)
    assert november.report is not None
    assert (november.month, november.documents, november.report.days) == (DAYS[0], ("vi", "en"), 3)
    assert (october.month, october.report is not None) == (date(2026, 10, 1), True)
    for language in november.documents:
        document = await sync_to_async(reports.get_document)(SYSTEM, DAYS[0], language)
        assert document.startswith(b"%PDF-")
    figures = await sync_to_async(reports.list_lamp_figures)(SYSTEM, DAYS[0])
    assert sum(each.used_kwh for each in figures.values()) == pytest.approx(november.report.total.used_kwh)


@pytest.mark.django_db(transaction=True)
def test_without_lamps_no_report_is_made() -> None:
    assert jobs.make_reports(timestamp=0) == []
    assert reports.list_reports(SYSTEM) == []


def test_time_that_is_said_twice_counts_once() -> None:
    assert outages.merged([(3.0, 5.0), (1.0, 2.0), (4.0, 7.0), (2.0, 2.5)]) == [(1.0, 2.5), (3.0, 7.0)]
    assert outages.common([(0.0, 4.0), (6.0, 9.0)], [(3.0, 7.0)]) == [(3.0, 4.0), (6.0, 7.0)]
    assert rules.availability(failed_h=0.0, scheduled_h=0.0) is None
