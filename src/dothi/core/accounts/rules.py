"""The policy: which role holds which permission, and how a machine key's secret is kept."""

import hashlib
import hmac
from collections.abc import Iterable

from dothi.core.accounts.types import Role
from dothi.kernel.errors import InvalidInput
from dothi.kernel.manifest import Manifest


def permissions_of(role: Role, manifests: Iterable[Manifest]) -> frozenset[str]:
    """Give the permissions that the manifests grant a role."""
    return frozenset(
        permission.id for manifest in manifests for permission in manifest.permissions if role.value in permission.roles
    )


def all_permissions(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Give every permission there is."""
    return frozenset(permission.id for manifest in manifests for permission in manifest.permissions)


def check_known(wanted: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """Give `wanted` as a set. Raises InvalidInput that names each permission nobody declares."""
    asked = frozenset(wanted)
    if unknown := sorted(asked - known):
        raise InvalidInput(f"no such permission: {', '.join(unknown)}", place="permissions")
    return asked


def hash_secret(secret: str) -> str:
    """Give the SHA-256 (hex) of a key's secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, digest: str) -> bool:
    """Tell, in constant time, whether a secret is the one behind a digest."""
    return hmac.compare_digest(hash_secret(secret), digest)


def split_token(token: str) -> tuple[str, str] | None:
    """Split `id.secret`; None when it is not of that form."""
    key_id, dot, secret = token.partition(".")
    is_whole = dot and key_id and secret and len(token) <= 200
    return (key_id, secret) if is_whole and "\0" not in token else None  # the database takes no NUL
