"""What the map and alarms make of a station's index, for any there can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.air import rules, service
from dothi.domains.air.rules import stations
from dothi.domains.air.service.regulation import SHIPPED, read
from dothi.domains.air.types import Index, Level, Station

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
LATE_AFTER_S = service.STATIONS.late_after_s
values = st.none() | st.floats(min_value=0, max_value=700)


def index() -> Index:
    found = read(SHIPPED / "vn.toml").index
    assert found is not None
    return found


def seen(readings: dict[str, Reading]) -> Station:
    thing = ThingReading(
        id=7, name="7", kind="AirStation", lon=106.67, lat=11.05, simulated=True, properties={}, readings=readings
    )
    return rules.station_of(thing, now=NOW, late_after_s=LATE_AFTER_S)


@settings(deadline=None)
@given(values, values)
def test_a_station_is_always_in_a_state_that_the_manifest_names(value: float | None, level: float | None) -> None:
    readings = {
        stations.INDEX: Reading(value=value, unit="", at=NOW),
        stations.LEVEL: Reading(value=level, unit="", at=NOW),
        "PM2.5": Reading(value=3.0, unit="µg/m³", at=NOW),
    }
    described = rules.describe_station(readings)
    assert described.state in {state.id for state in service.STATIONS.states}
    assert (described.state == Level.UNKNOWN) is (value is None or level is None)


@pytest.mark.parametrize(
    ("value", "band", "level"),
    [
        (0, "good", 0),
        (50, "good", 0),
        (51, "moderate", 1),
        (150, "poor", 1),
        (151, "bad", 2),
        (301, "hazardous", 2),
        (500, "hazardous", 2),
    ],
)
def test_a_bands_end_belongs_to_it(value: float, band: str, level: int) -> None:
    found = rules.band_of(index(), value)
    assert found is not None
    assert found.id == band
    assert stations.level_of(index(), value) == level


@pytest.mark.parametrize(
    ("newest", "before", "rule"),
    [
        (151, 20, "bad"),
        (20, 151, "bad"),
        (20, 20, ""),
        (250, 151, "very_bad"),
        (301, None, "hazardous"),
        (None, None, ""),
    ],
)
def test_an_alarm_comes_at_once_and_goes_with_the_second_better_hour(
    newest: float | None, before: float | None, rule: str
) -> None:
    assert stations.alarm_of(index(), newest, before) == rule


@pytest.mark.parametrize(("age_s", "late"), [(0, False), (LATE_AFTER_S, False), (LATE_AFTER_S + 1, True)])
def test_a_late_station_has_no_index_any_more(age_s: float, late: bool) -> None:
    at = NOW - timedelta(seconds=age_s)
    station = seen(
        {"PM2.5": Reading(value=3.0, unit="µg/m³", at=at), stations.INDEX: Reading(value=42, unit="", at=at)}
    )
    assert station.is_late is late
    assert (station.index is None) is late
    assert [each.pollutant for each in station.measurements] == ["PM2.5"]
