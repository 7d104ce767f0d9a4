"""What `dothi keys` does: a machine key is known to the record and to the devices' broker, or to neither."""

import asyncio

import click

from dothi.config.environment import Environment
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Key, NewKey
from dothi.core.observations.service import CREATE_OBSERVATION
from dothi.kernel.errors import DothiError
from dothi.protocols.mqtt import rights


def create(environment: Environment, *, name: str, allow: tuple[str, ...]) -> NewKey:
    """Make a key in the record, then at the broker; without the broker the key is revoked again.

    Raises click.ClickException.
    """
    try:
        key = accounts.create_key(SYSTEM, name=name, permissions=allow)
        if environment.mqtt_url:
            _admit(environment.mqtt_url, key, may_observe=CREATE_OBSERVATION in allow)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key


def _admit(url: str, key: NewKey, *, may_observe: bool) -> None:
    try:
        asyncio.run(rights.admit(url, key_id=key.id, secret=key.secret, may_observe=may_observe))
    except DothiError:
        accounts.revoke_key(SYSTEM, key_id=key.id)
        raise


def list_all(_environment: Environment) -> list[Key]:
    """List all keys."""
    return accounts.list_keys(SYSTEM)


def revoke(environment: Environment, *, key_id: str) -> Key:
    """Revoke a key in the record, then at the broker. Raises click.ClickException."""
    try:
        key = accounts.revoke_key(SYSTEM, key_id=key_id)
        if environment.mqtt_url:
            asyncio.run(rights.expel(environment.mqtt_url, key_id=key_id))
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    return key
