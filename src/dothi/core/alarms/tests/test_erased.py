"""What an erased person did to alarms stays, as an erased person's."""

from collections.abc import Callable

import pytest
from django.utils import translation

from dothi.core.accounts import service as accounts
from dothi.core.accounts.service import people
from dothi.core.accounts.types import SYSTEM, Grant, Role
from dothi.core.alarms import service
from dothi.core.alarms.tests.raising import at, failed
from dothi.kernel.errors import NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules")]


def test_an_acknowledgement_is_an_erased_persons(register_thing: Callable[..., int]) -> None:
    lamp = register_thing("lamp", kind="Streetlight")
    [alarm] = service.apply("test", [failed(lamp)], watermark=at(0))
    user_id = accounts.create_user(
        SYSTEM, username="thu-xoa-9", password="một mật khẩu đủ dài", grants=[Grant(Role.OPERATOR)]
    )
    service.acknowledge(accounts.person(user_id, role="operator", label="x"), alarm.id)
    viewer = accounts.person(999, role="viewer", label="x")
    assert service.get_alarm(viewer, alarm.id).people == {f"user:{user_id}": "thu-xoa-9"}
    people.erase_person(SYSTEM, user_id)
    for language, words in (("vi", "Người đã xóa dữ liệu"), ("en", "Erased person")):
        with translation.override(language):
            assert service.get_alarm(viewer, alarm.id).people == {f"user:{user_id}": words}


def test_who_has_a_department_sees_and_acknowledges_its_alarms_alone(register_thing: Callable[..., int]) -> None:
    mine, other = (
        register_thing(name, kind="Streetlight", department=department)
        for name, department in (("mine", "lighting"), ("other", "water"))
    )
    found = service.apply("test", [failed(mine), failed(other)], watermark=at(0))
    ids = {alarm.point.thing_id: alarm.id for alarm in found}
    operator = accounts.person(1, label="x", grants=[Grant(Role.OPERATOR, "lighting"), Grant(Role.VIEWER)])
    listed = service.list_alarms(operator).alarms
    assert {alarm.point.thing_id for alarm in listed} == {mine, other}, "as a viewer of everything"
    service.acknowledge(operator, ids[mine])
    with pytest.raises(NotFound):
        service.acknowledge(operator, ids[other])
    narrow = accounts.person(1, label="x", grants=[Grant(Role.OPERATOR, "lighting")])
    assert {alarm.point.thing_id for alarm in service.list_alarms(narrow).alarms} == {mine}
