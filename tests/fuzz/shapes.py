"""Changes JSON and lines of text where a fuzzer that knows bytes alone would only break them."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

JSON: Final = ("configuration", "entity", "observation", "observation_deep", "observation_rows", "unit")
"""The decoders of JSON."""
Mutate = Callable[[bytes, int], bytes]
"""libFuzzer's own way to change bytes: data and its largest size."""

HOSTILE: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**53, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30, 10**400,
    0.1, -0.0, 1e308, 5e-324, float("nan"), float("inf"),
    "", " ", "\0", "a\0b", "\ud800", "\U0010ffff", "á" * 300, "x" * 20_000, "{key}", "%Y", "@iot.id", "null",
    "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-W01-1T00:00:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00+23:59:59.5",
    "2500-01-01T00:00:00Z", "1900-01-01T00:00:00Z/1899-01-01T00:00:00Z", "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z",
    "2016-12-31T23:59:60Z", "20260101T000000Z",
    [], {}, [[]], [None], {"": 0}, {"@iot.id": 1}, {"@iot.id": 2**63}, {"@iot.id": 10**30}, {"@iot.id": 0},
    {"type": "Point", "coordinates": [1, 2]}, {"type": "Point", "coordinates": []}, {"type": "Point"},
)  # fmt: skip


def mutate_json(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Change one place of a JSON text, or its bytes where it is none; a line before it that chooses is kept."""
    chance = random.Random(seed)
    start = data.find(b"\n") + 1 if data[:1].isalpha() else 0
    try:
        value = json.loads(data[start:])
    except (ValueError, RecursionError):
        return mutate(data, most)
    if chance.random() < 0.2:
        return mutate(data, most)
    for _ in range(chance.randrange(1, 4)):
        value = _change(value, chance)
    made = data[:start] + json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return made[:most]


def _change(value: Any, chance: random.Random) -> Any:
    """Give the value with one place of it changed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value))
        what = chance.random()
        if what < 0.1:
            return {other: inner for other, inner in value.items() if other != key}
        if what < 0.2:
            return value | {chance.choice(sorted(value)): value[key]}
        return value | {key: _change(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        what = chance.random()
        if what < 0.1:
            return value[:place] + value[place + 1 :]
        if what < 0.2:
            return [*value, value[place]]
        return [*value[:place], _change(value[place], chance), *value[place + 1 :]]
    if chance.random() < 0.1:
        return [value]
    return chance.choice(HOSTILE)
