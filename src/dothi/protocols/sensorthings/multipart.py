"""A batch as multipart (OData 4.0, Part 1, 11.7): requests as `application/http`, changesets as multiparts within."""

import secrets
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from itertools import groupby
from typing import Final

from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings.batch import Answer, Part, check

_KIND: Final = "multipart/mixed"


def read(body: bytes, content_type: str) -> list[Part]:
    """Read a batch. Raises InvalidInput that names the part at fault."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if message.get_content_type() != _KIND or not message.is_multipart():
        raise InvalidInput("the body is no multipart of the boundary that its type names", place="body")
    return check(list(_parts(message)))


def _parts(message: Message) -> Iterator[Part]:
    for number, part in enumerate(_members(message)):
        if part.get_content_type() == _KIND:
            for inner, change in enumerate(_members(part)):
                yield _request(change, f"[{number}][{inner}]", group=f"{number}")
        else:
            yield _request(part, f"[{number}]", group="")


def _members(message: Message) -> list[Message]:
    found = message.get_payload()
    if not isinstance(found, list):
        raise InvalidInput("a multipart has no parts", place="body")
    return [part for part in found if isinstance(part, Message)]


def _request(part: Message, place: str, *, group: str) -> Part:
    """Read one part as a request."""
    if part.get_content_type() != "application/http":
        raise InvalidInput("a part is application/http, or a changeset", place=place)
    payload = part.get_payload(decode=True)
    text = payload.lstrip() if isinstance(payload, bytes) else b""
    line, _, rest = text.replace(b"\r\n", b"\n").partition(b"\n")
    method, _, url = line.decode("utf-8", "replace").strip().partition(" ")
    url = url.strip()
    if url.rpartition(" ")[2].upper().startswith("HTTP/"):
        url = url.rpartition(" ")[0].strip()
    if not url:
        raise InvalidInput("a part begins with METHOD ADDRESS HTTP/1.1", place=place)
    if rest.startswith(b"\n"):
        head, content = b"", rest[1:]
    else:
        head, _, content = rest.partition(b"\n\n")
    headers = dict(_headers(head))
    number = part.get("Content-ID") or headers.pop("content-id", "")
    return Part(
        id=str(number).strip().strip("<>"),
        method=method.upper(),
        url=url,
        headers={"content-type": "application/json", **headers},
        body=content.strip(),
        group=group,
    )


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def write(answers: Sequence[Answer]) -> tuple[bytes, str]:
    """Write the answers to a batch, and give the type that names their boundary.

    A changeset that was refused has one answer, as nothing of it stands.
    """
    mark = f"batch_{secrets.token_hex(12)}"
    parts: list[bytes] = []
    for group, members in groupby(answers, key=lambda answer: answer.part.group):
        found = list(members)
        if not group:
            parts += [_answer(answer) for answer in found]
        elif found[0].status >= 400:
            parts.append(_answer(found[0]))
        else:
            inner = f"changeset_{secrets.token_hex(12)}"
            head = f"Content-Type: {_KIND}; boundary={inner}\r\n\r\n".encode()
            parts.append(head + _joined([_answer(answer) for answer in found], inner))
    return _joined(parts, mark), f"{_KIND}; boundary={mark}"


def _joined(parts: Sequence[bytes], mark: str) -> bytes:
    boundary = f"--{mark}".encode()
    return b"".join(boundary + b"\r\n" + part + b"\r\n" for part in parts) + boundary + b"--\r\n"


def _answer(answer: Answer) -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if answer.part.id:
        lines.append(f"Content-ID: {answer.part.id}")
    lines += ["", f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items() if name != "content-length"]
    lines.append(f"content-length: {len(answer.body)}")
    return "\r\n".join([*lines, "", ""]).encode() + answer.body
