"""How devices speak to a platform that is away, slow or refuses: bounded, and never twice by themselves."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulators.outsider.web import NotYet, Web


class Answering(BaseHTTPRequestHandler):
    """Answers by the path, `/STATUS`; each connection takes one request and is then closed without a word."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        """Answer with the status of the path."""
        type(self).asked.append(self.command)
        status = int(self.path.rpartition("/")[2]) if self.path != "/health/ready" else 503
        body = b'{"city_time": "2026-06-21T13:18:00Z"}' if status in (200, 503) else b"refused"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[Web]:
    Answering.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = Web(f"http://127.0.0.1:{server.server_port}", key_id="a", key_secret="b")
    yield made
    made.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_only_reads_is_asked_again_over_a_new_connection(web: Web) -> None:
    assert web.get("/200") == web.get("/200")
    assert Answering.asked == ["GET", "GET"]


def test_what_may_have_been_done_is_not_sent_again_by_itself(web: Web) -> None:
    web.post("/200", {})
    with pytest.raises(NotYet):
        web.post("/200", {})
    assert Answering.asked == ["POST"]
    web.post("/200", {})


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_platform_that_is_busy_or_broken_is_asked_later(web: Web, status: int) -> None:
    with pytest.raises(NotYet):
        web.get(f"/{status}")


def test_a_refusal_is_told(web: Web) -> None:
    with pytest.raises(RuntimeError, match="GET /403: 403: refused"):
        web.get("/403")


def test_the_time_is_known_while_a_part_of_the_platform_is_away(web: Web) -> None:
    assert web.health()["city_time"] == "2026-06-21T13:18:00Z"


def test_nobody_there_is_not_yet() -> None:
    with pytest.raises(NotYet):
        Web("http://127.0.0.1:9", key_id="a", key_secret="b").get("/200")
