"""Single sign-on against a real OpenID Connect server: who has an account comes in, nobody else."""

import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from dothi.config.environment import Environment
from dothi.config.oidc import providers_of
from dothi.core.accounts.models import User
from dothi.core.accounts.store import people
from dothi.core.accounts.tests import oidc_server
from dothi.core.accounts.types import Grant, Role
from dothi.core.audit.models import AuditEntry

CALLBACK = "http://testserver/sign-in/by/sso/callback/"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs as long as these tests."""
    folder = tmp_path_factory.mktemp("oidc")
    command = [sys.executable, oidc_server.__file__, str(folder), CALLBACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/o"
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def settings_name_it(server: str, settings: Settings) -> None:
    environment = Environment(
        oidc_issuer=server,
        oidc_name="Sở",
        oidc_client_id=oidc_server.CLIENT_ID,
        oidc_client_secret=oidc_server.CLIENT_SECRET,
    )
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": providers_of(environment)}
    }


@pytest.fixture
def lan() -> User:
    """A person whose address the server knows and vouches for."""
    user_id = people.insert_user(
        "lan", password="một mật khẩu đủ dài", email="lan.tran@example.org", grants=[Grant(Role.OPERATOR)]
    )
    return User.objects.get(pk=user_id)


def come_by(client: Client, server: str, name: str) -> httpx.Response:
    """Go to the server as a browser does, sign in there, and give the way back."""
    away = client.post("/sign-in/by/sso/?next=/alarms/")
    assert away.status_code == 302
    base = server.removesuffix("/o")
    with httpx.Client(base_url=base, timeout=120) as browser:
        signed = browser.post("/login/", json={"username": name, "password": oidc_server.PASSWORD})
        assert signed.status_code == 200
        return browser.get(away.headers["Location"])


def land(client: Client, answer: httpx.Response) -> str:
    """Give the address, without its host, to which the server sends one back."""
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK
    return f"{back.path}?{back.query}"


def test_the_button_names_the_server(client: Client) -> None:
    page = client.get("/sign-in/", headers={"cookie": "dothi_language=en"}).content.decode()
    assert "Sign in by Sở" in page


def test_who_has_an_account_with_a_proved_address_comes_in(client: Client, server: str, lan: User) -> None:
    answer = client.get(land(client, come_by(client, server, "known")))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/alarms/")
    assert client.get("/accounts/").status_code == 200
    assert client.session["_auth_user_id"] == str(lan.pk)
    lan.refresh_from_db()
    assert lan.check_password("một mật khẩu đủ dài"), "the password of before still holds"
    bodies = [entry.body for entry in AuditEntry.objects.all()]
    assert any('"single_sign_on":"sso"' in body and f"user:{lan.pk}" in body for body in bodies)


def test_who_comes_again_is_the_same_person_though_the_address_changed(client: Client, server: str, lan: User) -> None:
    client.get(land(client, come_by(client, server, "known")))
    people.update_details(lan.pk, name="", email="other@example.org", phone="")
    again = Client()
    again.get(land(again, come_by(again, server, "known")))
    assert again.session["_auth_user_id"] == str(lan.pk)


@pytest.mark.parametrize("name", ["stranger", "unproved"])
def test_nobody_else_gets_an_account_or_in(client: Client, server: str, lan: User, name: str) -> None:
    answer = client.get(land(client, come_by(client, server, name)))
    assert b"_auth_user_id" not in answer.content
    assert "_auth_user_id" not in client.session
    assert "Chưa có tài khoản" in answer.content.decode()
    assert User.objects.count() == 1


def test_who_is_shut_out_stays_out(client: Client, server: str, lan: User) -> None:
    people.set_active(lan.pk, is_active=False)
    client.get(land(client, come_by(client, server, "known")))
    assert "_auth_user_id" not in client.session


def test_a_forged_way_back_leads_nowhere(client: Client) -> None:
    answer = client.get("/sign-in/by/sso/callback/?code=x&state=y")
    assert "_auth_user_id" not in client.session
    assert answer.status_code in {200, 401, 403}


def test_a_server_without_a_client_id_is_refused() -> None:
    with pytest.raises(ValueError, match="DOTHI_OIDC_CLIENT_ID"):
        providers_of(Environment(oidc_issuer="https://sso.example.org"))
    assert providers_of(Environment()) == []
