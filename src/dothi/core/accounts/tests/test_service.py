"""Keys and people: made, found, revoked, audited, and refused to whoever may not."""

import pytest

from dothi.core.accounts import service
from dothi.core.accounts.models import MachineKey, User
from dothi.core.accounts.types import SYSTEM, Grant, Role
from dothi.core.audit import service as audit
from dothi.core.audit.models import AuditEntry
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated

OBSERVE = "observations.observation.create"


@pytest.mark.django_db
def test_a_key_keeps_no_secret_and_is_audited() -> None:
    key = service.create_key(SYSTEM, name="gateway", permissions=[OBSERVE])
    row = MachineKey.objects.get(id=key.id)
    assert key.secret not in (row.secret_hash, row.name)
    assert key.secret not in AuditEntry.objects.get().body
    assert audit.find_break() is None


@pytest.mark.django_db
def test_keys_are_listed_with_those_revoked() -> None:
    one = service.create_key(SYSTEM, name="one", permissions=[OBSERVE])
    service.create_key(SYSTEM, name="two", permissions=[OBSERVE])
    service.revoke_key(SYSTEM, key_id=one.id)
    assert [(key.name, key.revoked_at is None) for key in service.list_keys(SYSTEM)] == [("one", False), ("two", True)]


@pytest.mark.django_db
def test_a_key_is_revoked_once() -> None:
    key = service.create_key(SYSTEM, name="one", permissions=[OBSERVE])
    service.revoke_key(SYSTEM, key_id=key.id)
    with pytest.raises(NotFound):
        service.revoke_key(SYSTEM, key_id=key.id)


@pytest.mark.django_db
def test_a_person_is_made_with_a_role_and_a_hashed_password() -> None:
    user_id = service.create_user(SYSTEM, username="truc-ban-1", password="một mật khẩu đủ dài", role="operator")
    user = User.objects.get(pk=user_id)
    assert user.list_granted() == [Grant(Role.OPERATOR)]
    assert user.check_password("một mật khẩu đủ dài")
    assert "truc-ban-1" not in AuditEntry.objects.get().body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"password": "short"}, InvalidInput),
        ({"password": "123456789012345"}, InvalidInput),
        ({"role": "emperor"}, InvalidInput),
        ({"username": "taken"}, Conflict),
    ],
)
def test_a_bad_account_is_refused_and_nothing_is_kept(given: dict[str, str], error: type[Exception]) -> None:
    service.create_user(SYSTEM, username="taken", password="a-long-enough-one", role="viewer")
    wanted = {"username": "new", "password": "a-long-enough-one", "role": "viewer"} | given
    with pytest.raises(error):
        service.create_user(SYSTEM, username=wanted["username"], password=wanted["password"], role=wanted["role"])
    assert User.objects.count() == 1


def test_who_lacks_a_permission_is_told_so_by_what_they_are() -> None:
    with pytest.raises(Unauthenticated):
        service.require(service.visitor(""), "live.map.view")
    with pytest.raises(Forbidden):
        service.require(service.person(1, role="viewer", label="x"), "accounts.key.create")
    service.require(service.visitor("viewer"), "live.map.view")
    service.require(service.visitor(""), service.PUBLIC)
    service.require(SYSTEM, "anything.at.all")
