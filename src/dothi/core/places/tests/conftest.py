"""The fixtures of the tests of places."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.feeds import vietnam
from dothi.core.places.tests.county import OUTLINE, county
from dothi.core.places.types import Gazetteer
from dothi.kernel import clock
from dothi.kernel.city import CityAreas
from dothi.kernel.clock import CityClock

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
BINH_DUONG = CityAreas(
    source="vietnamadminunits", province="74", reformed_on=date(2025, 7, 1), legal_basis="Nghị quyết 1685/NQ-UBTVQH15"
)


@pytest.fixture
def city_clock() -> Iterator[None]:
    """The city's clock shows the second of March 2026, and runs."""
    was = clock.installed()
    clock.install(CityClock(NOW, clock.WALL.now()))
    yield
    clock.install(was)


@pytest.fixture
def loaded_county(db: None, city_clock: None) -> Gazetteer:
    """Four communes of a square county that became two wards in 2025."""
    gazetteer = county()
    service.load(SYSTEM, gazetteer)
    return gazetteer


@pytest.fixture(scope="session")
def reform() -> Gazetteer:
    """The units of Bình Dương before and after the reform of 2025, in a rectangle."""
    return vietnam.read(BINH_DUONG, OUTLINE)
