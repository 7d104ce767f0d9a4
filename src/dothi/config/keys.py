"""What `dothi keys` does: a machine key is known to the record and to the devices' broker, or to neither."""

import asyncio

import click

from dothi.config.environment import Environment
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor, Key, NewKey
from dothi.core.observations import service as observations
from dothi.core.observations.service import CREATE_OBSERVATION
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tasking.service import ANSWER
from dothi.kernel.errors import DothiError
from dothi.kernel.events import KeysChanged
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.bus import send_once
from dothi.protocols.mqtt.rights import Rights


def create(
    environment: Environment, *, name: str, allow: tuple[str, ...], department: str, things: tuple[int, ...]
) -> NewKey:
    """Make a key in the record, then at the broker; without the broker the key is revoked again.

    Raises click.ClickException.
    """
    try:
        key = accounts.create_key(SYSTEM, name=name, permissions=allow, department=department, thing_ids=things or None)
        if environment.mqtt_url:
            _admit(environment.mqtt_url, key)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key


def _admit(url: str, key: NewKey) -> None:
    [made] = [known for known in accounts.list_keys(SYSTEM) if known.id == key.id]
    try:
        asyncio.run(rights.admit(url, key_id=key.id, secret=key.secret, rights=rights_for(made.actor)))
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
    return found


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
        if environment.mqtt_url:
            asyncio.run(rights.expel(environment.mqtt_url, key_id=key_id))
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key
