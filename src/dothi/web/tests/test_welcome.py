"""The first run: three steps for whoever has the printed address, and closed for ever after."""

import pytest
from django.test import Client
from pytest_django import Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.kernel.errors import Conflict

pytestmark = pytest.mark.django_db
PAGE = "/welcome/"
TOKEN = "a-token-that-was-printed"
SAID = {"username": "quan-tri", "password": "a long enough phrase 31", "again": "a long enough phrase 31"}


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.WELCOME_TOKEN = TOKEN


def entered(language: str = "en") -> Client:
    """Someone who opened the printed address."""
    client = Client()
    client.cookies["dothi_language"] = language
    assert client.get(f"{PAGE}?token={TOKEN}").headers["Location"] == PAGE
    return client


def test_three_steps_lead_to_the_first_device() -> None:
    client = entered()
    assert "This is our city" in client.get(PAGE).content.decode()
    client.post(PAGE)
    page = client.get(PAGE).content.decode()
    assert 'aria-current="step"><span class="num">2</span>' in page
    client.post(PAGE, SAID)
    assert accounts.has_administrator()
    page = client.get(PAGE).content.decode()
    assert "quan-tri" in page
    assert "Make the first key" in page
    shown = client.post(PAGE).content.decode()
    [key] = accounts.list_keys(SYSTEM)
    assert f"{key.id}." in shown
    assert "observations.observation.create" in key.permissions
    assert client.get(PAGE).status_code == 404
    assert Client().get(f"{PAGE}?token={TOKEN}").status_code == 404


def test_a_demo_leads_to_its_devices(settings: Settings) -> None:
    settings.IS_DEMO = True
    client = entered("vi")
    client.post(PAGE)
    client.post(PAGE, SAID)
    assert "Làm hỏng thử một thứ" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"again": "something else 31"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"username": "da-co"}, "Choose another user name."),
    ],
)
def test_what_can_not_be_is_said_beside_the_field(wrong: dict[str, str], words: str) -> None:
    accounts.create_user(SYSTEM, username="da-co", password=SAID["password"], role="viewer")
    client = entered()
    client.post(PAGE)
    answer = client.post(PAGE, SAID | wrong)
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not accounts.has_administrator()


def test_it_is_closed_without_the_token_and_once_there_is_an_administrator(settings: Settings) -> None:
    for address in (PAGE, f"{PAGE}?token=x", f"{PAGE}?token=%00"):
        assert Client().get(address).status_code == 404
    late = entered()
    late.post(PAGE)
    accounts.create_user(SYSTEM, username="khac", password=SAID["password"], role="administrator")
    assert late.post(PAGE, SAID).status_code == 404
    with pytest.raises(Conflict):
        accounts.create_first_administrator(username="nua", password=SAID["password"])
    settings.WELCOME_TOKEN = ""
    assert Client().get(f"{PAGE}?token=").status_code == 404


def test_to_look_whether_it_is_open_begins_nothing() -> None:
    client = Client()
    assert client.head(f"{PAGE}?token={TOKEN}").status_code == 302
    assert client.get(PAGE).status_code == 404
