"""Many requests in one (OGC 18-088, clause 11): as JSON after OData 4.01, or as multipart after OData 4.0."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from dothi.kernel.errors import DothiError, InvalidInput
from dothi.protocols.door import refusal
from dothi.protocols.sensorthings.versions import PREFIXES

MAX_REQUESTS: Final = 1_000
"""How many requests one batch may hold."""
MAX_BYTES: Final = 16_000_000
"""The largest batch, in bytes."""
MAX_ANSWER_BYTES: Final = 64_000_000
"""Once the answers are larger, what is still to come is refused."""
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REFERENCE: Final = re.compile(r"^/?\$([\w.-]+)(?=/|$)")
_LINK: Final = re.compile(rb'("@iot\.id"\s*:\s*)"\$([\w.-]+)"')


class Part(msgspec.Struct, frozen=True):
    """One request of a batch; those of one `group`, where it has a name, are carried out all or none."""

    id: str
    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    group: str = ""
    after: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """The answer to one request; header names are in lower case."""

    part: Part
    status: int
    headers: Mapping[str, str]
    body: bytes


Carry = Callable[[Part], Awaitable[Answer]]
"""Carries one request out."""
Undivided = Callable[[], Any]
"""Gives what makes of all that is done inside of it one."""


class GroupFailedError(Exception):
    """A request of a group was refused: nothing of the group stands."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.part.id)
        self.answer = answer


async def carry_out(parts: Sequence[Part], carry: Carry, undivided: Undivided, *, goes_on: bool) -> list[Answer]:
    """Carry out the requests of a batch in order, and give the answer to each.

    Requests of one group that follow each other are one: the refusal of one is the refusal of all. After a refusal the
    rest is left out, unless `goes_on`. A request that is to come `after` one that was refused is refused.
    """
    done = _Done()
    for group, found in groupby(parts, key=lambda part: part.group):
        members = list(found)
        if group:
            answers = await _together(members, done, carry, undivided)
        else:
            answers = await _each(members, done, carry, goes_on)
        done.answers += answers
        if not goes_on and any(answer.status >= 400 for answer in answers):
            break
    return done.answers


