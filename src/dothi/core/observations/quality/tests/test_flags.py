"""Each test gives the flag that its definition gives when it is read result by result."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.quality import flags
from dothi.core.observations.quality.types import Configuration, FlatLine, GrossRange, RateOfChange, Spike, Stretches
from dothi.core.observations.types import Quality

GOOD, UNKNOWN, SUSPECT, BAD = Quality.GOOD, Quality.NOT_EVALUATED, Quality.SUSPECT, Quality.BAD

GROSS = GrossRange(fail_span=(-5, 40), suspect_span=(0, 15))
RATE = RateOfChange(threshold=0.31007, fail_threshold=1.70003)
FLAT = FlatLine(suspect_threshold=120, fail_threshold=300, tolerance=1.5)
SPIKE = Spike(suspect_threshold=3.3, fail_threshold=9.7)

numbers = st.sampled_from([0.0, 1.0, 1.25, 2.0, 30.0, -7.0]) | st.integers(-200, 500).map(lambda tenths: tenths / 10)


class Series(NamedTuple):
    """Results of one Datastream; the first `known` are stored already."""

    times: list[float]
    values: list[float]
    known: int


def judge(configuration: Configuration, several: Sequence[Series]) -> list[int]:
    """Judge several series together."""
    stretches = Stretches([], [], [len(one.values) for one in several], [one.known for one in several])
    for one in several:
        stretches.times.extend(one.times)
        stretches.values.extend(one.values)
    return flags.judge(configuration, stretches)


@st.composite
def one_series(draw: st.DrawFn) -> Series:
    """Results at even steps, some of them stored before."""
    values = draw(st.lists(numbers, min_size=1, max_size=12))
    step = draw(st.sampled_from([0.001, 0.5, 1.0, 30.0, 60.0, 250.0, 3600.0]))
    start = draw(st.integers(1_700_000_000, 1_800_000_000))
    known = draw(st.integers(0, len(values) - 1))
    return Series([start + place * step for place in range(len(values))], values, known)


many_series = st.lists(one_series(), min_size=1, max_size=6)


def gross_range(values: Sequence[float], place: int) -> Quality:
    assert GROSS.suspect_span is not None
    if not GROSS.fail_span[0] <= values[place] <= GROSS.fail_span[1]:
        return BAD
    return GOOD if GROSS.suspect_span[0] <= values[place] <= GROSS.suspect_span[1] else SUSPECT


def rate_of_change(series: Series, place: int) -> Quality:
    if place == 0:
        return UNKNOWN
    seconds = round(series.times[place] - series.times[place - 1], 3)
    rate = abs(series.values[place] - series.values[place - 1]) / seconds
    assert RATE.fail_threshold is not None
    return BAD if rate > RATE.fail_threshold else SUSPECT if rate > RATE.threshold else GOOD


def flat_line(series: Series, place: int) -> Quality:
    found = GOOD
    for seconds, flag in ((FLAT.suspect_threshold, SUSPECT), (FLAT.fail_threshold, BAD)):
        if len(series.times) == 1:
            continue
        back = max(1, round(seconds / round(series.times[1] - series.times[0], 3) - 0.499))
        window = series.values[place - back : place + 1] if place >= back else []
        if window and max(window) - min(window) < FLAT.tolerance:
            found = flag
    return found


def spike(values: Sequence[float], place: int, method: str) -> Quality:
    if not 0 < place < len(values) - 1:
        return UNKNOWN
    before, here, after = values[place - 1 : place + 2]
    height = abs(here - (before + after) / 2)
    if method == "differential":
        height = min(abs(here - before), abs(after - here)) if (here - before) * (after - here) < 0 else 0.0
    assert SPIKE.suspect_threshold is not None
    assert SPIKE.fail_threshold is not None
    return BAD if height > SPIKE.fail_threshold else SUSPECT if height > SPIKE.suspect_threshold else GOOD


def new_places(several: Sequence[Series]) -> list[tuple[Series, int]]:
    return [(one, place) for one in several for place in range(one.known, len(one.values))]


@given(many_series)
def test_the_gross_range(several: list[Series]) -> None:
    wanted = [gross_range(one.values, place) for one, place in new_places(several)]
    assert judge(Configuration(gross_range_test=GROSS), several) == wanted


@given(many_series)
def test_the_rate_of_change(several: list[Series]) -> None:
    wanted = [rate_of_change(one, place) for one, place in new_places(several)]
    assert judge(Configuration(rate_of_change_test=RATE), several) == wanted


@given(many_series)
def test_flat_lines(several: list[Series]) -> None:
    wanted = [flat_line(one, place) for one, place in new_places(several)]
    assert judge(Configuration(flat_line_test=FLAT), several) == wanted


@given(many_series, st.sampled_from(["average", "differential"]))
def test_spikes(several: list[Series], method: str) -> None:
    wanted = [spike(one.values, place, method) for one, place in new_places(several)]
    configuration = Configuration(spike_test=msgspec.structs.replace(SPIKE, method=method))
    assert judge(configuration, several) == wanted


@given(many_series)
def test_the_worst_flag_wins(several: list[Series]) -> None:
    rank = [UNKNOWN, GOOD, SUSPECT, BAD]
    wanted = [
        max(
            gross_range(one.values, place),
            rate_of_change(one, place),
            flat_line(one, place),
            spike(one.values, place, "average"),
            key=rank.index,
        )
        for one, place in new_places(several)
    ]
    every = Configuration(gross_range_test=GROSS, rate_of_change_test=RATE, flat_line_test=FLAT, spike_test=SPIKE)
    assert judge(every, several) == wanted


@given(many_series)
def test_a_datastream_is_judged_as_if_it_were_alone(several: list[Series]) -> None:
    every = Configuration(gross_range_test=GROSS, rate_of_change_test=RATE, flat_line_test=FLAT, spike_test=SPIKE)
    alone = [flag for one in several for flag in judge(every, [one])]
    assert judge(every, several) == alone


@pytest.mark.parametrize("gap_s", [0.0, 0.0004, flags.LONGEST_GAP_S + 1.0])
def test_no_rate_is_made_of_one_moment_or_across_a_long_silence(gap_s: float) -> None:
    series = Series([1_700_000_000.0, 1_700_000_000.0 + gap_s], [0.0, 1e12], 1)
    assert judge(Configuration(rate_of_change_test=RATE), [series]) == [UNKNOWN]


def test_the_largest_numbers_are_borne() -> None:
    series = Series([1.7e9, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3], [1e308, -1e308, 1e308, 5e-324], 0)
    every = Configuration(gross_range_test=GROSS, rate_of_change_test=RATE, flat_line_test=FLAT, spike_test=SPIKE)
    assert judge(every, [series])[:3] == [BAD, BAD, BAD]
