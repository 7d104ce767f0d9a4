"""Where Things are after many moves, against a model that goes through them one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.entities.gathered import Move, settle

START = datetime(2030, 1, 1, tzinfo=UTC)
times = st.integers(0, 5).map(lambda hours: START + timedelta(hours=hours))
moves = st.builds(
    Move,
    thing_id=st.integers(1, 3),
    location_ids=st.lists(st.integers(1, 4), max_size=2),
    time=times,
    is_past=st.booleans(),
)


@given(st.lists(moves, max_size=12), st.dictionaries(st.integers(1, 3), times))
def test_moves_settle_as_if_each_were_made_by_itself(given_moves: list[Move], newest: dict[int, datetime]) -> None:
    history = {thing_id: [time] for thing_id, time in newest.items()}
    places: dict[int, list[int]] = {}
    for move in given_moves:
        known = history.setdefault(move.thing_id, [])
        is_newest = not any(time > move.time for time in known)
        if not move.is_past or (is_newest and move.location_ids):
            places[move.thing_id] = list(move.location_ids)
        known.append(move.time)
    assert settle(given_moves, newest) == places
