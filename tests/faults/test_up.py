"""Whatever dies or is missing: one clear line, no process left behind, and a clean next start."""

import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dothi.config.tests.private_servers import PrivateServers, choose_servers
from tests.faults.disk import hiding, need_mounts, small_disk
from tests.faults.installation import COMMANDS, NAMES, Installation
from tests.waiting import wait_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a short path that the servers' own users can enter."""
    with tempfile.TemporaryDirectory(prefix="dothi-faults-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def installation(folder: Path) -> Iterator[Installation]:
    """One home for all tests of this module: each finds it as the one before left it."""
    found = Installation(folder / "home", consoles=folder)
    yield found
    found.kill_everything()


@pytest.fixture
def running(installation: Installation) -> Installation:
    """The same home, with Dothi running on it."""
    if installation.process is None or installation.has_ended():
        installation.start_and_wait()
    return installation


def assert_one_line(installation: Installation, *words: str) -> None:
    assert installation.wait_for_end() == 1, installation.said()
    assert len(installation.said()) == 1, installation.said()
    assert all(word in installation.said()[0] for word in ("dothi: ", *words)), installation.said()


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_taken_port_is_one_clear_line(installation: Installation, offset: int) -> None:
    with socket.create_server(("127.0.0.1", installation.port + offset)):
        installation.start()
        assert_one_line(installation, f"Port {installation.port + offset}", "--port N")
    installation.assert_nothing_left()


def test_a_missing_program_is_one_clear_line(installation: Installation) -> None:
    need_mounts()
    hidden = Installation(installation.home, installation.consoles, prefix=hiding("mosquitto"))
    hidden.start()
    assert_one_line(hidden, "mosquitto", "Debian package")
    hidden.assert_nothing_left()


def test_a_home_that_cannot_be_made_is_one_clear_line(folder: Path) -> None:
    (folder / "file").touch()
    impossible = Installation(folder / "file" / "home", consoles=folder)
    impossible.start()
    assert_one_line(impossible, "cannot be written to", "--home DIR")


def test_a_second_dothi_on_one_home_is_one_clear_line(running: Installation) -> None:
    second = Installation(running.home, running.consoles)
    second.start()
    assert_one_line(second, "already runs", str(running.process.pid if running.process else 0))
    assert running.is_ready()


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_is_started_again(running: Installation, name: str) -> None:
    wait_for(lambda: running.number_of(name) is not None, f"{name} runs", tell=running.story)
    killed = running.number_of(name)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: running.number_of(name) not in {None, killed}, f"{name} runs", tell=running.story)
    wait_for(running.is_ready, f"ready again after {name} was killed", tell=running.story)
    wait_for(lambda: running.shows("/places/"), f"pages are there again after {name} was killed", tell=running.story)
    assert running.count(f"{NAMES[name]} ended (SIGKILL); starting it again in") == 1


def test_a_killed_supervisor_leaves_nothing_behind(running: Installation) -> None:
    running.stop(signal.SIGKILL)
    running.assert_nothing_left()


def test_the_next_start_after_a_kill_is_clean_and_goes_on(running: Installation) -> None:
    before = json.loads((running.home / "clock.json").read_bytes())["city_time"]
    assert datetime.fromisoformat(str(running.health()["city_time"])) >= datetime.fromisoformat(before) - timedelta(
        minutes=5
    )
    wait_for(lambda: running.count("Open this address") == 1, "the way in is said", tell=running.story)
    assert len(running.said()) == 2, running.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(running: Installation, number: signal.Signals) -> None:
    assert running.stop(number) == 0
    assert not running.processes()
    assert running.said()[-2:] == ["Stopping ...", "Dothi has stopped."]


def test_a_killed_start_is_no_hindrance(folder: Path) -> None:
    fresh = Installation(folder / "fresh", consoles=folder)
    try:
        fresh.start()
        wait_for(lambda: (fresh.home / "postgres.draft").exists(), "a cluster half made", tell=fresh.story)
        fresh.stop(signal.SIGKILL)
        fresh.assert_nothing_left()
        fresh.start_and_wait()
        assert fresh.stop() == 0
    finally:
        fresh.kill_everything()


def test_a_full_disk_is_one_clear_line_and_recovers_by_itself(folder: Path) -> None:
    (folder / "disk").mkdir()
    with small_disk(folder / "disk", megabytes=500) as disk:
        installation = Installation(disk.inside / "home", folder, prefix=disk.prefix)
        try:
            disk.fill()
            installation.start()
            assert_one_line(installation, "The disk of", "is full")
            installation.assert_nothing_left()
            disk.free()
            installation.start_and_wait("--speed", "60")
            disk.fill()
            wait_for(lambda: installation.count("is full") == 1, "the line", tell=installation.story)
            postgres = installation.number_of("postgres")
            assert postgres is not None
            os.kill(postgres, signal.SIGKILL)
            wait_for(
                lambda: installation.health().get("status") == "not ready",
                "the database is down",
                tell=installation.story,
            )
            disk.free()
            wait_for(lambda: installation.count("There is room") == 1, "the second line", tell=installation.story)
            wait_for(installation.is_ready, "ready again", tell=installation.story)
            assert installation.count("is full") == 1
            assert installation.stop() == 0
            assert not installation.processes()
        finally:
            installation.kill_everything()


@pytest.fixture
def operators_servers() -> Iterator[PrivateServers]:
    """Servers that no other test speaks to: two Dothis on one broker push each other away."""
    servers = choose_servers()
    try:
        servers.start_postgres()
        servers.start_mosquittos()
        yield servers
    finally:
        servers.close()


def test_servers_of_the_operators_own_are_used(folder: Path, operators_servers: PrivateServers) -> None:
    names = ("DOTHI_DATABASE_URL", "DOTHI_MQTT_URL", "DOTHI_MQTT_OUT_URL")
    settings = {name: operators_servers.settings()[name] for name in names}
    installation = Installation(folder / "plain", folder, is_demo=False, settings=settings)
    try:
        installation.start_and_wait()
        assert {name for name in NAMES if installation.number_of(name)} == set(COMMANDS)
        health = installation.health()
        assert health["clock_speed"] == 1
        assert installation.stop() == 0
        assert not installation.processes()
        assert not (installation.home / "postgres").exists()
        assert all(process.poll() is None for process, _ in operators_servers.running.values())
    finally:
        installation.kill_everything()
