"""The door of accounts: who is asking and what they may do; people, departments, invitations and keys beside."""

from dothi.core.accounts.service.asking import (
    PUBLIC,
    SIGNED_IN,
    list_holders,
    name_people,
    permissions_of_role,
    person,
    require,
    visitor,
)
from dothi.core.accounts.service.departments import list_tree
from dothi.core.accounts.service.keys import create_key, list_keys, revoke_key
from dothi.core.accounts.service.people import create_first_administrator, create_user, has_administrator

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "create_first_administrator",
    "create_key",
    "create_user",
    "has_administrator",
    "list_holders",
    "list_keys",
    "list_tree",
    "name_people",
    "permissions_of_role",
    "person",
    "require",
    "revoke_key",
    "visitor",
]
