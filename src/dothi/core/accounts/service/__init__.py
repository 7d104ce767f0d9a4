"""The door of accounts: who is asking and what they may do; people, departments, invitations and keys beside."""

from dothi.core.accounts.service.asking import (
    PUBLIC,
    SIGNED_IN,
    name_people,
    permissions_of_role,
    person,
    require,
    visitor,
)
from dothi.core.accounts.service.keys import create_key, list_keys, revoke_key
from dothi.core.accounts.service.people import create_user

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "create_key",
    "create_user",
    "list_keys",
    "name_people",
    "permissions_of_role",
    "person",
    "require",
    "revoke_key",
    "visitor",
]
