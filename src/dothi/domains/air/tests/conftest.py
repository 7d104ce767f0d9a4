"""Fixtures of air's tests: stations with hours in the record."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pytest

from dothi.kernel import clock

AddStation = Callable[..., int]
NOW: Final = datetime(2026, 11, 19, 12, 20, tzinfo=UTC)
"""19:20 in the city."""
LAST: Final = datetime(2026, 11, 19, 11, tzinfo=UTC)
"""The last full hour began."""
HOUR: Final = timedelta(hours=1)
UNIT: Final = "µg/m³"


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Stop the city's clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture
def add_station(register_thing: Callable[..., int], write_series: Callable[..., None], evening: datetime) -> AddStation:
    """Register a station with hours up to the last full one; gives its id.

    `hours` gives each pollutant's newest means, the oldest first; `newest` is what its newest readings are said to be.
    """

    def add(
        name: str,
        hours: Mapping[str, np.ndarray],
        *,
        last: datetime = LAST,
        index: tuple[float, float] | None = None,
        unit: str = UNIT,
        **registered: bool,
    ) -> int:
        readings = {pollutant: (float(values[-1]), unit) for pollutant, values in hours.items()}
        if index is not None:
            readings |= {"air quality index": (index[0], ""), "air quality level": (index[1], "")}
        thing_id = register_thing(name, kind="AirStation", readings=readings, at=last, **registered)
        for pollutant, values in hours.items():
            begin = last - HOUR * (len(values) - 1)
            series = {begin + HOUR * place: value for place, value in enumerate(values.tolist()) if value == value}
            write_series(thing_id, pollutant, series)
        return thing_id

    return add
