"""Who comes to the machines' door with a token of the sign-on server: its people, with what their grants allow."""

import http.server
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar, cast

import httpx
import jwt
import msgspec
import pytest
import pytest_asyncio
from allauth.socialaccount.models import SocialAccount
from asgiref.sync import sync_to_async
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from pytest_django import Settings
from starlette.applications import Starlette

from dothi.config import environment
from dothi.config.asgi import application
from dothi.config.oidc import PROVIDER
from dothi.core.accounts import bearer
from dothi.core.accounts.models import Grant as GrantRow
from dothi.core.accounts.models import User
from dothi.core.accounts.store import people
from dothi.core.accounts.types import Grant, Role
from dothi.kernel import clock

CLIENT = "dothi"
KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
THINGS = "/sensorthings/v1.1/Things"
Sign = Callable[..., str]


class Server(http.server.BaseHTTPRequestHandler):
    """The part of an OpenID Connect server that tells its keys."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        at = f"http://127.0.0.1:{cast('tuple[str, int]', self.server.server_address)[1]}"
        key = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "first", "use": "sig", "alg": "RS256"}
        known = {
            "/.well-known/openid-configuration": {"issuer": at, "jwks_uri": f"{at}/keys"},
            "/keys": {"keys": [key]},
        }
        body = json.dumps(known[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    """The address of the server."""
    Server.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sign(issuer: str) -> Sign:
    """Signs a token of the server; what is given differs from a good one, None leaves a claim out."""

    def make(*, key: Any = KEY, algorithm: str = "RS256", kid: str = "first", **claims: object) -> str:
        good = {"iss": issuer, "aud": CLIENT, "sub": "u-1", "exp": int(clock.WALL.now().timestamp()) + 300}
        found = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode(found, key, algorithm=algorithm, headers={"kid": kid})

    return make


def _make_person() -> int:
    user_id = people.insert_user("lan", password="một mật khẩu đủ dài", grants=[Grant(Role.VIEWER)])
    SocialAccount.objects.create(user_id=user_id, provider=PROVIDER, uid="u-1")
    return user_id


@pytest_asyncio.fixture
async def client(database_url: str, issuer: str, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of both doors, and a person whom the server knows as u-1."""
    settings.VISITOR_ROLE = ""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    await sync_to_async(_make_person)()
    given = msgspec.structs.replace(
        environment.read(), database_url=database_url, oidc_issuer=issuer, oidc_client_id=CLIENT
    )
    app: Starlette = application(given)
    await app.state.record.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as found:
        yield found
    app.state.hub.close()
    await app.state.record.stop()


async def ask(client: httpx.AsyncClient, token: str, method: str = "GET") -> int:
    return (await client.request(method, THINGS, headers={"Authorization": f"Bearer {token}"})).status_code


async def test_a_person_may_by_token_what_the_grants_allow(client: httpx.AsyncClient, sign: Sign) -> None:
    assert await ask(client, sign()) == 200
    assert await ask(client, sign(), "POST") == 403
    await sync_to_async(GrantRow.objects.all().delete)()
    assert await ask(client, sign()) == 403


async def test_a_batch_asks_for_each_request_what_the_token_allows(client: httpx.AsyncClient, sign: Sign) -> None:
    asked = [{"id": "1", "method": "get", "url": "Things"}, {"id": "2", "method": "post", "url": "Things", "body": {}}]
    answer = await client.post("/v1.1/$batch", json={"requests": asked}, headers={"Authorization": f"Bearer {sign()}"})
    assert [each["status"] for each in answer.json()["responses"]] == [200, 403]


async def test_what_is_no_token_for_us_is_refused(client: httpx.AsyncClient, sign: Sign) -> None:
    now = int(clock.WALL.now().timestamp())
    for token in (
        sign(key=OTHER), sign(kid="other"), sign(aud="another"), sign(aud=None), sign(iss="http://elsewhere"),
        sign(iss=None), sign(exp=now - 60), sign(exp=None), sign(nbf=now + 600), sign(sub="u-2"), sign(sub=None),
        sign(sub="\0"), sign(sub="x" * 1000), sign(key="a-secret-that-is-long-enough-to-sign", algorithm="HS256"),
        sign(key=None, algorithm="none"), sign()[:-10], "a.b.c", "..", sign().replace(".", "..", 1),
        "ey." + "x" * 20_000 + ".z",
    ):  # fmt: skip
        assert await ask(client, token) == 401, token


async def test_who_may_no_longer_sign_in_is_refused(client: httpx.AsyncClient, sign: Sign) -> None:
    await sync_to_async(User.objects.update)(is_active=False)
    assert await ask(client, sign()) == 401


async def test_keys_are_asked_for_once_and_not_for_each_unknown_name(client: httpx.AsyncClient, sign: Sign) -> None:
    for kid in ("first", "first", "x", "y"):
        await ask(client, sign(kid=kid))
    assert Server.asked == ["/.well-known/openid-configuration", "/keys"]


async def test_without_the_server_tokens_wait_and_keys_still_work(
    client: httpx.AsyncClient, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(url: str) -> dict[str, Any]:
        raise OSError("gone")

    monkeypatch.setattr(bearer, "_fetch", fail)
    assert await ask(client, sign()) == 503
    assert await ask(client, "nobody.nothing") == 401
