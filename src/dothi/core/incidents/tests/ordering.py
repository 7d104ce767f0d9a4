"""People, orders and photos, and the things that tests of work orders say again and again."""

import io
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Actor, Role
from dothi.core.alarms import service as alarms
from dothi.core.alarms.tests.raising import at
from dothi.core.alarms.types import Alarm, Change
from dothi.core.alarms.types import Filter as AlarmFilter
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents import service
from dothi.core.incidents.types import Account, Act, Deed, NewOrder, Order

DEPARTMENT = "CS"


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """Let photos be kept in a folder of this test's own."""
    settings.MEDIA_FOLDER = tmp_path
    return tmp_path


def person(role: Role, name: str = "") -> Actor:
    """Someone who has an account."""
    username = name or f"{role.value}-1"
    user = User.objects.filter(username=username).first() or User.objects.create_user(username, role=role.value)
    return accounts.person(user.pk, role=role.value, label=user.username)


def signed_in(role: Role, *, name: str = "", language: str = "en") -> Client:
    """The browser of someone who signed in."""
    client = Client()
    client.force_login(User.objects.get(id=int(person(role, name).reference.partition(":")[2])))
    client.cookies["dothi_language"] = language
    return client


def find(*changes: Change, minute: float = 1) -> list[Alarm]:
    """Let a detector find something."""
    return alarms.apply("lights.night", changes, watermark=at(minute))


def alarm_about(thing_id: int) -> Alarm:
    """The one alarm about a Thing."""
    [found] = alarms.list_alarms(SYSTEM, AlarmFilter(states=tuple(AlarmState), thing_id=thing_id)).alarms
    return found


def new_order(thing_id: int, *alarm_ids: int, priority: int = 2, **said: object) -> NewOrder:
    """An order as an operator writes one."""
    given = {"title": "Mất điện pha B", "task": "Kiểm tra tủ\nThay cầu chì", "department": DEPARTMENT, **said}
    return NewOrder(
        priority=priority,
        thing_id=thing_id,
        deadline=at(240),
        alarm_ids=alarm_ids,
        **given,  # type: ignore[arg-type]
    )


def issued(thing_id: int, *alarm_ids: int, **said: object) -> Order:
    """An order that was issued."""
    return service.issue(person(Role.OPERATOR), new_order(thing_id, *alarm_ids, **said))  # type: ignore[arg-type]


def do(actor: Actor, order: Order, deed: Deed, **said: object) -> Order:
    """Let a deed befall an order."""
    return service.carry_out(actor, order.id, Act(deed=deed, **said))  # type: ignore[arg-type]


def account_of(order: Order) -> Account:
    """All that is known of an order."""
    return service.get_order(SYSTEM, order.id)


def photo(
    *,
    size: tuple[int, int] = (64, 48),
    form: str = "JPEG",
    place: tuple[float, float] | None = None,
    turned: bool = False,
) -> bytes:
    """A photo as a phone makes one, with its Exif."""
    image = Image.new("RGB", size, (200, 120, 40))
    exif = Image.Exif()
    exif[0x010F] = "a maker of phones"
    if turned:
        exif[0x0112] = 6
    if place is not None:
        lon, lat = place
        exif[0x8825] = {1: "N", 2: (lat, 0.0, 0.0), 3: "E", 4: (lon, 0.0, 0.0)}
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()