class _Done:
    """What has been answered so far, and where that was made which later requests may name by `$id`."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.made: dict[str, str] = {}
        self.failed: set[str] = set()
        self._size = 0

    def note(self, answer: Answer) -> None:
        """Remember an answer."""
        self._size += len(answer.body)
        if answer.status >= 400:
            self.failed.update({answer.part.id, answer.part.group} - {""})
        elif "location" in answer.headers:
            self.made[answer.part.id] = answer.headers["location"]

    def ready(self, part: Part) -> Part:
        """Put addresses in place of what names requests before. Raises InvalidInput for one that made nothing."""
        if self._size > MAX_ANSWER_BYTES:
            raise InvalidInput("the answers before are as large as a batch may give", place=part.id)
        if failed := self.failed.intersection(part.after):
            raise InvalidInput(f"what it depends on was refused: {', '.join(sorted(failed))}", place="dependsOn")
        found = _REFERENCE.match(part.url)
        url = part.url if found is None else self._made(found[1]) + part.url[found.end() :]
        body = _LINK.sub(lambda match: match[1] + self._number(match[2].decode()), part.body)
        return msgspec.structs.replace(part, url=url, body=body)

    def _made(self, name: str) -> str:
        if name not in self.made:
            raise InvalidInput(f"no request named {name} has made anything before", place=f"${name}")
        return self.made[name]

    def _number(self, name: str) -> bytes:
        return self._made(name).rpartition("(")[2].rstrip(")").encode()


async def _each(members: Iterable[Part], done: _Done, carry: Carry, goes_on: bool) -> list[Answer]:
    answers: list[Answer] = []
    for part in members:
        answers.append(await _one(part, done, carry))
        if answers[-1].status >= 400 and not goes_on:
            break
    return answers


async def _one(part: Part, done: _Done, carry: Carry) -> Answer:
    try:
        answer = await carry(done.ready(part))
    except DothiError as error:
        answer = refused(part, error)
    answer = msgspec.structs.replace(answer, part=part)
    done.note(answer)
    return answer


async def _together(members: list[Part], done: _Done, carry: Carry, undivided: Undivided) -> list[Answer]:
    """Carry a group out, all or none; where it fails each gets the answer of the one that was refused."""
    answers: list[Answer] = []
    made = dict(done.made)
    try:
        async with undivided():
            for part in members:
                answers.append(await _one(part, done, carry))
                if answers[-1].status >= 400:
                    raise GroupFailedError(answers[-1])
    except (GroupFailedError, DothiError) as error:
        failure = error.answer if isinstance(error, GroupFailedError) else refused(members[0], error)
        done.made = made
        answers = [msgspec.structs.replace(failure, part=part) for part in members]
        done.failed.update(part.id for part in members)
    return answers


def refused(part: Part, error: DothiError) -> Answer:
    """Give the answer that an error is."""
    found = refusal(error)
    return Answer(part, found.status_code, dict(found.headers), bytes(found.body))


def target(url: str, prefix: str) -> tuple[str, str]:
    """Give the path and the query that a request goes to; below the service's own root alone.

    Raises InvalidInput for another place.
    """
    parts = urlsplit(url)
    path = parts.path if url.startswith(("/", "http://", "https://")) else f"{prefix}/{parts.path}"
    if path.startswith("/") and not path.startswith(PREFIXES):
        path = prefix + path
    if path.rstrip("/").endswith("/$batch"):
        raise InvalidInput("a batch holds no batch", place="url")
    return path, parts.query


class _Request(msgspec.Struct):
    id: str | int
    method: str
    url: str
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw()
    group: str | int = msgspec.field(name="atomicityGroup", default="")
    after: list[str | int] = msgspec.field(name="dependsOn", default_factory=list)


class _Batch(msgspec.Struct):
    requests: list[_Request]


_batch: Final = msgspec.json.Decoder(_Batch)


def read_json(body: bytes) -> list[Part]:
    """Read a batch in JSON. Raises InvalidInput that names the request at fault."""
    try:
        given: _Batch = _batch.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"not the JSON of a batch: {error}", place="body") from error
    return check([_of_json(request, number) for number, request in enumerate(given.requests)])


def _of_json(request: _Request, number: int) -> Part:
    body = bytes(request.body)
    if body[:1] == b'"' and "json" not in request.headers.get("content-type", "json").lower():
        body = msgspec.json.decode(body).encode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Part(
        id=str(request.id),
        method=request.method.upper(),
        url=request.url,
        headers=headers if "content-type" in headers else {**headers, "content-type": "application/json"},
        body=b"" if body == b"null" else body,
        group=str(request.group),
        after=tuple(map(str, request.after)),
    )


def check(parts: list[Part]) -> list[Part]:
    """Give the requests of a batch. Raises InvalidInput where they are too many, or not told apart."""
    if len(parts) > MAX_REQUESTS:
        raise InvalidInput(f"more than {MAX_REQUESTS} requests in one batch", place="requests")
    names = [part.id for part in parts if part.id]
    if len(set(names)) < len(names):
        raise InvalidInput("two requests have the same id", place="requests")
    for number, part in enumerate(parts):
        if part.method not in METHODS:
            raise InvalidInput(f"{part.method[:20]} is not known in a batch", place=f"requests[{number}].method")
    return parts


def write_json(answers: Sequence[Answer]) -> bytes:
    """Write the answers to a batch in JSON."""
    return msgspec.json.encode({"responses": [_to_json(answer) for answer in answers]})


def _to_json(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = {"id": answer.part.id, "status": answer.status}
    if answer.part.group:
        found["atomicityGroup"] = answer.part.group
    found["headers"] = {name: value for name, value in answer.headers.items() if name != "content-length"}
    if answer.body:
        is_json = "json" in answer.headers.get("content-type", "")
        found["body"] = msgspec.Raw(answer.body) if is_json else answer.body.decode("utf-8", "replace")
    return found
