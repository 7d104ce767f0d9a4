"""The patience of an outsider: it tries until the platform answers, and ends at once when it is told to."""

import argparse
import asyncio
import threading

import pytest

from simulators.outsider import life
from simulators.outsider.life import Outsider
from simulators.outsider.web import NotYet


def someone() -> Outsider:
    options = argparse.Namespace(url="http://127.0.0.1:9", truth=None, control=None)
    return Outsider(options, key_id="a", key_secret="b")


async def test_it_asks_until_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(life, "FIRST_PAUSE_S", 0.001)
    troubles = iter([NotYet("away"), NotYet("still away")])

    def work() -> str:
        trouble = next(troubles, None)
        if trouble is not None:
            raise trouble
        return "there"

    assert await someone().until_ready(work) == "there"
    assert capsys.readouterr().err.count("the platform does not answer") == 2


async def test_told_to_end_it_waits_for_no_answer() -> None:
    one, asked, answered = someone(), threading.Event(), threading.Event()

    def work() -> bool:
        asked.set()
        return answered.wait(60)

    trying = asyncio.create_task(one.until_ready(work))
    await asyncio.to_thread(asked.wait, 60)
    one.ended.set()
    assert await trying is None
    assert one.threads_end.is_set()
    answered.set()


async def test_a_pause_ends_early_when_told_to() -> None:
    one = someone()
    assert await one.pause(0) is False
    one.ended.set()
    assert await one.pause(3600) is True


async def test_a_refusal_is_no_matter_of_patience() -> None:
    def work() -> None:
        raise RuntimeError("403")

    with pytest.raises(RuntimeError, match="403"):
        await someone().until_ready(work)
