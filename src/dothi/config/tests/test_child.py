"""A program that ends is started again, with growing patience; what it starts ends with it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dothi.config.servers.child import FIRST_DELAY_S, LONGEST_DELAY_S, WELL_AFTER_S, BackOff, Child
from dothi.config.servers.console import LARGEST_LOG, Log
from dothi.config.servers.process import Program, until


def child_of(tmp_path: Path, code: str, told: list[str]) -> Child:
    program = Program(name="sample", argv=(sys.executable, "-c", code), variables=dict(os.environ))
    return Child(program, log=Log(tmp_path / "sample.log"), tell=told.append)


def test_the_delays_double_up_to_a_bound() -> None:
    back_off = BackOff()
    assert [back_off.after(0) for _ in range(9)] == [0.5, 1, 2, 4, 5, 5, 5, 5, 5]


@given(st.lists(st.floats(0, 200)))
def test_a_life_that_went_well_begins_anew(lives: list[float]) -> None:
    back_off = BackOff()
    for lived_s in lives:
        delay_s = back_off.after(lived_s)
        assert FIRST_DELAY_S <= delay_s <= LONGEST_DELAY_S
        assert lived_s < WELL_AFTER_S or delay_s == FIRST_DELAY_S


async def test_the_reason_of_an_end_is_its_last_line(tmp_path: Path) -> None:
    told: list[str] = []
    child = child_of(tmp_path, "print('first', flush=True); raise SystemExit('no such thing')", told)
    child.start()
    watching = asyncio.create_task(child.watch())
    assert await until(lambda: bool(told), within_s=30)
    await child.stop()
    await watching
    assert told[0] == "sample ended (exit code 1: no such thing); starting it again in 0.5 s."
    assert (tmp_path / "sample.log").read_text("utf-8").startswith("first\n")


async def test_a_stopped_child_is_not_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    child = child_of(tmp_path, "import signal; print('up', flush=True); signal.pause()", told)
    process = child.start()
    watching = asyncio.create_task(child.watch())
    assert await until(lambda: child.log.last_line() == "up", within_s=30)
    await child.stop()
    await watching
    assert process.returncode == -signal.SIGTERM
    assert told == []


async def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    code = "import signal as s; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True)\nwhile True: s.pause()"
    program = Program("deaf", (sys.executable, "-c", code), dict(os.environ), stop_signals=((signal.SIGTERM, 0.1),))
    child = Child(program, log=Log(tmp_path / "deaf.log"), tell=print)
    process = child.start()
    assert await until(lambda: child.log.last_line() == "up", within_s=30)
    await child.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_log_is_bounded(tmp_path: Path) -> None:
    log = Log(tmp_path / "log" / "sample.log")
    for _ in range(3):
        log.write(b"x" * LARGEST_LOG + b"\n")
    log.write("cuối cùng\n\n".encode())
    assert log.last_line() == "cuối cùng"
    assert sorted(file.name for file in log.file.parent.iterdir()) == ["sample.log", "sample.log.1"]
