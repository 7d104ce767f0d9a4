"""Any change to the chain shows."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.audit import rules
from dothi.core.audit.types import Entry, Link

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
entries = st.builds(
    Entry,
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    who=st.text(max_size=10),
    what=st.text(max_size=10),
    subject=st.text(max_size=10),
    before=json_values,
    after=json_values,
)


def chain_of(found: list[Entry]) -> list[Link]:
    links: list[Link] = []
    for entry in found:
        links.append(rules.chain(entry, previous=links[-1] if links else rules.GENESIS))
    return links


@given(st.lists(entries, max_size=6))
def test_an_untouched_chain_holds(found: list[Entry]) -> None:
    assert rules.find_break(chain_of(found)) is None


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_a_changed_body_shows_at_its_place(found: list[Entry], data: st.DataObject) -> None:
    links = chain_of(found)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = msgspec.structs.replace(links[place], body=links[place].body + " ")
    assert rules.find_break(links) == place + 1


@given(st.lists(entries, min_size=2, max_size=6), st.data())
def test_a_removed_entry_shows(found: list[Entry], data: st.DataObject) -> None:
    links = chain_of(found)
    place = data.draw(st.integers(0, len(links) - 2))
    del links[place]
    assert rules.find_break(links) == place + 1


def test_an_entry_rewritten_with_its_digest_shows_in_the_next() -> None:
    links = chain_of([Entry(datetime(2026, 1, 1, tzinfo=UTC), "user:1", "a.b.c", "x", after=n) for n in range(3)])
    forged = Entry(datetime(2026, 1, 1, tzinfo=UTC), "user:1", "a.b.c", "x", after="forged")
    links[1] = rules.chain(forged, previous=links[0])
    assert rules.find_break(links) == 3


@pytest.mark.parametrize("hours", [0, 7, -5])
def test_the_zone_of_a_time_does_not_matter(hours: int) -> None:
    moment = datetime.fromisoformat(f"2026-01-01T12:00:00{hours:+03d}:00")
    same = rules.chain(Entry(moment, "w", "a", "s"), previous=rules.GENESIS)
    assert same == rules.chain(Entry(moment.astimezone(UTC), "w", "a", "s"), previous=rules.GENESIS)
