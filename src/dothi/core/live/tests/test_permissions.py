"""Who may do what the live view's manifest permits."""

import pytest

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Role


@pytest.mark.parametrize("role", list(Role))
def test_everyone_sees_the_map_and_the_room_breaks_the_demos_devices(role: Role) -> None:
    held = accounts.permissions_of_role(role.value)
    assert "live.map.view" in held
    assert ("live.demo.break" in held) == (role in (Role.OPERATOR, Role.OFFICER, Role.ADMINISTRATOR))
