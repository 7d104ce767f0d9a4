"""What each machine key may do at the devices' broker, kept by mosquitto's dynamic security plugin."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from dothi.kernel.errors import Unavailable
from dothi.protocols.mqtt.connection import Connection

CONTROL: Final = "$CONTROL/dynamic-security/v1"
PATIENCE_S: Final = 10.0
ANSWERS: Final = "devices/"
"""Below this, followed by its key's id, a device may ask for answers: the response topics of MQTT 5."""

Command = Mapping[str, object]


class _Acl(msgspec.Struct):
    acltype: str
    topic: str


class _Role(msgspec.Struct):
    rolename: str
    acls: list[_Acl] = []


class _Data(msgspec.Struct):
    role: _Role | None = None


class _Result(msgspec.Struct):
    command: str
    error: str | None = None
    data: _Data | None = None


class _Response(msgspec.Struct):
    responses: list[_Result]


async def admit(url: str, *, key_id: str, secret: str, topics: Iterable[str]) -> None:
    """Let a key connect, listen to its own answers, and publish to some topics. Raises Unavailable."""
    role = _role_of(key_id)
    await _command(
        url,
        [
            {"command": "createRole", "rolename": role, "acls": _acls(key_id, topics)},
            {"command": "createClient", "username": key_id, "password": secret, "roles": [{"rolename": role}]},
        ],
    )


async def change_topics(url: str, topics_by_key: Mapping[str, Iterable[str]]) -> None:
    """Set what keys that are admitted may publish to; one that is not there is no fault. Raises Unavailable.

    The broker cuts the connections of a key whose rights change (they come back by themselves), so those that are right
    are left alone.
    """
    wanted = {_role_of(key_id): _acls(key_id, topics) for key_id, topics in topics_by_key.items()}
    if not wanted:
        return
    asked = [{"command": "getRole", "rolename": role} for role in wanted]
    known = {
        result.data.role.rolename: {(acl.acltype, acl.topic) for acl in result.data.role.acls}
        for result in await _command(url, asked, forgive="not found")
        if result.data is not None and result.data.role is not None
    }
    changes: list[Command] = [
        {"command": "modifyRole", "rolename": role, "acls": acls}
        for role, acls in wanted.items()
        if role in known and known[role] != {(acl["acltype"], acl["topic"]) for acl in acls}
    ]
    if changes:
        await _command(url, changes, forgive="not found")


def topics_of(streams: Iterable[int] | None) -> list[str]:
    """Give the topics of Observations of some Datastreams; None is all there are and will be."""
    if streams is None:
        return ["v1.1/#"]
    return [f"v1.1/{kind}({stream})/Observations" for stream in streams for kind in ("Datastreams", "MultiDatastreams")]


def _acls(key_id: str, topics: Iterable[str]) -> list[dict[str, object]]:
    answers = f"{ANSWERS}{key_id}/#"
    rights = [("subscribePattern", answers), ("publishClientReceive", answers)]
    rights += [("publishClientSend", topic) for topic in topics]
    return [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in rights]


async def expel(url: str, *, key_id: str) -> None:
    """Take a key away from the broker and cut its connection; one that is not there is no fault. Raises Unavailable."""
    await _command(
        url,
        [
            {"command": "deleteClient", "username": key_id},
            {"command": "deleteRole", "rolename": _role_of(key_id)},
        ],
        forgive="not found",
    )


def _role_of(key_id: str) -> str:
    return f"key-{key_id}"


async def _command(url: str, commands: Sequence[Command], *, forgive: str | None = None) -> list[_Result]:
    """Send commands to the plugin and give its answers, in order."""
    answered: asyncio.Future[_Response] = asyncio.get_running_loop().create_future()

    async def receive(_topic: str, payload: bytes, _properties: dict[str, Any]) -> int:
        if not answered.done():
            answered.set_result(msgspec.json.decode(payload, type=_Response))
        return 0

    def send(_session_present: bool) -> None:
        connection.publish(CONTROL, msgspec.json.encode({"commands": commands}), qos=1)

    connection = Connection(
        url,
        client_id=f"dothi-rights-{secrets.token_hex(4)}",
        topics=(f"{CONTROL}/response",),
        on_message=receive,
        on_connect=send,
    )
    connection.start()
    try:
        response = await asyncio.wait_for(answered, PATIENCE_S)
    except TimeoutError as error:
        raise Unavailable("the devices' broker does not answer") from error
    finally:
        with suppress(OSError):
            await connection.stop()
    errors = [result.error for result in response.responses if result.error]
    if faults := [error for error in errors if forgive is None or forgive not in error.lower()]:
        raise Unavailable(f"the devices' broker refuses: {'; '.join(faults)}")
    return response.responses
