"""What readings mean for a lamp, for any reading there can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.live.types import FeatureState
from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.lighting import rules, service
from dothi.domains.lighting.types import Lamp, LampState

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
LATE_AFTER_S = service.LAMPS.late_after_s
values = st.none() | st.floats(min_value=-10, max_value=1000)
readings = st.dictionaries(
    st.sampled_from(["power", "light level", "voltage"]),
    st.builds(Reading, value=values, unit=st.just("W"), at=st.just(NOW)),
)


def seen(given_readings: dict[str, Reading]) -> Lamp:
    """Read a Thing with these readings as a lamp."""
    thing = ThingReading(
        id=7,
        name="Đèn 7",
        kind="Streetlight",
        lon=106.67,
        lat=11.05,
        simulated=True,
        properties={},
        readings=given_readings,
    )
    return rules.lamp_of(thing, now=NOW, late_after_s=LATE_AFTER_S)


@given(readings)
def test_a_lamp_is_always_in_a_state_that_the_manifest_names(given_readings: dict[str, Reading]) -> None:
    described = rules.describe_lamp(given_readings)
    assert described.state in {state.id for state in service.LAMPS.states}
    assert described.unit == "W"


@pytest.mark.parametrize(
    ("power_w", "state"),
    [(98.3, "on"), (20.0, "on"), (5.1, "on"), (5.0, "off"), (0.8, "off"), (0.0, "off"), (None, "unknown")],
)
def test_the_power_says_whether_a_lamp_is_on(power_w: float | None, state: str) -> None:
    described = rules.describe_lamp({"power": Reading(value=power_w, unit="W", at=NOW)})
    assert described == FeatureState(state=state, value=power_w, unit="W")


def test_a_lamp_without_a_reading_of_power_is_not_known() -> None:
    described = rules.describe_lamp({"voltage": Reading(value=230.0, unit="V", at=NOW)})
    assert described == FeatureState(state="unknown", value=None, unit="W")


@pytest.mark.parametrize(("age_s", "late"), [(0, False), (LATE_AFTER_S, False), (LATE_AFTER_S + 1, True), (-5, False)])
def test_a_lamp_is_late_when_its_newest_reading_is_too_old(age_s: float, late: bool) -> None:
    at = NOW - timedelta(seconds=age_s)
    older = Reading(value=230.0, unit="V", at=at - timedelta(hours=1))
    lamp = seen({"power": Reading(value=98.3, unit="W", at=at), "voltage": older})
    assert (lamp.is_late, lamp.observed_at) == (late, at)


def test_a_lamp_that_never_spoke_is_late() -> None:
    assert (seen({}).is_late, seen({}).observed_at) == (True, None)


@given(readings)
def test_a_lamp_is_what_the_map_shows_of_it(given_readings: dict[str, Reading]) -> None:
    lamp = seen(given_readings)
    described = rules.describe_lamp(given_readings)
    assert (lamp.state, lamp.power_w) == (LampState(described.state), described.value)
    assert lamp.observed_at == (NOW if given_readings else None)
