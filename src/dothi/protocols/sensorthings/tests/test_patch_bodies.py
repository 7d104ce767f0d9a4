"""Whatever comes as a change of an Observation: what it is to be, or a refusal, and nothing else."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings import changing

DOCUMENT = json.dumps(
    {
        "@iot.id": 7,
        "phenomenonTime": "2026-11-22T00:00:00Z",
        "resultTime": None,
        "result": 1.5,
        "parameters": {"a": [1, {"b": 2}]},
        "Datastream": {"@iot.id": 3},
    }
).encode()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from(
    ["/result", "/parameters/a/0", "/parameters/a/-", "/parameters/a/1/b", "/@iot.id", "", "x", "/~2"]
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]) | VALUES,
        "path": PATHS | VALUES,
        "from": PATHS | VALUES,
        "value": VALUES,
    },
)
FIELDS = st.sampled_from(["result", "phenomenonTime", "parameters", "Datastream", "resultQuality", "validTime", "x"])
BODIES = (
    st.binary(max_size=60)
    | st.lists(OPERATIONS, max_size=4).map(lambda each: json.dumps(each).encode())
    | st.dictionaries(FIELDS, VALUES, max_size=4).map(lambda each: json.dumps(each).encode())
)


@pytest.mark.parametrize("kind", ["application/json-patch+json", "application/merge-patch+json", "application/json"])
@given(body=BODIES)
def test_any_change_is_an_observation_or_a_refusal(kind: str, body: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        changing.amendment(7, body, changing.how_of("PATCH", kind))(DOCUMENT)
