"""What no honest device sends: a clear refusal that names the place, and not a row more or less in any table."""

import base64
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from pytest_django import Settings
from starlette.applications import Starlette

from dothi.config import environment
from dothi.config.asgi import application
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, NewKey
from dothi.core.observations.models import Datastream, TaskingCapability
from dothi.core.observations.tests.things import RegisterThing
from tests.hostile.tables import count_all

SERVICE = "http://city.test/sensorthings/v1.1/"
MEGABYTE = 1_000_000
PERMISSIONS = (
    "observations.thing.view",
    "observations.thing.create",
    "observations.observation.create",
    "observations.task.create",
)
HUGE = "9" * 400
DEEP = "[" * 100_000
FAR = "2500-01-01T00:00:00Z"
AT_FAR = f'"phenomenonTime": "{FAR}"'
ONE = "Datastreams({stream})/Observations"
ROWS = "CreateObservations"
THINGS = "Things"
TASKS = "TaskingCapabilities({light})/Tasks"


def task(parameters: str, more: str = "") -> str:
    """Write a command."""
    return f'{{{{"taskingParameters": {parameters}{more}}}}}'


def batch(rows: str, stream: str = "{stream}") -> str:
    """Write rows of a time and a result for a Datastream."""
    components = '"components": ["phenomenonTime", "result"]'
    return f'[{{{{"Datastream": {{{{"@iot.id": {stream}}}}}, {components}, "dataArray": [{rows}]}}}}]'


def with_stream(observation: str) -> str:
    """Write a Thing with a Datastream that brings an Observation: nothing of it may be made."""
    return (
        '{{"name": "t", "Datastreams": [{{"name": "d", "observationType": "m", "unitOfMeasurement": {{}},'
        ' "Sensor": {{"name": "s", "encodingType": "t", "metadata": "m"}},'
        ' "ObservedProperty": {{"name": "p", "definition": "d"}}, "Observations": [' + observation + "]}}]}}"
    )


BEYOND = '{{{{"result": 1, "{}": {{{{"@iot.id": 9223372036854775808}}}}}}}}'
ROW = '["2026-01-01T00:00:00Z", 1]'
COLLECTIONS = 'GeometryCollection", "geometries": [{{"type": "' * 300 + "Point"


def at_place(coordinates: str, *, kind: str = "Point") -> str:
    """Write a Thing at a place."""
    closing = "]}}" * kind.count("geometries")
    place = f'{{{{"type": "{kind}", "coordinates": {coordinates}}}}}{closing}'
    return (
        '{{"name": "t", "Locations": [{{"name": "l", "encodingType": "application/geo+json", "location": '
        + place
        + "}}]}}"
    )


def at_past(time: str) -> str:
    """Write a Thing with a past place."""
    return '{{"name": "t", "HistoricalLocations": [{{"time": ' + time + ', "Locations": []}}]}}'


