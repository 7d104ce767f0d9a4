"""The short way of single Observations answers as the general way does, and leaves to it whatever differs."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dothi.kernel.errors import DothiError, Unauthenticated
from dothi.protocols.sensorthings.tests.city import lamp

ROOT = "http://city.test"
_NUMBER = re.compile(r"(Observations\(|@iot.id\":|Datastream |address )\d+")
TIME = "2026-01-01T{:02}:{:02}:00Z"
KEY = {"Authorization": "Bearer a.good"}
PLAIN = [
    '{"phenomenonTime":"%s","result":98.5}',
    '{"result":-0,"phenomenonTime":"%s"}',
    '{"phenomenonTime":"%s","result":1e-7,"unknown":[1]}',
    '{"phenomenonTime":"%s","result":"on"}',
    '{"phenomenonTime":"%s","result":[1,{"a":null}]}',
    '{"phenomenonTime":"%s","result":9007199254740993}',
    '{"phenomenonTime":"%s","result":1,"resultTime":"2026-01-02T00:00:00+07:00","parameters":{"a":1}}',
    '{"phenomenonTime":"%s/2026-02-01T00:00:00Z","result":1,"validTime":"2026-01-01T00:00:00Z/2027-01-01T00:00:00Z"}',
]
OTHERS = [
    '{"phenomenonTime":"%s"}',
    '{"phenomenonTime":"%s","result":1e999}',
    '{"phenomenonTime":"%s","result":1',
    '{"phenomenonTime":"%sx","result":1}',
    '{"phenomenonTime":"%s","result":1,"Datastream":{"@iot.id":1}}',
    '{"phenomenonTime":"%s","result":"\\u0000"}',
    '{"phenomenonTime":"%s","result":1,"FeatureOfInterest":{"name":"room","encodingType":"application/geo+json",'
    '"feature":{"type":"Point","coordinates":[106.7,11.0]}}}',
]


class Two:
    """The service with the short way before it and without, over one record."""

    def __init__(self, record: Any, streams: tuple[int, int]) -> None:
        from dothi.core.accounts.types import SYSTEM, Actor  # noqa: PLC0415 (needs Django to be set up)
        from dothi.protocols.door import on_error  # noqa: PLC0415
        from dothi.protocols.sensorthings.frequent import Frequent  # noqa: PLC0415
        from dothi.protocols.sensorthings.routes import routes  # noqa: PLC0415

        async def actor_of(header: str) -> Actor:
            if header == "Bearer a.reader":
                return Actor(kind="key", reference="key:reader")
            if header != KEY["Authorization"]:
                raise Unauthenticated("the key is unknown or revoked")
            return SYSTEM

        async def authenticate(request: Request) -> Actor:
            return await actor_of(request.headers.get("authorization", ""))

        general = Starlette(routes=routes(), exception_handlers={DothiError: on_error})
        general.state.record, general.state.authenticate = record, authenticate
        self.passed_on = 0

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self.passed_on += 1
            await general(scope, receive, send)

        self.streams = streams
        self._apps: tuple[ASGIApp, ASGIApp] = Frequent(counted, record=record, actor_of=actor_of), general

    async def answers(self, body: str | bytes, *, path: str = "", **options: Any) -> list[dict[str, Any]]:
        """Post the same to both, each at its own Datastream; what can't be the same in both is taken out."""
        found = []
        for app, stream in zip(self._apps, self.streams, strict=True):
            transport = httpx.ASGITransport(app=app)
            headers = options.get("headers", KEY)
            address = (path or "/v1.1/Datastreams({})/Observations").format(stream)
            async with httpx.AsyncClient(transport=transport, base_url=options.get("root", ROOT)) as client:
                answer = await client.post(address, content=body, headers=headers)
            text = _NUMBER.sub(r"\1N", answer.text)
            shown = {name: _NUMBER.sub(r"\1N", value) for name, value in answer.headers.items()}
            assert shown.pop("content-length") == str(len(answer.content))
            found.append({"status": answer.status_code, "headers": shown, "text": text})
        return found


@pytest_asyncio.fixture
async def two(record: Any, client: httpx.AsyncClient) -> AsyncIterator[Two]:
    """Both services, with a lamp for each."""
    (_, one), (_, other) = [await lamp(client, number, results=[]) for number in (1, 2)]
    yield Two(record, (one, other))


@pytest.mark.parametrize("body", PLAIN)
async def test_what_is_plain_is_answered_the_same_and_not_passed_on(two: Two, body: str) -> None:
    for prefix in ("/v1.1", "/sensorthings/v1.1"):
        moment = TIME.format(len(prefix), PLAIN.index(body))
        short, general = await two.answers(body % moment, path=prefix + "/Datastreams({})/Observations")
        assert short == general
        assert short["status"] == 201
    assert two.passed_on == 0


@pytest.mark.parametrize("body", OTHERS)
async def test_what_is_not_plain_goes_the_general_way(two: Two, body: str) -> None:
    short, general = await two.answers(body % TIME.format(0, 0))
    assert short == general
    assert two.passed_on == 1


@pytest.mark.parametrize(
    ("options", "status", "passed_on"),
    [
        ({"headers": {}}, 401, 1),
        ({"headers": {"Authorization": "Bearer a.wrong"}}, 401, 0),
        ({"headers": {"Authorization": "Bearer a.reader"}}, 403, 0),
        ({"path": "/v1.1/Datastreams(999999)/Observations"}, 404, 0),
        ({"path": "/v1.1/Datastreams({})/Observations?$top=1"}, 201, 1),
        ({"path": "/v1.1/Datastreams({})/Observations/"}, 404, 1),
        ({"path": "/v1.1/Observations"}, 400, 1),
        ({"root": "http://[::1]:8000"}, 201, 1),
        ({"root": "http://city.test:8000"}, 201, 0),
        ({"headers": KEY | {"Content-Length": "99999"}}, 201, 1),
    ],
)
async def test_who_asks_and_where(two: Two, options: dict[str, Any], status: int, passed_on: int) -> None:
    short, general = await two.answers(PLAIN[0] % TIME.format(0, 0), **options)
    assert short == general
    assert (short["status"], two.passed_on) == (status, passed_on)


async def test_a_body_in_many_parts_is_read_whole(record: Any, two: Two) -> None:
    body = (PLAIN[0] % TIME.format(1, 1)).encode()
    messages = [{"type": "http.request", "body": body[at : at + 7], "more_body": True} for at in range(0, 70, 7)]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", KEY["Authorization"].encode()), (b"content-length", b"%d" % len(body))]
    scope = {
        "type": "http", "method": "POST", "scheme": "http", "query_string": b"",
        "path": f"/v1.1/Datastreams({two.streams[0]})/Observations", "headers": [*headers, (b"host", b"city.test")],
    }  # fmt: skip
    await two._apps[0](scope, receive, send)
    assert sent[0]["status"] == 201


async def test_who_leaves_before_the_body_stores_nothing(record: Any, two: Two) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer a.good"), (b"content-length", b"10"), (b"host", b"city.test")]
    scope = {
        "type": "http", "method": "POST", "scheme": "http", "query_string": b"",
        "path": f"/v1.1/Datastreams({two.streams[0]})/Observations", "headers": headers,
    }  # fmt: skip
    await two._apps[0](scope, receive, send)
    assert sent == []
    assert two.passed_on == 0
