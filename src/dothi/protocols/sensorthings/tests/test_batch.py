"""Many requests in one: JSON and multipart, and groups of which all or nothing is done."""

import json
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx
import pytest

from dothi.core.accounts.types import Actor
from dothi.kernel.events import Event, ObservationsStored, ThingsChanged
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make


async def _batch(client: httpx.AsyncClient, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post("$batch", json={"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["responses"]
    return found


def _post(name: str, url: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "method": "post", "url": url, "body": body} | more


async def test_requests_are_answered_in_order_each_by_itself(client: httpx.AsyncClient) -> None:
    thing, _ = await lamp(client, 1, results=[1])
    answers = await _batch(
        client,
        {"id": "1", "method": "get", "url": f"Things({thing})?$select=name"},
        {"id": "2", "method": "get", "url": "Things(999999)"},
        {"id": "3", "method": "get", "url": "/v1.1/Things/$count"},
        {"id": "4", "method": "patch", "url": f"http://city.test/v1.1/Things({thing})", "body": {"name": "u"}},
        {"id": "5", "method": "delete", "url": f"Things({thing})", "headers": {"If-Match": '"x"'}},
    )
    assert [(answer["id"], answer["status"]) for answer in answers] == [
        ("1", 200), ("2", 404), ("3", 200), ("4", 200), ("5", 412),
    ]  # fmt: skip
    assert answers[0]["body"] == {"name": "lamp 1"}
    assert answers[1]["body"]["code"] == 404
    assert answers[2]["body"] == "1"
    assert (await get(client, f"Things({thing})"))["name"] == "u"


async def test_a_group_builds_on_what_it_has_made(client: httpx.AsyncClient, events: list[Event]) -> None:
    links = {"Thing": {"@iot.id": "$thing"}}
    answers = await _batch(
        client,
        _post("thing", "Things", {"name": "t", "Locations": [location("x")]}, atomicityGroup="g"),
        _post("stream", "Datastreams", datastream("d") | links, atomicityGroup="g"),
        _post("first", "$stream/Observations", {"result": 1}, atomicityGroup="g"),
        _post("second", "$stream/Observations", {"result": 2}, atomicityGroup="g"),
        {"id": "read", "method": "get", "url": "$thing/Datastreams?$expand=Observations", "atomicityGroup": "g"},
    )
    assert [answer["status"] for answer in answers] == [201, 201, 201, 201, 200], answers
    deep = {"name": "d", "Locations": [location("x")], "Datastreams": [datastream("e", Observations=[{"result": 3}])]}
    again = await _batch(
        client,
        _post("1", "Things", deep, atomicityGroup="h"),
        {
            "id": "2",
            "method": "patch",
            "url": "$1",
            "body": {"name": "e"},
            "headers": {"If-Match": "*"},
            "atomicityGroup": "h",
        },
        {"id": "3", "method": "delete", "url": "$1", "atomicityGroup": "h"},
    )
    assert [answer["status"] for answer in again] == [201, 200, 200], again
    (found,) = answers[-1]["body"]["value"]
    assert sorted(one["result"] for one in found["Observations"]) == [1, 2]
    assert len(await ids(client, "Observations")) == 2
    assert {type(event) for event in events} == {ThingsChanged, ObservationsStored}


async def test_a_group_of_which_one_is_refused_leaves_nothing(client: httpx.AsyncClient, events: list[Event]) -> None:
    thing, power = await lamp(client, 1, results=[1])
    events.clear()
    answers = await _batch(
        client,
        _post("1", "Things", {"name": "t"}, atomicityGroup="g"),
        _post("2", f"Datastreams({power})/Observations", {"result": 2}, atomicityGroup="g"),
        {"id": "3", "method": "delete", "url": f"Things({thing})", "atomicityGroup": "g"},
        _post("4", "Things", {"nome": "t"}, atomicityGroup="g"),
        _post("5", "Things", {"name": "apart"}),
        _post("6", "$1/Datastreams", datastream("d")),
        _post("7", "Things", {"name": "late"}, dependsOn=["g"]),
    )
    assert [answer["status"] for answer in answers] == [400, 400, 400, 400, 201, 400, 400]
    assert [thing["name"] for thing in (await get(client, "Things"))["value"]] == ["lamp 1", "apart"]
    assert len(await ids(client, f"Datastreams({power})/Observations")) == 1
    assert len(events) == 1
    again = await _batch(client, _post("1", f"Datastreams({power})/Observations", {"result": 3}))
    assert again[0]["status"] == 201


BAD: list[tuple[Any, str]] = [
    ([], "body"),
    ({"requests": [{"id": "1"}]}, "body"),
    ({"requests": [{"id": "1", "method": "get", "url": "Things"}] * 2}, "requests"),
    ({"requests": [{"id": "1", "method": "TRACE", "url": "Things"}]}, "requests[0].method"),
    ({"requests": [{"id": str(n), "method": "get", "url": "Things"} for n in range(1001)]}, "requests"),
]


@pytest.mark.parametrize(("body", "place"), BAD)
async def test_a_batch_that_is_none(client: httpx.AsyncClient, body: Any, place: str) -> None:
    answer = await client.post("$batch", json=body)
    assert (answer.status_code, answer.json()["place"]) == (400, place), answer.text


async def test_a_batch_reaches_nothing_but_the_service(client: httpx.AsyncClient) -> None:
    for url in ("$batch", "/v1.1/$batch", "/sign-in/", "../../admin/", "http://other.test/secret", "", "?", "//x/y"):
        (answer,) = await _batch(client, {"id": "1", "method": "get", "url": url})
        assert answer["status"] in (400, 404) or "serverSettings" in str(answer["body"]), (url, answer)


async def test_each_request_needs_its_own_permission(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t"})
    reader = Actor(kind="key", reference="key:1", permissions=frozenset({"observations.thing.view"}))

    async def authenticate(_request: object) -> Actor:
        return reader

    client._transport.app.state.authenticate = authenticate  # type: ignore[attr-defined]
    answers = await _batch(
        client,
        {"id": "1", "method": "get", "url": f"Things({thing})"},
        {"id": "2", "method": "delete", "url": f"Things({thing})"},
        {"id": "3", "method": "patch", "url": f"Things({thing})", "body": {"name": "u"}},
        _post("4", "Things", {"name": "u"}),
        _post("5", "CreateObservations", []),
    )
    assert [answer["status"] for answer in answers] == [200, 403, 403, 403, 403]


MULTIPART = """--b
Content-Type: application/http

GET Things({thing})?$select=name HTTP/1.1
Host: city.test

--b
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST Things HTTP/1.1
Content-Type: application/json

{"name": "đèn"}
--c
Content-Type: application/http
Content-ID: 2

POST $1/Datastreams HTTP/1.1
Content-Type: application/json

{stream}
--c--
--b
Content-Type: application/http

GET {last} HTTP/1.1


--b--
"""


def _statuses(message: Message) -> list[Any]:
    if message.get_content_type() == "multipart/mixed":
        return [_statuses(part) for part in message.get_payload() if isinstance(part, Message)]
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return [int(payload.split()[1]), payload.partition(b"\r\n\r\n")[2].decode()]


async def _send(client: httpx.AsyncClient, text: str, **headers: str) -> list[Any]:
    kind = {"Content-Type": "multipart/mixed; boundary=b"} | headers
    answer = await client.post("$batch", content=text.replace("\n", "\r\n").encode(), headers=kind)
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    return _statuses(BytesParser().parsebytes(head + answer.content))


def _text(thing: int, stream: Any, last: str) -> str:
    text = MULTIPART.replace("{thing}", str(thing)).replace("{stream}", json.dumps(stream))
    return text.replace("{last}", last)


async def test_multipart(client: httpx.AsyncClient) -> None:
    thing, _ = await lamp(client, 1, results=[])
    first, changes, last = await _send(client, _text(thing, datastream("d"), "Things?$orderby=id desc&$top=1"))
    assert first == [200, '{"name":"lamp 1"}']
    assert [change[0] for change in changes] == [201, 201]
    assert json.loads(changes[0][1])["name"] == "đèn"
    assert last[0] == 200
    assert (await client.get("Things/$count")).text == "2"


async def test_multipart_stops_at_a_refusal_unless_it_is_to_go_on(client: httpx.AsyncClient) -> None:
    thing, _ = await lamp(client, 1, results=[])
    text = _text(thing, {"name": "bad"}, "Things")
    first, changes = await _send(client, text)
    assert (first[0], changes[0]) == (200, 400)
    *_, last = await _send(client, text, Prefer="continue-on-error")
    assert last[0] == 200
    assert (await client.get("Things/$count")).text == "1"


@pytest.mark.parametrize(
    "text",
    ["", "--b\r\n\r\nx", "--b--", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--", "--b\r\n\r\n\r\n--b--"],
)
async def test_a_multipart_that_is_none(client: httpx.AsyncClient, text: str) -> None:
    for kind in ("multipart/mixed; boundary=b", "multipart/mixed", "multipart/mixed; boundary=", "text/plain"):
        answer = await client.post("$batch", content=text.encode(), headers={"Content-Type": kind})
        assert answer.status_code == 400, answer.text
        assert answer.json()["place"]
