"""A configuration that makes no sense is refused, and the refusal says where."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations import quality
from dothi.core.observations.quality.types import Configuration, FlatLine, GrossRange
from dothi.kernel.errors import InvalidInput


def test_the_librarys_own_words_are_read() -> None:
    properties = {
        "kind": "Air station",
        "qartod": {
            "gross_range_test": {"suspect_span": [0, 150], "fail_span": [-5, 400]},
            "flat_line_test": {"suspect_threshold": 600, "fail_threshold": 1800, "tolerance": 0.1},
        },
    }
    assert quality.check_properties(json.dumps(properties)) == Configuration(
        gross_range_test=GrossRange(fail_span=(-5, 400), suspect_span=(0, 150)),
        flat_line_test=FlatLine(600, 1800, 0.1),
    )


@pytest.mark.parametrize("properties", [None, "", "{}", '{"kind": "qartod"}', '{"qartod": null}', '{"qartod": {}}'])
def test_no_test_is_wanted(properties: str | None) -> None:
    assert quality.check_properties(properties) is None


@pytest.mark.parametrize(
    ("configuration", "place"),
    [
        ("[]", "qartod"),
        ('{"gross_range": {}}', "qartod"),
        ('{"gross_range_test": {}}', "qartod/gross_range_test"),
        ('{"gross_range_test": {"fail_span": [1]}}', "qartod/gross_range_test/fail_span"),
        ('{"gross_range_test": {"fail_span": [1, "x"]}}', "qartod/gross_range_test/fail_span[1]"),
        ('{"gross_range_test": {"fail_span": [2, 1]}}', "qartod/gross_range_test"),
        ('{"gross_range_test": {"fail_span": [0, 9], "suspect_span": [1, 10]}}', "qartod/gross_range_test"),
        ('{"rate_of_change_test": {"threshold": 0}}', "qartod/rate_of_change_test/threshold"),
        ('{"rate_of_change_test": {"threshold": 2, "fail_threshold": 1}}', "qartod/rate_of_change_test"),
        ('{"flat_line_test": {"suspect_threshold": 60, "fail_threshold": 120}}', "qartod/flat_line_test"),
        (
            '{"flat_line_test": {"suspect_threshold": 1, "fail_threshold": 9999999, "tolerance": 1}}',
            "qartod/flat_line_test/fail_threshold",
        ),
        ('{"spike_test": {}}', "qartod/spike_test"),
        ('{"spike_test": {"suspect_threshold": 1, "method": "other"}}', "qartod/spike_test/method"),
        ('{"spike_test": {"suspect_threshold": 1e400}}', "qartod/spike_test/suspect_threshold"),
        ('{"climatology_test": {}}', "qartod"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(configuration: str, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        quality.check(configuration.encode())
    assert refused.value.place == place


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_anything_at_all_is_read_or_refused(configuration: bytes) -> None:
    with suppress(InvalidInput):
        assert isinstance(quality.check(configuration), Configuration | None)
