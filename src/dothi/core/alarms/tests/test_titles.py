"""Titles, and places in the queue as texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.alarms.rules import paging
from dothi.core.alarms.rules.titles import title_of
from dothi.core.alarms.tests.raising import START
from dothi.kernel.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Phase {key} lost: {members} lamps out", "Phase B lost: 57 lamps out"),
        ("Phase lost", "Phase lost · B"),
    ],
)
def test_a_title_names_what_the_alarm_is_about(name: str, title: str) -> None:
    assert title_of(name, key="B", members="57") == title


def test_a_title_without_a_key_is_the_name() -> None:
    assert title_of("Lamp out", key="", members="0") == "Lamp out"


@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 2**63 - 1))
def test_a_place_is_read_as_it_was_written(priority: int, rank: int, number: int) -> None:
    place = paging.Position(priority, rank, START, number)
    assert paging.read(paging.write(place)) == place


@given(st.text(min_size=1))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        paging.read(text)
