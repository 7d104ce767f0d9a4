"""What a browser may ask of the live view."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.live.types import Changes
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sse.routes import Written, parse_bbox, parse_moment

degrees = st.floats(-180, 180)


@given(degrees, degrees, degrees, degrees)
def test_a_box_in_order_is_read(one: float, two: float, three: float, four: float) -> None:
    west, east = sorted((one, two))
    south, north = sorted((three / 2, four / 2))
    assert parse_bbox(f"{west},{south},{east},{north}") == (west, south, east, north)


def test_no_box_is_everywhere() -> None:
    assert parse_bbox("") is None


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "3,0,1,0", "0,3,0,1", "-181,0,0,0", "0,0,0,91", "nan,0,1,1", "0,0,inf,1"]
)
def test_another_box_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_bbox(text)
    assert caught.value.place == "bbox"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_with_its_zone_is_read(moment: datetime) -> None:
    assert parse_moment(moment.isoformat()) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22T10:00:00", "2026-13-01T00:00:00Z", "1764000000"])
def test_another_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_moment(text)
    assert caught.value.place == "at"


def test_a_message_that_many_are_given_is_written_once() -> None:
    written = Written()
    messages = [Changes([], [(f"layer.{number}", number)]) for number in range(Written.KEEP + 1)]
    first = written.json_of(messages[0])
    assert written.json_of(messages[0]) is first
    texts = [written.json_of(message) for message in messages]
    assert [b'["layer.%d",%d]' % (number, number) in text for number, text in enumerate(texts)] == [True] * len(texts)
    again = written.json_of(messages[0])
    assert again == first
    assert again is not first
