"""What each machine key may do at the devices' broker, kept by mosquitto's dynamic security plugin."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from dothi.kernel.errors import Unavailable
from dothi.protocols.mqtt.connection import Connection, Done, Message

CONTROL: Final = "$CONTROL/dynamic-security/v1"
PATIENCE_S: Final = 10.0
ANSWERS: Final = "devices/"
"""Below this, followed by its key's id, a device may ask for answers: the response topics of MQTT 5."""

MOST_STEPS: Final = 16
"""How many steps the way of a topic has at most."""

Command = Mapping[str, object]


class Rights(msgspec.Struct, frozen=True):
    """The topics that a key may publish to, and those it may subscribe to, beside its own answers.

    Where it `only_hears` some, nothing else is delivered to it, whatever it subscribed before its rights became less;
    `withheld` are topics among those that are not delivered either.
    """

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    only_hears: bool = False

    def __or__(self, other: "Rights") -> "Rights":
        """Give both together."""
        return Rights(
            (*self.publish, *other.publish),
            (*self.subscribe, *other.subscribe),
            (*self.withheld, *other.withheld),
            only_hears=self.only_hears or other.only_hears,
        )


class _Acl(msgspec.Struct, frozen=True):
    """One rule; of several that match, that of the highest priority holds."""

    acltype: str
    topic: str
    allow: bool = True
    priority: int = 0


class _Role(msgspec.Struct):
    rolename: str
    acls: list[_Acl] = []


class _Data(msgspec.Struct):
    role: _Role | None = None


class _Result(msgspec.Struct, rename="camel"):
    command: str
    correlation_data: str | None = None
    error: str | None = None
    data: _Data | None = None


class _Response(msgspec.Struct):
    responses: list[_Result]


async def admit(url: str, *, key_id: str, secret: str, rights: Rights) -> None:
    """Let a key connect, listen to its own answers, and do what it has the rights to. Raises Unavailable."""
    role = _role_of(key_id)
    await _command(
        url,
        [
            {"command": "createRole", "rolename": role, "acls": msgspec.to_builtins(_acls(key_id, rights))},
            {"command": "createClient", "username": key_id, "password": secret, "roles": [{"rolename": role}]},
        ],
    )


async def change(url: str, rights_by_key: Mapping[str, Rights]) -> None:
    """Set the rights of keys that are admitted; one that is not there is no fault. Raises Unavailable.

    The broker cuts the connections of a key whose rights change (they come back by themselves), so those that are right
    are left alone.
    """
    wanted = {_role_of(key_id): _acls(key_id, rights) for key_id, rights in rights_by_key.items()}
    if not wanted:
        return
    asked = [{"command": "getRole", "rolename": role} for role in wanted]
    known = {
        result.data.role.rolename: set(result.data.role.acls)
        for result in await _command(url, asked, forgive="not found")
        if result.data is not None and result.data.role is not None
    }
    changes: list[Command] = [
        {"command": "modifyRole", "rolename": role, "acls": msgspec.to_builtins(acls)}
        for role, acls in wanted.items()
        if role in known and known[role] != set(acls)
    ]
    if changes:
        await _command(url, changes, forgive="not found")


def observing(streams: Iterable[int] | None) -> Rights:
    """Give the right to send Observations of some Datastreams; None is all there are and will be.

    It is never one to the whole tree below `v1.1`: devices obey what is published to their Tasks.
    """
    if streams is None:
        return Rights(publish=("v1.1/Observations", "v1.1/+/Observations"))
    kinds = ("Datastreams", "MultiDatastreams")
    return Rights(publish=tuple(f"v1.1/{kind}({stream})/Observations" for stream in streams for kind in kinds))


def obeying(capabilities: Iterable[int] | None) -> Rights:
    """Give the right to be sent the Tasks of some TaskingCapabilities and to answer them; None is all of them."""
    if capabilities is None:
        return Rights(publish=("v1.1/+/+/status",), subscribe=("v1.1/+/Tasks",))
    own = [f"v1.1/TaskingCapabilities({capability})" for capability in capabilities]
    return Rights(tuple(f"{each}/+/status" for each in own), tuple(f"{each}/Tasks" for each in own))


def commanding(*, is_limited: bool) -> Rights:
    """Give the right to command devices over MQTT, at `v1.1/Tasks`.

    The topic does not say which device is meant, so limits could not be kept: a limited key has it over HTTP alone. At
    `v1.1/TaskingCapabilities(…)/Tasks` devices listen: nobody but Dothi may publish there.
    """
    return Rights() if is_limited else Rights(publish=("v1.1/Tasks",))


def listening(roots: Iterable[str] | None, *, sees_tasks: bool) -> Rights:
    """Give the right to hear what is published for subscribers, below some entities such as `Things(3)`; None is all.

    Commands are published on topics that end with `Tasks`, and on no others.
    """
    subscribe = ("v1.1/#",) if roots is None else tuple(f"v1.1/{root}/#" for root in roots)
    withheld = () if sees_tasks else tuple(f"v1.1/{'+/' * steps}Tasks" for steps in range(MOST_STEPS))
    return Rights(subscribe=subscribe, withheld=withheld, only_hears=True)


def _acls(key_id: str, rights: Rights) -> list[_Acl]:
    answers = f"{ANSWERS}{key_id}/#"
    found = [_Acl("subscribePattern", answers), _Acl("publishClientReceive", answers)]
    found += [_Acl("publishClientSend", topic) for topic in rights.publish]
    found += [_Acl("subscribePattern", topic) for topic in rights.subscribe]
    if rights.only_hears:
        found += [_Acl("publishClientReceive", topic) for topic in rights.subscribe]
        found.append(_Acl("publishClientReceive", "#", allow=False, priority=-1))
        found += [_Acl("publishClientReceive", topic, allow=False, priority=1) for topic in rights.withheld]
    return found


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
    """Send commands to the plugin and give its answers, in order.

    The plugin publishes each answer to all who listen, so what was asked here is known by its correlation data.
    """
    answered: asyncio.Future[_Response] = asyncio.get_running_loop().create_future()
    asker = f"dothi-rights-{secrets.token_hex(8)}"

    async def receive(messages: Sequence[Message], _done: Done) -> None:
        for message in messages:
            response = msgspec.json.decode(message.payload, type=_Response)
            if not answered.done() and any(result.correlation_data == asker for result in response.responses):
                answered.set_result(response)

    def send(_session_present: bool) -> None:
        asked = [{**command, "correlationData": asker} for command in commands]
        connection.publish(CONTROL, msgspec.json.encode({"commands": asked}), qos=1)

    connection = Connection(
        url,
        client_id=asker,
        topics=(f"{CONTROL}/response",),
        on_messages=receive,
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
