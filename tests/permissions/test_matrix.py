"""Every address of both doors, asked by every role, by keys and by nobody: who may, may; nobody else."""

from collections.abc import AsyncIterator, Iterator

import httpx
import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings
from starlette.applications import Starlette
from starlette.routing import Route

from dothi.config import environment
from dothi.config.asgi import application, machine_routes
from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.places.tests.wards import WARD
from dothi.kernel.manifest import load_manifests
from dothi.protocols import door
from dothi.web import guard

SAMPLES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "float": "1",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
DECLARED = {permission.id for manifest in load_manifests() for permission in manifest.permissions}
REFUSALS = {401, 403}
OF_THE_WHOLE_CITY = {"/audit/"}
"""Pages of what belongs to no department: a grant in one does not open them."""


def people_addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[tuple[str, str | None]]:
    """Walk Django's addresses: a sample of each, and the permission its view carries."""
    for pattern in patterns:
        converters = pattern.pattern.converters
        path = str(pattern.pattern)
        for name, converter in converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            path = path.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES["str"])
        if isinstance(pattern, URLResolver):
            yield from people_addresses(pattern.url_patterns, prefix + path)
        else:
            yield prefix + path, guard.permission_of(pattern.callback)


def machine_addresses() -> Iterator[tuple[str, str, str | None]]:
    """Walk Starlette's addresses: method, a sample of each, and the permission its endpoint carries."""
    for route in machine_routes():
        assert isinstance(route, Route), f"{route} is no plain route: teach this test to walk it"
        path = route.path
        for name in route.param_convertors:
            for form in (f"{{{name}}}", f"{{{name}:int}}", f"{{{name}:path}}", f"{{{name}:str}}"):
                path = path.replace(form, "1")
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            yield method, path, getattr(route.endpoint, door.MARK, None)


PEOPLE = sorted(set(people_addresses(get_resolver().url_patterns)))
MACHINES = sorted(set(machine_addresses()))


@pytest.mark.parametrize(("path", "permission"), PEOPLE)
def test_every_page_names_a_permission_that_a_manifest_declares(path: str, permission: str | None) -> None:
    assert permission in DECLARED | {accounts.PUBLIC, accounts.SIGNED_IN}


@pytest.mark.parametrize(("method", "path", "permission"), MACHINES)
def test_every_operation_names_a_permission_that_a_manifest_declares(
    method: str, path: str, permission: str | None
) -> None:
    assert permission in DECLARED | {accounts.PUBLIC}


def is_allowed(permission: str, role: Role | None) -> bool:
    if permission == accounts.SIGNED_IN:
        return role is not None
    return permission == accounts.PUBLIC or (role is not None and permission in accounts.permissions_of_role(role))


def make_person(role: Role, *, department: str = "", area: str = "") -> User:
    """Make a person who has a role everywhere, or in a department or an area alone."""
    person = User.objects.create_user(username=role.value, password="một mật khẩu đủ dài")
    person.grants.create(role=role.value, department=department, area=area)
    return person


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize(("path", "permission"), PEOPLE)
def test_pages(path: str, permission: str, role: Role | None, settings: Settings) -> None:
    settings.VISITOR_ROLE = ""
    client = Client(raise_request_exception=False)
    if role is not None:
        client.force_login(make_person(role))
    answer = client.get(path)
    sent_to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/?")
    if is_allowed(permission, role):
        assert answer.status_code not in REFUSALS
        assert not (sent_to_sign_in and path != "/sign-in/")
    elif role is None:
        assert sent_to_sign_in
    else:
        assert answer.status_code == 403


@pytest_asyncio.fixture
async def app(database_url: str, settings: Settings) -> AsyncIterator[Starlette]:
    """Both doors without their start-up: the hub is closed, so that no stream goes on for ever."""
    settings.VISITOR_ROLE = ""
    made = application(msgspec.structs.replace(environment.read(), database_url=database_url))
    await made.state.record.start()
    made.state.hub.close()
    yield made
    await made.state.features.close()
    await made.state.record.stop()


@pytest.mark.django_db
@pytest.mark.parametrize("within", [{"department": "lighting"}, {"area": WARD}], ids=["department", "area"])
@pytest.mark.parametrize("role", [*Role])
def test_pages_with_a_grant_in_one_part(role: Role, within: dict[str, str], settings: Settings) -> None:
    """The same pages open, with less on them; but what is of the whole city stays shut."""
    settings.VISITOR_ROLE = "viewer"
    client = Client(raise_request_exception=False)
    client.force_login(make_person(role, **within))
    for path, permission in PEOPLE:
        assert permission is not None
        if "sign-out" in path:
            continue
        status = client.get(path).status_code
        expected = is_allowed(permission, role) and path not in OF_THE_WHOLE_CITY
        assert (status not in REFUSALS) == expected, (path, status)


@pytest.mark.parametrize("within", [{}, {"department": "lighting"}, {"area": WARD}], ids=["all", "department", "area"])
@pytest.mark.parametrize("role", [None, *Role])
async def test_operations_by_session(app: Starlette, role: Role | None, within: dict[str, str]) -> None:
    cookies = await sync_to_async(_sign_in)(role, within)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", cookies=cookies) as client:
        for method, path, permission in MACHINES:
            assert permission is not None
            status = (await client.request(method, path)).status_code
            if is_allowed(permission, role):
                assert status not in REFUSALS, (method, path)
            else:
                assert status == (401 if role is None else 403), (method, path)


def _sign_in(role: Role | None, within: dict[str, str]) -> dict[str, str]:
    if role is None:
        return {}
    client = Client()
    client.force_login(make_person(role, **within))
    return {name: morsel.value for name, morsel in client.cookies.items()}


async def test_operations_by_key(app: Starlette) -> None:
    transport = httpx.ASGITransport(app)
    for method, path, permission in MACHINES:
        if permission in (None, accounts.PUBLIC):
            continue
        others = sorted(DECLARED - {permission})
        for allowed, granted in ((True, [permission]), (False, others)):
            key = await sync_to_async(accounts.create_key)(SYSTEM, name="test", permissions=granted)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                by_token = await client.request(method, path, headers={"Authorization": f"Bearer {key.token}"})
                by_password = await client.request(method, path, auth=(key.id, key.secret))
            for answer in (by_token, by_password):
                assert (answer.status_code not in REFUSALS) == allowed, (method, path, answer.status_code)


async def test_a_wrong_key_is_refused_everywhere_in_the_same_words(app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for method, path, permission in MACHINES:
            if permission != accounts.PUBLIC:
                for header in ("Bearer nobody.nothing", "Bearer x", "Basic ?", "Digest x", "Bearer "):
                    answer = await client.request(method, path, headers={"Authorization": header})
                    assert answer.status_code == 401
                    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
