"""Every decoder on what the fuzzer once found, on sound examples and on chance: only its own errors come of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.shapes import JSON, mutate_json
from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).with_name("examples")
FILES = sorted(EXAMPLES.glob("*/*"))
QUICKLY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def test_every_target_has_a_sound_example() -> None:
    assert {path.parent.name for path in FILES if not path.name.startswith("found-")} == TARGETS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
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