REFUSED: list[tuple[str, str, bytes | str, int, str]] = [
    ("NaN", ONE, '{{"result": NaN}}', 400, "body"),
    ("NaN deep", THINGS, '{{"name": "x", "properties": {{"a": NaN}}}}', 400, "body"),
    ("infinite", ONE, '{{"result": -Infinity}}', 400, "body"),
    ("too large a number", ONE, f'{{{{"result": {HUGE}}}}}', 400, "result"),
    ("too large an exponent", ONE, '{{"result": 1e400}}', 400, "result"),
    ("too large a number in an array", ONE, f'{{{{"result": [{HUGE}, 1e400]}}}}', 400, "result"),
    ("no zone", ONE, '{{"result": 1, "phenomenonTime": "2026-01-01T00:00:00"}}', 400, "phenomenonTime"),
    ("year 0", ONE, '{{"result": 1, "phenomenonTime": "0000-01-01T00:00:00Z"}}', 400, "phenomenonTime"),
    ("year 1", ONE, '{{"result": 1, "phenomenonTime": "0001-01-01T00:00:00+14:00"}}', 400, "phenomenonTime"),
    ("too far ahead", ONE, f'{{{{"result": 1, "phenomenonTime": "{FAR}"}}}}', 400, "phenomenonTime"),
    ("no text of a time", ONE, '{{"result": 1, "phenomenonTime": 20260101}}', 400, "$.phenomenonTime"),
    ("no UTF-8", ONE, b'{"result": "\xff"}', 400, "result"),
    ("no UTF-8 in a name", THINGS, b'{"name": "\xc3"}', 400, "body"),
    ("half a character", ONE, r'{{"result": "\ud800"}}', 400, "body"),
    ("NUL", ONE, r'{{"result": "a\u0000"}}', 400, "result"),
    ("NUL in a name", THINGS, r'{{"name": "a\u0000"}}', 400, ""),
    ("nested deep", ONE, f'{{{{"result": {DEEP}', 400, "body"),
    ("nested deep and closed", ONE, '{{"result": ' + "[" * 500 + "]" * 500 + "}}", 400, "result"),
    ("nested deep in a Thing", THINGS, '{{"name": "x", "properties": ' + DEEP, 400, "body"),
    ("cut off", ONE, '{{"result": 1', 400, "body"),
    ("nothing", ONE, "", 400, "body"),
    ("no Datastream", "Datastreams(999999999)/Observations", '{{"result": 1}}', 404, ""),
    ("a Datastream of no number", "Datastreams(99999999999999999999)/Observations", '{{"result": 1}}', 404, ""),
    ("a Datastream beyond int8", "Observations", BEYOND.format("Datastream"), 400, "$.Datastream.@iot.id"),
    ("a feature beyond int8", ONE, BEYOND.format("FeatureOfInterest"), 400, "$.FeatureOfInterest.@iot.id"),
    ("a batch's Datastream beyond int8", ROWS, batch(ROW, str(2**63)), 400, "$[0].Datastream.@iot.id"),
    ("a past place of year 1", THINGS, at_past('"0001-01-01T00:00:00+14:00"'), 400, "HistoricalLocations[0]/time"),
    ("a past place without a zone", THINGS, at_past('"2026-01-01T00:00:00"'), 400, "HistoricalLocations[0]/time"),
    ("a place far away", THINGS, at_place("[181, 0]"), 400, "Locations[0]/location"),
    ("a place of 10^400", THINGS, at_place("[1e400, 0]"), 400, "Locations[0]/location"),
    ("a place of a huge number", THINGS, at_place(f"[{HUGE}, 0]"), 400, "Locations[0]/location"),
    ("a place that is none", THINGS, at_place('["a", null]'), 400, "Locations[0]/location"),
    ("a place without numbers", THINGS, at_place("[]"), 400, "Locations[0]/location"),
    ("a place nested deep", THINGS, at_place("[" * 900 + "]" * 900), 400, "Locations[0]/location"),
    ("places within places", THINGS, at_place("[]", kind=COLLECTIONS), 400, "Locations[0]/location"),
    ("no Datastream in a body", "Observations", '{{"result": 1, "Datastream": {{"@iot.id": 9}}}}', 400, "Datastream"),
    ("a Datastream without a Thing", "Observations", '{{"result": 1, "Datastream": {{"name": "d"}}}}', 400, "Thing"),
    ("an Observation's NUL", THINGS, with_stream(r'{{"result": "\u0000"}}'), 400, "result"),
    ("an Observation's year", THINGS, with_stream(f'{{{{"result": 1, {AT_FAR}}}}}'), 400, "phenomenonTime"),
    ("an Observation's number", THINGS, with_stream(f'{{{{"result": {HUGE}}}}}'), 400, "result"),
    ("a million rows", ROWS, batch(",".join(['["2026-01-01T00:00:00Z",1]'] * 1_000_000)), 400, "dataArray"),
    ("a row too far ahead", ROWS, batch(f'["2026-01-01T00:00:00Z", 1], ["{FAR}", 1]'), 400, "phenomenonTime"),
    ("a batch that is none", ROWS, '{{"dataArray": []}}', 400, "body"),
    ("a batch of no Datastream", ROWS, '[{{"components": ["result"], "dataArray": [[1]]}}]', 400, "$[0].Datastream"),
    ("a command's NaN", TASKS, task('{{"a": NaN}}'), 400, "body"),
    ("a command's number", TASKS, task('{{"a": 1e400}}'), 400, "$.taskingParameters[...]"),
    ("a command's NUL", TASKS, task(r'{{"a": "\u0000"}}'), 400, "taskingParameters"),
    ("a command's NUL in a key", TASKS, task(r'{{"a\u0000": 1}}'), 400, "taskingParameters"),
    ("a command's half character", TASKS, task(r'{{"a": "\ud800"}}'), 400, "body"),
    ("a command nested deep", TASKS, task('{{"a": ' + DEEP), 400, "body"),
    ("a large command", TASKS, task('{{"a": "' + "x" * 70_000 + '"}}'), 400, "taskingParameters"),
    ("a command of year 1", TASKS, task("{{}}", ', "deadline": "0001-01-01T00:00:00+14:00"'), 400, "deadline"),
    ("a command of year 9999", TASKS, task("{{}}", ', "deadline": "9999-12-31T23:59:59-14:00"'), 400, "deadline"),
    ("a command without a zone", TASKS, task("{{}}", ', "deadline": "2026-01-01T00:00:00"'), 400, "deadline"),
    ("a command of no capability", "TaskingCapabilities(999999999)/Tasks", task("{{}}"), 404, ""),
    (
        "a command of a capability beyond all numbers",
        "Tasks",
        task("{{}}", ', "TaskingCapability": {{"@iot.id": 9999999999999999999}}'),
        400,
        "$.TaskingCapability.@iot.id",
    ),
    ("a batch's number", ROWS, batch('["2026-01-01T00:00:00Z", 1e400]'), 400, "$[0].dataArray[0][1]"),
]  # fmt: skip
"""What it is, where it goes, the body (a text is a format), and the status and place of the refusal."""


