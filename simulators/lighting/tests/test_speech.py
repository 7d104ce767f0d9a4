"""What gateways say while the broker is away: bounded, the newest kept, each gateway by one connection."""

import pytest

from simulators.lighting.publisher import CONNECTIONS, Publisher
from simulators.outsider import connection


async def test_while_the_broker_is_away_the_newest_messages_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BACKLOG", 10)
    speaker = Publisher("mqtt://127.0.0.1:9", key_id="a", key_secret="b", on_task=lambda *_: None)
    speaker.send(0, [("t", b"%d" % number) for number in range(8)])
    assert (speaker.unanswered, speaker.skipped) == (8, 0)
    speaker.send(CONNECTIONS, [("t", b"%d" % number) for number in range(8, 13)])
    speaker.send(1, [("t", b"another gateway")])
    assert (speaker.unanswered, speaker.skipped) == (11, 3)
