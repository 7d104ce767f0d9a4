"""Nights of a light programme: any programme, at any place, in any zone, on any date."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.domains.lighting.rules import schedule
from dothi.domains.lighting.rules.compliance import compliance, near_change
from dothi.domains.lighting.types.schedule import Override, Programme, Step

HOME = {"lat": 11.05, "lon": 106.67}
ZONE = "Asia/Ho_Chi_Minh"
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
STEPS = st.lists(
    st.builds(
        Step,
        at=st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59)),
        level=st.integers(0, 100),
    ),
    max_size=6,
    unique_by=lambda step: step.at,
).map(tuple)
PROGRAMMES = st.builds(
    Programme, on_offset_min=st.integers(-180, 180), off_offset_min=st.integers(-180, 180), steps=STEPS, zone=ZONES
)


def local(night_switch_at: datetime, zone: str = ZONE) -> str:
    """Give a moment as people read it."""
    return night_switch_at.astimezone(ZoneInfo(zone)).strftime("%d %H:%M")


def test_a_night_of_the_device_programme() -> None:
    night = schedule.night_of(schedule.device_programme(ZONE), date(2026, 11, 19), **HOME)
    found = [(local(switch.at), switch.level) for switch in night.switches]
    assert found == [("19 12:00", 0), ("19 17:26", 100), ("19 22:00", 70), ("20 04:30", 100), ("20 05:51", 0)]


def test_offsets_shift_dusk_and_dawn() -> None:
    programme = Programme(on_offset_min=15, off_offset_min=-20, zone=ZONE)
    night = schedule.night_of(programme, date(2026, 11, 19), **HOME)
    assert night.sunset is not None
    assert night.sunrise is not None
    on, off = night.switches[1], night.switches[2]
    assert abs(on.at - night.sunset - timedelta(minutes=15)) < timedelta(seconds=1)
    assert abs(off.at - night.sunrise + timedelta(minutes=20)) < timedelta(seconds=1)


def test_a_step_before_dusk_sets_the_level_at_dusk() -> None:
    programme = Programme(steps=(Step(at="15:00", level=40),), zone=ZONE)
    night = schedule.night_of(programme, date(2026, 11, 19), **HOME)
    assert [switch.level for switch in night.switches] == [0, 40, 0]


def test_before_noon_it_is_still_the_night_of_the_day_before() -> None:
    moment = datetime(2026, 11, 20, 3, 0, tzinfo=ZoneInfo(ZONE))
    assert schedule.current_night(moment, ZONE) == date(2026, 11, 19)
    assert schedule.coming_night(moment, ZONE) == date(2026, 11, 20)
    assert schedule.current_night(moment.replace(hour=12), ZONE) == date(2026, 11, 20)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 6, 1), 24)])
def test_a_city_that_changes_its_clocks(day: date, hours: int) -> None:
    """Berlin goes forward at 02:00 on 2026-03-29 and back at 03:00 on 2026-10-25."""
    programme = Programme(steps=(Step(at="02:30", level=50), Step(at="04:00", level=80)), zone="Europe/Berlin")
    night = schedule.night_of(programme, day, lat=52.52, lon=13.405)
    assert night.end - night.begin == timedelta(hours=hours)
    following = day + timedelta(days=1)
    at = {
        23: (f"{following:%d} 03:30", f"{following:%d} 04:00"),
        24: (f"{following:%d} 02:30", f"{following:%d} 04:00"),
        25: (f"{following:%d} 02:30", f"{following:%d} 04:00"),
    }[hours]
    found = [local(switch.at, "Europe/Berlin") for switch in night.switches if switch.level in (50, 80)]
    assert found == list(at)


def test_a_step_in_the_left_out_hour_does_not_outlast_the_next() -> None:
    programme = Programme(steps=(Step(at="02:30", level=50), Step(at="03:10", level=80)), zone="Europe/Berlin")
    night = schedule.night_of(programme, date(2026, 3, 28), lat=52.52, lon=13.405)
    assert [switch.level for switch in night.switches] == [0, 100, 80, 0]


def test_a_date_that_was_left_out_has_an_empty_night() -> None:
    """Samoa had no 2011-12-30."""
    programme = schedule.device_programme("Pacific/Apia")
    night = schedule.night_of(programme, date(2011, 12, 30), lat=-13.8, lon=-171.8)
    assert night.begin == night.end
    levels, hours = schedule.level_hours(programme, date(2011, 12, 30), np.array([-13.8]), np.array([-171.8]))
    assert hours.sum() == 0
    assert len(levels) == hours.shape[1]


@pytest.mark.parametrize(("day", "lit_h"), [(date(2026, 6, 20), 0.0), (date(2026, 12, 20), 24.0)])
def test_polar_day_is_never_lit_and_polar_night_always(day: date, lit_h: float) -> None:
    programme = Programme(on_offset_min=30, off_offset_min=-30, zone="Europe/Oslo")
    _, hours = schedule.level_hours(programme, day, np.array([69.6492]), np.array([18.9553]))
    assert hours.sum() == pytest.approx(lit_h, abs=0.001)
    night = schedule.night_of(programme, day, lat=69.6492, lon=18.9553)
    assert {switch.level for switch in night.switches} == ({100} if lit_h else {0})


@given(PROGRAMMES, DAYS, st.floats(-89, 89), st.floats(-180, 180), st.data())
def test_whatever_the_place_and_zone_both_ways_to_a_level_agree(
    programme: Programme, day: date, lat: float, lon: float, data: st.DataObject
) -> None:
    night = schedule.night_of(programme, day, lat=lat, lon=lon)
    assert night.switches[0].at == night.begin <= night.end
    assert list(night.switches) == sorted(night.switches, key=lambda switch: switch.at)
    assert all(0 <= switch.level <= 100 for switch in night.switches)
    length = int((night.end - night.begin).total_seconds())
    if length == 0:
        return
    moments = [night.begin + timedelta(seconds=data.draw(st.integers(0, length - 1))) for _ in range(5)]
    clear = [each for each in moments if all(abs((each - switch.at).total_seconds()) > 1 for switch in night.switches)]
    found = schedule.levels(programme, np.array([lat]), np.array([lon]), np.array([each.timestamp() for each in clear]))
    assert found[0].tolist() == [float(schedule.level_at(night, each)) for each in clear]


@given(PROGRAMMES, DAYS, st.floats(-89, 89), st.floats(-180, 180))
def test_the_hours_at_each_level_are_those_of_the_switches(
    programme: Programme, day: date, lat: float, lon: float
) -> None:
    night = schedule.night_of(programme, day, lat=lat, lon=lon)
    levels, hours = schedule.level_hours(programme, day, np.array([lat]), np.array([lon]))
    ends = [*(switch.at for switch in night.switches[1:]), night.end]
    lit_s = sum(
        (end - switch.at).total_seconds() for switch, end in zip(night.switches, ends, strict=True) if switch.level
    )
    assert hours[0, levels > 0].sum() * 3600 == pytest.approx(lit_s, abs=1)
    assert hours.sum() <= (night.end - night.begin).total_seconds() / 3600 + 1e-6


@settings(max_examples=15)
@given(STEPS, DAYS, st.integers(1, 4))
def test_levels_over_several_nights_are_each_nights_own(steps: tuple[Step, ...], day: date, nights: int) -> None:
    programme = Programme(steps=steps, zone="Europe/Berlin")
    lat, lon = np.array([52.5, 48.1]), np.array([13.4, 11.6])
    begin = schedule.night_span(day, "Europe/Berlin")[0]
    moments = np.arange(begin + 1800.0, begin + 1800.0 + 86_400.0 * nights, 3600.0)
    together = schedule.levels(programme, lat, lon, moments)
    apart = [schedule.levels(programme, lat, lon, moments[index : index + 1]) for index in range(len(moments))]
    assert np.array_equal(together, np.hstack(apart))


def test_no_moments_have_no_levels() -> None:
    assert schedule.levels(Programme(), np.zeros(3), np.zeros(3), np.zeros(0)).shape == (3, 0)


def test_a_command_holds_until_its_time_and_the_later_of_two_wins() -> None:
    begin = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
    moments = np.arange(begin.timestamp(), begin.timestamp() + 600.0, 60.0)
    wanted = np.full((3, 10), 70.0)
    first = Override(np.array([0, 1]), 100.0, begin + timedelta(minutes=2), begin + timedelta(minutes=6))
    second = Override(np.array([1]), 0.0, begin + timedelta(minutes=4), None)
    levels, commanded = schedule.apply_overrides(wanted, moments, [second, first])
    assert levels[0].tolist() == [70, 70, 100, 100, 100, 100, 70, 70, 70, 70]
    assert levels[1].tolist() == [70, 70, 100, 100, 0, 0, 0, 0, 0, 0]
    assert levels[2].tolist() == [70.0] * 10
    assert commanded.sum(axis=1).tolist() == [4, 8, 0]
    assert wanted.min() == 70.0


def test_compliance_counts_what_is_near_and_leaves_out_switchings_and_gaps() -> None:
    wanted = np.array([[0.0] * 10 + [100.0] * 10])
    measured = wanted.copy()
    measured[0, 0] = np.nan
    measured[0, 8] = 50.0  # within the guard
    measured[0, 18] = 95.0  # just near enough
    measured[0, 19] = 94.0
    found = compliance(measured, wanted, guard=3)
    assert (found.judged, found.within) == (13, 12)
    assert found.share == pytest.approx(12 / 13)
    assert compliance(np.full((1, 3), np.nan), np.zeros((1, 3))).share is None


@given(st.lists(st.sampled_from([0.0, 70.0, 100.0]), min_size=1, max_size=30), st.integers(0, 6))
def test_what_lies_near_a_change(row: list[float], guard: int) -> None:
    near = near_change(np.array([row]), guard=guard)[0]
    changes = [index for index in range(1, len(row)) if row[index] != row[index - 1]]
    for minute in range(len(row)):
        assert near[minute] == any(change - guard <= minute < change + guard for change in changes)


@given(st.floats(0, 5, exclude_max=True), st.integers(1, 50))
def test_lamps_that_obey_comply(error: float, lamps: int) -> None:
    wanted = np.full((lamps, 30), 70.0)
    found = compliance(wanted + error, wanted)
    assert (found.judged, found.share) == (lamps * 30, 1.0)