@pytest_asyncio.fixture
async def app(database_url: str, settings: Settings) -> AsyncIterator[Starlette]:
    """The application of `web` on a running record; its hub is closed, and no broker is there."""
    settings.VISITOR_ROLE = ""
    made = application(msgspec.structs.replace(environment.read(), database_url=database_url))
    await made.state.record.start()
    made.state.hub.close()
    yield made
    await made.state.record.stop()


@pytest_asyncio.fixture
async def key(app: Starlette) -> NewKey:
    return await sync_to_async(accounts.create_key)(SYSTEM, name="test", permissions=PERMISSIONS)


@pytest_asyncio.fixture
async def client(app: Starlette, key: NewKey) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {key.token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SERVICE, headers=headers) as found:
        yield found


@pytest_asyncio.fixture
async def stream(app: Starlette, register_thing: RegisterThing) -> int:
    def register() -> int:
        thing = register_thing("lamp", kind="Streetlight", readings={"power": (0, "W")}, capabilities={"light": {}})
        return int(Datastream.objects.get(thing_id=thing).pk)

    return await sync_to_async(register)()


def noise(size: int) -> str:
    """Make a text that no compression makes shorter."""
    return base64.b85encode(random.Random(size).randbytes(size)).decode()[:size]


def check(answer: httpx.Response, status: int, place: str) -> None:
    """See that a refusal has its form."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert (body["code"], body["type"], body.get("place", "")) == (status, "error", place), body
    assert body["message"]
    assert len(answer.content) < 2000


async def test_hostile_input_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, stream: int, subtests: pytest.Subtests
) -> None:
    light = (await TaskingCapability.objects.aget()).pk
    before = await count_all()
    assert before["observations_thing"] == 1
    for name, path, body, status, place in REFUSED:
        with subtests.test(name):
            content = body.format(stream=stream).encode() if isinstance(body, str) else body
            check(await client.post(path.format(stream=stream, light=light), content=content), status, place)
            assert await count_all() == before


async def test_a_body_of_100_megabytes_is_refused_before_it_is_read(client: httpx.AsyncClient, stream: int) -> None:
    before = await count_all()
    for path, limit in ((THINGS, 2), (ONE, 2), (ROWS, 64)):
        sent = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(100):
                sent += 1
                yield b" " * MEGABYTE

        check(await client.post(path.format(stream=stream), content=body()), 413, "body")
        assert sent <= limit + 2
        sent = 0
        said = {"Content-Length": str(100 * MEGABYTE)}
        check(await client.post(path.format(stream=stream), content=body(), headers=said), 413, "body")
        assert sent <= 1
    assert await count_all() == before


async def test_a_row_that_is_wrong_is_answered_in_its_place(client: httpx.AsyncClient, stream: int) -> None:
    wrong = ['["2026-01-01T00:00:00", 1]', '["0000-01-01T00:00:00Z", 1]', r'["2026-01-01T00:00:00Z", "\u0000"]', "[1]"]
    before = await count_all()
    answer = await client.post(ROWS, content=batch(", ".join(wrong)).format(stream=stream))
    assert (answer.status_code, len(answer.json())) == (201, len(wrong))
    assert all(text.startswith("error: ") for text in answer.json())
    unknown = await client.post(ROWS, content=batch('["2026-01-01T00:00:00Z", 1]', "999999999").format())
    assert unknown.json() == ["error: there is no such Datastream"]
    assert await count_all() == before


async def test_a_revoked_key_does_nothing(client: httpx.AsyncClient, key: NewKey, stream: int) -> None:
    assert (await client.get(f"Datastreams({stream})")).status_code == 200
    await sync_to_async(accounts.revoke_key)(SYSTEM, key_id=key.id)
    before = await count_all()
    for path in (THINGS, ONE, ROWS):
        answer = await client.post(path.format(stream=stream), json={"name": "x", "result": 1})
        check(answer, 401, "")
        assert "WWW-Authenticate" in answer.headers
    assert await count_all() == before


async def test_what_is_not_there_and_what_is_not_done_are_told_apart(client: httpx.AsyncClient, stream: int) -> None:
    before = await count_all()
    for prefix in (SERVICE, "http://city.test/v1.1/"):
        for path in (
            "Nothing",
            "Things(0)",
            "Things(1)/Nothing",
            "Datastreams(x)",
            "%00",
            "%ff",
            "Things(%0A)",
            "Things/../users",
        ):
            check(await client.get(prefix + path), 404, "")
        check(await client.request("OPTIONS", f"{prefix}Datastreams({stream})"), 405, "")
        for method in ("PUT", "PATCH", "DELETE"):
            check(await client.request(method, f"{prefix}Datastreams({stream})", json={"name": "x"}), 403, "")
            check(await client.request(method, f"{prefix}Observations(1)", json={"result": 1}), 403, "")
    assert await count_all() == before


@pytest.mark.parametrize(
    "headers",
    [
        {b"Authorization": b"Basic " + base64.b64encode(b"a\0b:c")},
        {b"Authorization": b"Basic \xe1\xba\xbf"},
        {b"Authorization": b"Basic " + base64.b64encode(b"\xff:\xff")},
        {b"Authorization": b"Bearer " + b"a" * 10_000},
        {b"Authorization": b"Bearer a.\xff"},
        {b"Authorization": b"Bearer"},
        {b"Cookie": rb'sessionid="aaaaaaaa\000"'},
        {b"Cookie": b"sessionid=" + b"a" * 8_000},
    ],
)
async def test_a_key_or_session_that_is_none_is_nobodys(
    client: httpx.AsyncClient, stream: int, headers: dict[bytes, bytes]
) -> None:
    client.headers.pop("Authorization")
    before = await count_all()
    for path in (THINGS, ONE, ROWS):
        check(await client.post(path.format(stream=stream), content=b"{}", headers=headers), 401, "")
    page = await client.get("http://localhost/", headers=headers, follow_redirects=False)
    assert page.status_code < 500
    assert await count_all() == before


async def test_words_of_any_length_that_fit_are_taken_and_others_refused(
    client: httpx.AsyncClient, stream: int
) -> None:
    """Indexes have a largest row: what does not fit is a refusal, and no word of a database that is away."""
    for size in (9_000, 500_000):
        for body in ({"name": noise(size)}, {"name": "n", "properties": {"source": noise(size), noise(size): 1}}):
            answer = await client.post(THINGS, json=body)
            assert answer.status_code in (201, 400), answer.text[:500]
