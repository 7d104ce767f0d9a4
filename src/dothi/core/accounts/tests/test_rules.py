"""The policy: roles by manifests, and tokens that only their secret opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts import rules
from dothi.core.accounts.types import Role
from dothi.kernel.errors import InvalidInput
from dothi.kernel.manifest import Manifest, Names, Permission, load_manifests

NAMES = Names(vi="a", en="a")


def manifest_of(**roles: tuple[str, ...]) -> Manifest:
    permissions = tuple(Permission(id=f"x.{name}", names=NAMES, roles=held) for name, held in roles.items())
    return Manifest(id="x", names=NAMES, owner=NAMES, icon="i", permissions=permissions)


def test_a_role_holds_what_the_manifests_grant_it_and_nothing_else() -> None:
    manifests = [manifest_of(look=("viewer", "operator"), act=("operator",), nobody=())]
    assert rules.permissions_of(Role.VIEWER, manifests) == {"x.look"}
    assert rules.permissions_of(Role.OPERATOR, manifests) == {"x.look", "x.act"}
    assert rules.permissions_of(Role.CREW, manifests) == frozenset()


def test_every_role_that_a_manifest_names_exists() -> None:
    named = {role for manifest in load_manifests() for permission in manifest.permissions for role in permission.roles}
    assert named <= {role.value for role in Role}


def test_an_unknown_permission_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"x\.fly"):
        rules.check_known(["x.look", "x.fly"], frozenset({"x.look"}))


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_only_the_secret_opens(secret: str, other: str) -> None:
    digest = rules.hash_secret(secret)
    assert rules.is_secret(secret, digest)
    assert rules.is_secret(other, digest) == (other == secret)


@given(st.text(max_size=300))
def test_a_token_has_two_parts_or_is_none(token: str) -> None:
    parts = rules.split_token(token)
    assert parts is None or (all(parts) and f"{parts[0]}.{parts[1]}" == token)
