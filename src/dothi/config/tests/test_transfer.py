"""The commands for files: what they say, how they exit, and that a killed one goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from django.db import connection as django_connection

from dothi.config.cli import main
from dothi.config.servers.beside import settings_beside
from dothi.config.tests.private_servers import PrivateServers

MAPPING = """
source = "test"
[time]
column = "t"
format = "epoch_s"
[thing]
key = "meter"
[sensor]
name = "meter"
[[datastreams]]
column = "x"
observed_property = { name = "X", definition = "urn:test:x" }
"""
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def folder(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with a mapping; the commands use the tests' database, and no broker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOTHI_DATABASE_URL", database_url)
    monkeypatch.setenv("DOTHI_MQTT_OUT_URL", "")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    yield tmp_path
    with django_connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_import, observations_aggregate")


def dothi(*words: str) -> Result:
    return CliRunner().invoke(main, ["observations", *words])


def test_import_says_its_counts(folder: Path) -> None:
    (folder / "file.csv").write_text("t,x\n1614088800,1.5\n1614088860,2.5\n", "utf-8")
    planned = dothi("import", "file.csv", "--mapping", "mapping.toml", "--dry-run")
    assert (planned.exit_code, "1 Things, 1 Datastreams" in planned.output) == (0, True)
    said = dothi("import", "file.csv", "--mapping", "mapping.toml")
    assert (said.exit_code, "2 Observations read" in said.output) == (0, True)
    again = dothi("import", "file.csv", "--mapping", "mapping.toml", "--json")
    found = json.loads(again.stdout.splitlines()[-1])
    assert (found["added"], found["present"], found["bad"]) == (0, 2, 0)
    assert not (folder / "file.csv.bad.csv").exists()


def test_bad_rows_are_reported_and_the_rest_is_in(folder: Path) -> None:
    (folder / "file.csv").write_text('t,x\n1614088800,1.5\nsoon,2\n1614088860,"a, b"\n', "utf-8")
    said = dothi("import", "file.csv", "--mapping", "mapping.toml", "--json")
    assert said.exit_code == 3
    assert json.loads(said.stdout.splitlines()[-1])["added"] == 1
    assert (folder / "file.csv.bad.csv").read_text("utf-8").splitlines() == [
        "line,column,reason,value",
        "3,t,not a time of the mapping's format,soon",
        '4,x,not a number,"a, b"',
    ]
    (folder / "file.csv").write_text("t,x\n1614088800,1.5\n", "utf-8")
    assert dothi("import", "file.csv", "--mapping", "mapping.toml").exit_code == 0
    assert not (folder / "file.csv.bad.csv").exists()


def test_what_cannot_go_on_says_one_line(folder: Path) -> None:
    (folder / "file.csv").write_text("t,y\n1614088800,1.5\n", "utf-8")
    for words in (("--mapping", "mapping.toml"), ()):
        said = dothi("import", "file.csv", *words)
        assert said.exit_code == 1
        assert said.stderr.splitlines()[-1].startswith("Error: ")


def test_export_and_retain(folder: Path) -> None:
    (folder / "file.csv").write_text("t,x\n1614088800,1.5\n1614188800,2.5\n", "utf-8")
    dothi("import", "file.csv", "--mapping", "mapping.toml")
    span = ("--from", "2021-02-01", "--to", "2021-02-24T00:00:00")
    said = dothi("export", "out", *span, "--json")
    assert (said.exit_code, json.loads(said.stdout.splitlines()[-1])["rows"]) == (0, 1)
    assert "1 Observations in 1 files: 0 written" in dothi("export", "out", *span).output
    assert dothi("export", "out", "--from", "2021-02-02", "--to", "2021-02-01").exit_code == 1
    assert dothi("retain", "--dry-run").output.startswith("0 partitions would change")
    assert dothi("retain").output == "0 Observations left the record; their hours and days stay.\n"


def test_retain_with_days(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file.csv").write_text("t,x\n1614088800,1.5\n1614188800,2.5\n", "utf-8")
    dothi("import", "file.csv", "--mapping", "mapping.toml")
    monkeypatch.setenv("DOTHI_RAW_DAYS", "30")
    planned = dothi("retain", "--dry-run").output
    assert "drop  observations_observation_m202102" in planned
    steps = {step["part"]["table"]: step for step in json.loads(dothi("retain", "--dry-run", "--json").stdout)}
    assert len(steps["observations_observation_m202102"]["leaving"]) == 1
    assert "2 Observations left" in dothi("retain").output


@pytest.mark.faults
def test_an_import_that_is_killed_goes_on(folder: Path, database_url: str) -> None:
    count = 400_000
    lines = (f"{1_600_000_000 + 60 * number},{number % 97}" for number in range(count))
    (folder / "file.csv").write_text("\n".join(["t,x", *lines]), "utf-8")
    command = [sys.executable, "-m", "dothi.config.cli", "observations", "import", "file.csv"]
    command += ["--mapping", "mapping.toml", "--json"]
    process = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with psycopg.connect(database_url, autocommit=True) as connection:
        end = time.monotonic() + PATIENCE_S
        while connection.execute("SELECT FROM observations_import WHERE batches >= 2").fetchone() is None:
            assert time.monotonic() < end
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        query = "SELECT i.batches, i.added, (SELECT count(*) FROM observations_observation) FROM observations_import i"
        [(batches, added, stored)] = connection.execute(query).fetchall()
        assert (added, added) == (stored, batches * 50_000)
        done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        assert (found["resumed"], found["added"], found["present"]) == (True, count, 0)
        assert connection.execute("SELECT count(*) FROM observations_observation").fetchall() == [(count,)]


def test_commands_find_the_private_servers_of_a_home(private_servers: PrivateServers, tmp_path: Path) -> None:
    private_servers.start_mosquittos()
    found = settings_beside(private_servers.home.path, private_servers.mosquitto_in.port - 1)
    assert found["database_url"] == private_servers.postgres.url
    assert found["mqtt_url"] == private_servers.mosquitto_in.url
    private_servers.home.note_port(private_servers.mosquitto_in.port - 1)
    assert settings_beside(private_servers.home.path, 8000) == found
    (private_servers.home.path / "port").unlink()
    assert settings_beside(tmp_path / "none", 8000) == {}
    assert list(tmp_path.glob("none*")) == []
