"""What each machine key may do at the devices' broker, kept by mosquitto's dynamic security plugin."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from dothi.kernel.errors import Unavailable
from dothi.protocols.mqtt.connection import Connection

CONTROL: Final = "$CONTROL/dynamic-security/v1"
PATIENCE_S: Final = 10.0
ANSWERS: Final = "devices/"
"""Below this, followed by its key's id, a device may ask for answers: the response topics of MQTT 5."""

Command = dict[str, object]


class _Result(msgspec.Struct):
    command: str
    error: str | None = None


class _Response(msgspec.Struct):
    responses: list[_Result]


async def admit(url: str, *, key_id: str, secret: str, may_observe: bool) -> None:
    """Let a key connect, listen to its own answers and, if it may, publish Observations. Raises Unavailable."""
    role = _role_of(key_id)
    acls = [("subscribePattern", f"{ANSWERS}{key_id}/#"), ("publishClientReceive", f"{ANSWERS}{key_id}/#")]
    if may_observe:
        acls.append(("publishClientSend", "v1.1/#"))
    await _command(
        url,
        [
            {
                "command": "createRole",
                "rolename": role,
                "acls": [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in acls],
            },
            {"command": "createClient", "username": key_id, "password": secret, "roles": [{"rolename": role}]},
        ],
    )


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


async def _command(url: str, commands: Sequence[Command], *, forgive: str | None = None) -> None:
    """Send commands to the plugin and wait for its answer."""
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
