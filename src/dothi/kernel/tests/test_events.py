"""Events come back from the bus as they went onto it."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.kernel import events
from dothi.kernel.events import AlarmsChanged, Event, ObservationRow, ObservationsStored, ProcessState, ThingsChanged

moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.floats(allow_nan=False) | st.none() | st.booleans() | st.text(max_size=5)
rows = st.builds(ObservationRow, st.integers(1, 2**60), st.integers(1, 2**60), moments, numbers)
any_event = st.one_of(
    st.builds(ObservationsStored, writer=st.text(), number=st.integers(1, 2**40), rows=st.lists(rows, max_size=4)),
    st.builds(ThingsChanged, st.lists(st.integers(1, 2**60))),
    st.builds(AlarmsChanged, st.lists(st.integers(1, 2**60))),
    st.builds(ProcessState, process=st.text(), up=st.booleans(), at=moments),
)


@given(any_event)
def test_round_trip(event: Event) -> None:
    assert events.decode(events.encode(event)) == event


@given(st.binary(max_size=60))
def test_noise_is_refused_in_one_way(payload: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        events.decode(b"\xc1" + payload)  # 0xc1 is the one byte that MessagePack never uses


def test_a_service_tells_by_the_bus_of_its_process() -> None:
    told: list[Event] = []
    events.install(told.append)
    events.publish(ThingsChanged([1]))
    events.install(None)
    events.publish(ThingsChanged([2]))
    assert told == [ThingsChanged([1])]
