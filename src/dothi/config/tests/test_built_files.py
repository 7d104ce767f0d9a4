"""The front end's files, with the compressed copies that the build leaves beside them."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from dothi.config.asgi import BuiltFiles

SCRIPT = b"const city = 1;" * 100


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    assets = tmp_path / "build/assets"
    assets.mkdir(parents=True)
    (assets / "map-1a2b.js").write_bytes(SCRIPT)
    (assets / "map-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "alone-3c4d.css").write_bytes(b"body {}")
    app = Starlette(routes=[Mount("/static", BuiltFiles(directory=tmp_path))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city")


async def test_whoever_takes_compression_gets_the_copy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/build/assets/map-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.content == SCRIPT  # httpx has unpacked it
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "encoding", "content"),
    [("map-1a2b.js", "identity", SCRIPT), ("alone-3c4d.css", "gzip", b"body {}")],
)
async def test_all_others_get_the_file_itself(
    client: httpx.AsyncClient, path: str, encoding: str, content: bytes
) -> None:
    answer = await client.get(f"/static/build/assets/{path}", headers={"Accept-Encoding": encoding})
    assert answer.content == content
    assert "content-encoding" not in answer.headers


async def test_a_copy_that_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    address, wanted = "/static/build/assets/map-1a2b.js", {"Accept-Encoding": "gzip"}
    first = await client.get(address, headers=wanted)
    again = await client.get(address, headers=wanted | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
