"""Whatever bytes come as a batch: requests, or a refusal that names the place, and nothing else."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings import batch, multipart

MARKS = st.sampled_from(["b", "", "b" * 71, '"b', "b\r\n", "ü"])
PIECES = st.sampled_from(
    [
        b"--b\r\n",
        b"--b--\r\n",
        b"--c\r\n",
        b"\r\n",
        b"Content-Type: application/http\r\n",
        b"Content-Type: multipart/mixed; boundary=c\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-ID: 1\r\n",
        b"GET /v1.1/Things HTTP/1.1\r\n",
        b"POST Things HTTP/1.1\r\n",
        b"PATCH $1\r\n",
        b"Host: x\r\n",
        b'{"name": "x"}',
        b"\xff\xfe",
        b"\0",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "id": VALUES,
        "method": st.sampled_from(["get", "post", "patch", "delete", "x", ""]) | VALUES,
        "url": st.sampled_from(["Things", "/v1.1/Things", "$1/Datastreams", "http://x/"]) | VALUES,
        "body": VALUES,
        "headers": VALUES,
        "atomicityGroup": VALUES,
        "dependsOn": VALUES,
    },
)


@given(st.binary(max_size=200) | st.lists(PIECES, max_size=14).map(b"".join), MARKS)
@example(b"--b\r\nContent-Type: multipart/mixed\r\n\r\n--b--", "b")
def test_any_multipart_is_requests_or_a_refusal(body: bytes, mark: str) -> None:
    try:
        parts = multipart.read(body, f"multipart/mixed; boundary={mark}")
    except InvalidInput:
        return
    assert all(isinstance(part, batch.Part) for part in parts)


@given(
    st.binary(max_size=100) | st.lists(REQUESTS, max_size=4).map(lambda each: json.dumps({"requests": each}).encode())
)
def test_any_json_is_requests_or_a_refusal(body: bytes) -> None:
    try:
        parts: list[Any] = batch.read_json(body)
    except InvalidInput:
        return
    assert all(isinstance(part, batch.Part) for part in parts)


@given(st.lists(REQUESTS, max_size=4))
def test_any_requests_are_told_apart_or_refused(asked: list[dict[str, object]]) -> None:
    try:
        parts = batch.check(batch.read_json(json.dumps({"requests": asked}).encode()))
    except InvalidInput:
        return
    assert len({part.id for part in parts}) == len(parts)
