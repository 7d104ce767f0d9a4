"""OGC API Features and Tiles: owslib as the client, each layer for whom it is, tiles that stay small."""

import asyncio
import subprocess
import sys
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from owslib.ogcapi.features import Features
from starlette.applications import Starlette

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM

VIEW, INTERNAL, RESTRICTED = "places.layer.view", "places.layer.view_internal", "places.layer.view_restricted"
MVT = "application/vnd.mapbox-vector-tile"
TILE = "14/13043/7688"
"""The tile of zoom 14 that the squares begin in."""


async def key_for(*permissions: str, department: str = "") -> dict[str, str]:
    made = await sync_to_async(accounts.create_key)(
        SYSTEM, name="test", permissions=list(permissions), department=department
    )
    return {"Authorization": f"Bearer {made.token}"}


async def test_owslib_reads_collections_items_and_queryables(url: str) -> None:
    headers = await key_for(VIEW)

    def read() -> dict[str, Any]:
        client = Features(url, headers=headers)
        return {
            "conformance": client.conformance()["conformsTo"],
            "collections": client.feature_collections(),
            "collection": client.collection("open"),
            "queryables": client.collection_queryables("open"),
            "items": client.collection_items("open", limit=5),
            "boxed": client.collection_items("open", bbox=[106.601, 11.0, 106.6019, 11.001]),
            "filtered": client.collection_items("open", filter="so > 15 AND use = 'ODT'", limit=100),
        }

    found = await asyncio.to_thread(read)
    assert any(each.endswith("ogcapi-features-1/1.0/conf/core") for each in found["conformance"])
    assert found["collections"] == ["open"]
    assert found["collection"]["title"] == "Lớp open"
    assert {"so", "use", "label"} <= set(found["queryables"]["properties"])
    assert (found["items"]["numberMatched"], found["items"]["numberReturned"]) == (20, 5)
    assert {each["properties"]["so"] for each in found["boxed"]["features"]} == {1}
    assert sorted(each["properties"]["so"] for each in found["filtered"]["features"]) == [17, 19]
    assert float(found["collection"]["extent"]["spatial"]["bbox"][0][0]) == pytest.approx(106.6, abs=0.2)


WHO = [
    ((VIEW,), "", {"open"}),
    ((VIEW, INTERNAL), "", {"open", "house"}),
    ((VIEW, INTERNAL, RESTRICTED), "land", {"open", "house", "closed"}),
    ((VIEW, INTERNAL, RESTRICTED), "water", {"open", "house"}),
    ((VIEW, INTERNAL, RESTRICTED), "", {"open", "house", "closed"}),
]
WAYS = [
    "",
    "/items",
    "/items/{fid}",
    "/queryables",
    "/tiles",
    f"/tiles/WebMercatorQuad/{TILE}",
    "/tiles/WebMercatorQuad/tilejson.json",
]


@pytest.mark.parametrize(("permissions", "department", "seen"), WHO)
async def test_a_layer_is_there_only_for_whoever_may_see_it(
    app: Starlette, permissions: tuple[str, ...], department: str, seen: set[str]
) -> None:
    """The matrix: each way to a layer, for each visibility, by each reach."""
    headers = await key_for(*permissions, department=department)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.test") as client:
        listed = (await client.get("/features/collections", headers=headers)).json()["collections"]
        assert {each["id"] for each in listed} == seen
        fids = await sync_to_async(first_features)()
        for slug in ("open", "house", "closed"):
            for way in WAYS:
                path = f"/features/collections/{slug}{way.format(fid=fids[slug])}"
                status = (await client.get(path, headers=headers)).status_code
                assert status == (200 if slug in seen else 404), path


def first_features() -> dict[str, int]:
    from dothi.core.places.layers import service as layers  # noqa: PLC0415 (needs Django to be set up)

    return {slug: layers.list_features(SYSTEM, slug, limit=1)[0].fid for slug in ("open", "house", "closed")}


async def test_nobody_and_keys_without_the_permission_are_refused(app: Starlette) -> None:
    other = await key_for("observations.thing.view")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.test") as client:
        for path in ("/features/", "/features/collections", "/features/collections/open/items"):
            assert (await client.get(path, headers=other)).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "query_to_xml('select 1',true,true,'') = 'x'",
        "pg_sleep(5) = 1",
        "password = 'x'",
        "((((",
        "so = " + "1 + " * 4000 + "1",
    ],
)
async def test_a_filter_that_says_more_than_cql2_is_refused(app: Starlette, asked: str) -> None:
    headers = await key_for(VIEW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.test") as client:
        for way in ("items", f"tiles/WebMercatorQuad/{TILE}"):
            answer = await client.get(f"/features/collections/open/{way}", params={"filter": asked}, headers=headers)
            assert answer.status_code == 400
            assert answer.json()["place"] == "filter"


async def test_tiles_hold_features_and_cells_where_there_are_too_many(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await key_for(VIEW)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.test") as client:
        path = f"/features/collections/open/tiles/WebMercatorQuad/{TILE}"
        answer = await client.get(path, headers=headers)
        assert answer.headers["Content-Type"] == MVT
        assert "Thửa 1".encode() in answer.content
        from dothi.protocols.features import tiles  # noqa: PLC0415  (tipg is loaded by then)

        for most in ("MOST_FEATURES", "MOST_BYTES"):
            with monkeypatch.context() as few:
                few.setattr(tiles, most, 3)
                grouped = await client.get(path, headers=headers)
            assert b"features" in grouped.content
            assert "Thửa 1".encode() not in grouped.content
        said = (await client.get("/features/collections/open", headers=headers)).json()["description"]
        assert "4,000 features or 500 kB" in said
        monkeypatch.setattr(tiles, "MOST_FEATURES", 3)
        narrowed = await client.get(path, params={"filter": "so = 1"}, headers=headers)
        assert b"label" in narrowed.content


def test_web_starts_without_tipg() -> None:
    script = (
        "import django, os, sys\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'dothi.config.settings')\n"
        "django.setup()\n"
        "import dothi.config.asgi\n"
        "print(sorted({'tipg', 'fastapi', 'asyncpg', 'cql2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


async def test_a_question_says_only_what_is_known(url: str) -> None:
    headers = await key_for(VIEW)
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        for asked, place in (({"unheard": "1"}, "unheard"), ({"limit": "0"}, "limit")):
            answer = await client.get("/collections/open/items", params=asked)
            assert (answer.status_code, answer.json()["place"]) == (400, place)
        answer = await client.get("/collections/open/items", params={"so": "15", "f": "geojson"})
        assert [each["properties"]["so"] for each in answer.json()["features"]] == [15]
        told = (await client.get("/api")).json()
    assert told["openapi"].startswith("3.0.")
    assert "'type': 'null'" not in str(told)
