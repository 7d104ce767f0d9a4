"""The one decoder of Observations: what is good comes out whole, anything else is refused with its place."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings import observation

AT = "2026-11-22T10:00:00+07:00"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=200) | json_values.map(msgspec.json.encode))
@example(b'{"result":' + b"[" * 100_000)
@example(b'{"result":"\xff"}')
def test_nothing_but_invalid_input_comes_of_noise(payload: bytes) -> None:
    try:
        found = observation.decode(payload, datastream_id=1)
    except InvalidInput:
        return
    assert isinstance(found, NewObservation)


@given(json_values)
def test_every_result_is_kept_exactly(result: object) -> None:
    try:
        found = observation.decode(msgspec.json.encode({"result": result, "phenomenonTime": AT}), datastream_id=1)
    except InvalidInput:
        # A number no double can hold, or a character no jsonb can.
        assert isinstance(result, int | float) or rb"\u0000" in msgspec.json.encode(result)
        return
    if found.result_json is not None:
        assert msgspec.json.decode(found.result_json) == result
    else:
        assert found.result == result


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("{}", "result"),
        ('{"result": 1e400}', "result"),
        (f'{{"result": {"9" * 400}}}', "result"),
        ('{"result": 1, "phenomenonTime": "2026-01-01T00:00:00"}', "phenomenonTime"),
        ('{"result": 1, "phenomenonTime": "0000-01-01T00:00:00Z"}', "phenomenonTime"),
        ('{"result": 1, "phenomenonTime": "yesterday"}', "phenomenonTime"),
        ('{"result": 1, "phenomenonTime": "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"}', "phenomenonTime"),
        ('{"result": 1, "resultTime": "2026-01-01"}', "resultTime"),
        ('{"result": 1, "validTime": "2026-01-01T00:00:00Z/x"}', "validTime"),
        ('{"result": 1, "Datastream": {"@iot.id": 2}}', "Datastream"),
        ('{"result": ' + "[" * 100 + "]" * 100 + "}", "result"),
        ('{"result": 1, "parameters": ' + '{"a":' * 100 + "1" + "}" * 100 + "}", "parameters"),
        ('{"result": "' + "x" * 1_100_000 + '"}', "result"),
        (r'{"result": "a\u0000b"}', "result"),
        (r'{"result": {"\\\u0000": 1}}', "result"),
        ('{"result": [1e400]}', "result"),
        ('{"result": 1, "parameters": {"a": -1e999}}', "parameters"),
    ],
)
def test_a_refusal_names_the_place(body: str, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        observation.decode(body.encode(), datastream_id=1)
    assert caught.value.place == place


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "1", '{"result": NaN}', '{"result": Infinity}', "{'result': 1}", '{"result": 1']
)
def test_what_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(InvalidInput):
        observation.decode(body.encode(), datastream_id=1)


def test_everything_of_the_standard_is_read() -> None:
    body = (
        b'{"phenomenonTime":"2026-11-22T03:00:00Z/2026-11-22T04:00:00Z","resultTime":"2026-11-22T11:01:00+07:00",'
        b'"result":21.5,"resultQuality":{"flag":"good"},"validTime":"2026-11-22T03:00:00Z/2026-11-23T03:00:00Z",'
        b'"parameters":{"height_m":2},"Datastream":{"@iot.id":7},"FeatureOfInterest":{"@iot.id":9}}'
    )
    found = observation.decode(body)
    assert (found.datastream_id, found.result, found.feature_id) == (7, 21.5, 9)
    assert found.phenomenon_time == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert found.phenomenon_end == datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert found.result_time == datetime(2026, 11, 22, 4, 1, tzinfo=UTC)
    assert found.valid_to == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert (found.result_quality, found.parameters) == ('{"flag":"good"}', '{"height_m":2}')


def test_an_integer_beyond_a_double_keeps_its_digits() -> None:
    found = observation.decode(b'{"result": 9007199254740993}', datastream_id=1)
    assert (found.result, found.result_json) == (None, "9007199254740993")


def test_a_backslash_before_zeros_is_no_nul() -> None:
    found = observation.decode(rb'{"result": "C:\\u0000"}', datastream_id=1)
    assert found.result_json == r'"C:\\u0000"'


def test_an_observation_must_say_whose_it_is() -> None:
    with pytest.raises(InvalidInput, match="names no Datastream"):
        observation.decode(b'{"result": 1}')
