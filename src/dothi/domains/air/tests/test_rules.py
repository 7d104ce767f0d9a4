"""What readings mean for a Thing, for any readings there can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.air import rules, service
from dothi.domains.air.types import Thing

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
LATE_AFTER_S = service.THINGS.late_after_s
ages = st.floats(min_value=0, max_value=86_400)
values = st.none() | st.floats(min_value=-1000, max_value=1000)
moments = ages.map(lambda age_s: NOW - timedelta(seconds=age_s))
readings = st.dictionaries(
    st.sampled_from(["level", "temperature"]),
    st.builds(Reading, value=values, unit=st.just("%"), at=moments),
)


def seen(given_readings: dict[str, Reading]) -> Thing:
    """Read a Thing of the record with these readings."""
    thing = ThingReading(
        id=7,
        name="7",
        kind=service.THINGS.kind,
        lon=106.67,
        lat=11.05,
        simulated=True,
        properties={},
        readings=given_readings,
    )
    return rules.thing_of(thing, now=NOW, late_after_s=LATE_AFTER_S)


@given(readings)
def test_a_thing_is_always_in_a_state_that_the_manifest_names(given_readings: dict[str, Reading]) -> None:
    described = rules.describe_thing(given_readings)
    assert described.state in {state.id for state in service.THINGS.states}
    assert (described.state == "silent") is (not given_readings)


@given(readings)
def test_a_thing_is_what_the_map_shows_of_it(given_readings: dict[str, Reading]) -> None:
    thing = seen(given_readings)
    assert thing.state == rules.describe_thing(given_readings).state
    assert [each.name for each in thing.measurements] == sorted(given_readings)


@pytest.mark.parametrize(("age_s", "late"), [(0, False), (LATE_AFTER_S, False), (LATE_AFTER_S + 1, True)])
def test_a_thing_is_late_when_its_newest_reading_is_too_old(age_s: float, late: bool) -> None:
    at = NOW - timedelta(seconds=age_s)
    older = Reading(value=30.0, unit="°C", at=at - timedelta(hours=1))
    thing = seen({"level": Reading(value=42.5, unit="%", at=at), "temperature": older})
    assert (thing.is_late, thing.observed_at) == (late, at)


def test_a_thing_that_never_spoke_is_late() -> None:
    assert (seen({}).is_late, seen({}).observed_at) == (True, None)
