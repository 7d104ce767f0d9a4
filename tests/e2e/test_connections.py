"""Pages share their connections to the database, whatever thread a request has."""

import httpx
import psycopg
import pytest

from tests.e2e.site import Site

pytestmark = pytest.mark.browser

ASKED = 30
FEW = 10
"""What other processes may make meanwhile, and the pool itself."""
_SESSIONS = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"


def test_thirty_searches_make_no_thirty_connections(site: Site) -> None:
    """To make one and to ask it the first questions took 15 ms of processor time, half of all that a search takes."""
    with (
        psycopg.connect(site.settings["DOTHI_DATABASE_URL"], autocommit=True) as counting,
        httpx.Client(base_url=site.url, trust_env=False, timeout=60) as client,
    ):
        [(before,)] = counting.execute(_SESSIONS).fetchall()
        for number in range(ASKED):
            assert client.get("/search.json", params={"q": f"di an {number}"}).status_code == 200
        [(after,)] = counting.execute(_SESSIONS).fetchall()
    assert after - before < FEW
