"""Every decoder on what the fuzzer once found, on sound examples and on chance: only its own errors come of it."""

from contextlib import nullcontext
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.protocols.sensorthings import bodies
from tests.fuzz import targets
from tests.fuzz.shapes import JSON, mutate_json
from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).with_name("examples")
FILES = sorted(EXAMPLES.glob("*/*"))
QUICKLY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


ASKED_OF_MANY: Final = ("live_view", "options", "question")
"""Targets that ask one text of several sets, of which some must refuse it."""


def is_sound(path: Path) -> bool:
    """Tell whether an example is one that its decoder takes."""
    return not path.name.startswith("found-") and path.parent.name not in ASKED_OF_MANY


def name_of(path: Path) -> str:
    """Say which example a file is."""
    return f"{path.parent.name}/{path.name}"


def test_every_target_has_a_sound_example() -> None:
    assert {path.parent.name for path in FILES if not path.name.startswith("found-")} == TARGETS.keys()


@pytest.mark.parametrize("path", [path for path in FILES if is_sound(path)], ids=name_of)
def test_what_is_sound_is_not_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzer that begins with what is refused at once finds nothing."""
    monkeypatch.setattr(targets, "_refused", nullcontext())
    TARGETS[path.parent.name](path.read_bytes())


def test_there_is_an_example_of_each_entity() -> None:
    assert {path.name for path in FILES if path.parent.name == "entity" and is_sound(path)} == bodies._KINDS.keys()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_examples_and_what_was_found(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", sorted(TARGETS))
@QUICKLY
@given(data=st.data())
def test_noise(name: str, data: st.DataObject) -> None:
    """Bytes of any kind, and examples with a part replaced."""
    example = data.draw(st.sampled_from([path for path in FILES if path.parent.name == name])).read_bytes()
    start = data.draw(st.integers(0, len(example)))
    end = data.draw(st.integers(start, len(example)))
    TARGETS[name](example[:start] + data.draw(st.binary(max_size=30)) + example[end:])


@pytest.mark.parametrize("name", JSON)
@QUICKLY
@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 4), choice=st.integers(0, 100))
def test_json_with_a_value_where_another_belongs(name: str, seed: int, rounds: int, choice: int) -> None:
    own = [path for path in FILES if path.parent.name == name]
    example = own[choice % len(own)].read_bytes()
    for number in range(rounds):
        example = mutate_json(example, 100_000, seed + number, lambda data, _most: data)
    TARGETS[name](example)
