"""Whoever is given an order is told by one letter; whoever takes it on knows."""

from smtplib import SMTPException

import pytest
from django.core import mail
from pytest_django import Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import Role
from dothi.core.incidents.service import letters
from dothi.core.incidents.tests.ordering import do, issued, person
from dothi.core.incidents.types import Deed
from dothi.core.observations.tests.things import RegisterThing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules", "media")]


@pytest.fixture(autouse=True)
def server(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.SITE_URL, settings.LANGUAGE_CODE = "mail", "https://dothi.example", "vi"


def crew(name: str, email: str) -> str:
    reference = person(Role.CREW, name).reference
    User.objects.filter(username=name).update(email=email)
    return reference


def test_whoever_is_given_an_order_has_one_letter(register_thing: RegisterThing) -> None:
    one, other = crew("an", "an@city.example"), crew("binh", "binh@city.example")
    order = issued(register_thing("Tủ 7", kind="ControlCabinet"), assignee=one)
    assert [letters.tell_assigned(), letters.tell_assigned()] == [1, 0]
    [letter] = mail.outbox
    assert (letter.to, order.number in letter.subject) == (["an@city.example"], True)
    assert order.title in letter.body
    assert f"https://dothi.example/crew/{order.id}/" in letter.body
    do(person(Role.OPERATOR), order, Deed.ASSIGN, assignee=other)
    assert letters.tell_assigned() == 1
    assert mail.outbox[-1].to == ["binh@city.example"]


def test_whoever_takes_it_on_knows(register_thing: RegisterThing) -> None:
    crew("an", "an@city.example")
    do(person(Role.CREW, "an"), issued(register_thing("Tủ 7", kind="ControlCabinet")), Deed.ACCEPT)
    assert letters.tell_assigned() == 0
    assert mail.outbox == []


def test_what_the_server_does_not_take_is_tried_again(
    register_thing: RegisterThing, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(register_thing("Tủ 7", kind="ControlCabinet"), assignee=crew("an", "an@city.example"))

    def refuse(*_: object) -> int:
        raise SMTPException

    with monkeypatch.context() as away:
        away.setattr("dothi.core.accounts.service.mailing.send_mail", refuse)
        assert letters.tell_assigned() == 0
    assert letters.tell_assigned() == 1


def test_without_a_server_nothing_is_sent(register_thing: RegisterThing, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    issued(register_thing("Tủ 7", kind="ControlCabinet"), assignee=crew("an", "an@city.example"))
    assert letters.tell_assigned() == 0
    assert mail.outbox == []
