"""What `dothi keys` does: a machine key is known to the record and to the devices' broker, or to neither."""

import asyncio
from typing import Final

import click

from dothi.config.environment import Environment
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor, Key, NewKey
from dothi.core.observations import service as observations
from dothi.core.observations.service import CREATE_OBSERVATION, VIEW, VIEW_TASK
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tasking.desk import CREATE as CREATE_TASK
from dothi.core.observations.tasking.service import ANSWER
from dothi.kernel.errors import DothiError
from dothi.kernel.events import KeysChanged
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.bus import send_once
from dothi.protocols.mqtt.rights import Rights

STREAMS: Final = ("Datastreams", "MultiDatastreams")


def create(
    environment: Environment, *, name: str, allow: tuple[str, ...], department: str, things: tuple[int, ...]
) -> NewKey:
    """Make a key in the record, then at the broker; without the broker the key is revoked again.

    Raises click.ClickException.
    """
    try:
        key = accounts.create_key(SYSTEM, name=name, permissions=allow, department=department, thing_ids=things or None)
        _admit(environment, key)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key


def _admit(environment: Environment, key: NewKey) -> None:
    """Make the key known to the devices' broker, and to the subscribers' where it has anything to hear."""
    [made] = [known for known in accounts.list_keys(SYSTEM) if known.id == key.id]
    at = {environment.mqtt_url: rights_for(made.actor), environment.mqtt_out_url: hearing_for(made.actor)}
    try:
        for url, given in at.items():
            if url and given is not None:
                asyncio.run(rights.admit(url, key_id=key.id, secret=key.secret, rights=given))
    except DothiError:
        accounts.revoke_key(SYSTEM, key_id=key.id)
        raise


def rights_for(actor: Actor) -> Rights:
    """Give what whoever holds a key may do at the devices' broker."""
    found = Rights()
    if actor.may(CREATE_OBSERVATION):
        found |= rights.observing(observations.list_stream_ids(actor) if actor.is_limited else None)
    if actor.may(ANSWER):
        found |= rights.obeying(tasking.list_commandable_ids(actor) if actor.is_limited else None)
    if actor.may(CREATE_TASK):
        found |= rights.commanding(is_limited=actor.is_limited)
    return found


def hearing_for(actor: Actor) -> Rights | None:
    """Give what whoever holds a key may hear at the subscribers' broker, None where that is nothing."""
    if not actor.may(VIEW):
        return None
    sees_tasks = actor.may(VIEW_TASK)
    if not actor.is_limited:
        return rights.listening(None, sees_tasks=sees_tasks)
    roots = [f"Things({number})" for number in observations.list_thing_ids(actor)]
    roots += [f"{kind}({number})" for number in observations.list_stream_ids(actor) for kind in STREAMS]
    roots += [f"TaskingCapabilities({number})" for number in tasking.list_commandable_ids(actor)]
    return rights.listening(roots, sees_tasks=sees_tasks)


def hearing_of_keys() -> dict[str, Rights]:
    """Give what every valid key may hear."""
    found = {key.id: hearing_for(key.actor) for key in accounts.list_keys(SYSTEM) if key.revoked_at is None}
    return {key_id: given for key_id, given in found.items() if given is not None}


def rights_of_keys() -> dict[str, Rights]:
    """Give the rights of every valid key: those of limited ones follow their Things."""
    return {key.id: rights_for(key.actor) for key in accounts.list_keys(SYSTEM) if key.revoked_at is None}


def list_all(_environment: Environment) -> list[Key]:
    """List all keys."""
    return accounts.list_keys(SYSTEM)


def revoke(environment: Environment, *, key_id: str) -> Key:
    """Revoke a key: in the record, in each process that remembers it, at the broker. Raises click.ClickException."""
    try:
        key = accounts.revoke_key(SYSTEM, key_id=key_id)
        if environment.mqtt_out_url:
            asyncio.run(send_once(environment.mqtt_out_url, KeysChanged([key_id])))
        for url in filter(None, {environment.mqtt_url, environment.mqtt_out_url}):
            asyncio.run(rights.expel(url, key_id=key_id))
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key
