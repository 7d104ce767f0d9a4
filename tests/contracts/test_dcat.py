"""The catalogue in DCAT-AP: what its profile asks for is there, each word is defined, each address answers."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

import httpx
import msgspec
import pytest
import pytest_asyncio
import shapely
from asgiref.sync import sync_to_async
from pytest_django import Settings
from starlette.applications import Starlette

from dothi.config import environment
from dothi.config.asgi import application
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers.types import Role, Visibility
from dothi.core.places.serving.tests.published import publish
from dothi.protocols.features.tests.conftest import drop_layers

CITY: Final = "http://testserver"
ADDRESS: Final = "/dcat/catalogue.jsonld"
VIEW, INTERNAL, RESTRICTED = "places.layer.view", "places.layer.view_internal", "places.layer.view_restricted"
MANDATORY: Final[Mapping[str, set[str]]] = {
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher", "dcat:dataset"},
    "dcat:Dataset": {"dct:title", "dct:description"},
    "dcat:Distribution": {"dcat:accessURL"},
    "dcat:DataService": {"dct:title", "dcat:endpointURL"},
    "foaf:Agent": {"foaf:name"},
}
"""What DCAT-AP 3 asks of each class."""


@sync_to_async
def put_layers() -> None:
    square = [("Thửa 1", {"so": 1}, shapely.box(106.6, 11, 106.61, 11.01))]
    for slug, visibility in (
        ("open", Visibility.PUBLIC),
        ("house", Visibility.INTERNAL),
        ("closed", Visibility.RESTRICTED),
    ):
        publish(slug, square, role=Role.ZONING, visibility=visibility, owner="land", name=f"Lớp {slug}")


@pytest_asyncio.fixture
async def client(database_url: str, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Who asks both doors as a visitor; visitors may see what is public."""
    settings.VISITOR_ROLE = "viewer"
    made: Starlette = application(msgspec.structs.replace(environment.read(), database_url=database_url))
    await made.state.record.start()
    made.state.hub.close()
    await put_layers()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url=CITY) as asking:
        yield asking
    await made.state.features.close()
    await made.state.record.stop()
    await sync_to_async(drop_layers)()


async def key_for(*permissions: str, department: str = "") -> dict[str, str]:
    made = await sync_to_async(accounts.create_key)(
        SYSTEM, name="test", permissions=list(permissions), department=department
    )
    return {"Authorization": f"Bearer {made.token}"}


def nodes(told: object) -> Iterator[dict[str, Any]]:
    """Walk what the catalogue says."""
    if isinstance(told, list):
        for each in told:
            yield from nodes(each)
    elif isinstance(told, dict):
        yield told
        for name, value in told.items():
            if name != "@context":
                yield from nodes(value)


async def test_the_catalogue_is_dcat_ap(client: httpx.AsyncClient) -> None:
    answer = await client.get(ADDRESS)
    assert answer.headers["content-type"].startswith("application/ld+json")
    told = answer.json()
    assert told["@id"] == f"{CITY}{ADDRESS}"
    context = told["@context"]
    prefixes = {name for name, iri in context.items() if isinstance(iri, str)}
    linked = {name for name, value in context.items() if isinstance(value, dict) and value.get("@type") == "@id"}
    for node in nodes(told):
        assert node.keys() >= MANDATORY.get(node.get("@type", ""), set()), node
        for name, value in node.items():
            assert name.startswith("@") or name.partition(":")[0] in prefixes, name
            if name in linked:
                values = value if isinstance(value, list) else [value]
                assert all(isinstance(each, str) and each.startswith("http") for each in values), name
    languages = {each["@language"] for each in told["dct:title"]}
    [dataset] = told["dcat:dataset"]
    assert languages == {each["@language"] for each in dataset["dct:title"]} == {"vi", "en"}
    assert dataset["dct:accessRights"].endswith("/PUBLIC")
    assert {"http://inspire.ec.europa.eu/theme/lu"} < set(dataset["dcat:theme"])
    box = shapely.from_wkt(dataset["dct:spatial"]["dcat:bbox"])
    # Bounds are those of cells of some ten kilometres that the middles of features lie in.
    assert box.covers(shapely.Point(106.605, 11.005))
    [service] = told["dcat:service"]
    assert service["dcat:servesDataset"] == [dataset["@id"]]
    assert {each.get("dcat:accessService") for each in dataset["dcat:distribution"]} == {None, service["@id"]}


async def test_each_address_of_the_catalogue_answers(client: httpx.AsyncClient) -> None:
    told = (await client.get(ADDRESS)).json()
    [dataset], [service] = told["dcat:dataset"], told["dcat:service"]
    files = {each["dcat:accessURL"] for each in dataset["dcat:distribution"]}
    assert len(files) == 6
    pages = {told["foaf:homepage"], dataset["dcat:landingPage"]}
    for address in sorted(files | pages | {service["dcat:endpointURL"], service["dcat:endpointDescription"]}):
        answer = await client.get(address)
        assert answer.status_code == 200, address
        same = [each for each in dataset["dcat:distribution"] if each.get("dcat:downloadURL") == address]
        assert all(each["dcat:mediaType"].endswith(answer.headers["content-type"].split(";")[0]) for each in same)
    page = (await client.get(told["foaf:homepage"])).text
    assert f'href="{ADDRESS}"' in page


@pytest.mark.parametrize(
    ("permissions", "department", "seen"),
    [
        ((VIEW,), "", {"open"}),
        ((VIEW, INTERNAL), "", {"open", "house"}),
        ((VIEW, INTERNAL, RESTRICTED), "land", {"open", "house", "closed"}),
        ((VIEW, INTERNAL, RESTRICTED), "water", {"open", "house"}),
    ],
)
async def test_what_the_asker_may_not_see_is_not_listed(
    client: httpx.AsyncClient, permissions: tuple[str, ...], department: str, seen: set[str]
) -> None:
    answer = await client.get(ADDRESS, headers=await key_for(*permissions, department=department))
    told = answer.json()
    assert {each["dct:identifier"] for each in told["dcat:dataset"]} == seen
    assert all(slug in seen or f"/{slug}/" not in answer.text for slug in ("open", "house", "closed"))


async def test_without_the_right_to_see_layers_there_is_no_catalogue(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    settings.VISITOR_ROLE = ""
    assert (await client.get(ADDRESS)).status_code == 401
    assert (await client.get(ADDRESS, headers=await key_for("places.area.view"))).status_code == 403
    assert (await client.get("/dcat/", headers=await key_for(VIEW))).headers["location"] == ADDRESS
