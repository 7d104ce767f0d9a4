"""The private servers are safe by themselves: nobody comes in without a password, and what is broken is mended."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gmqtt
import psycopg
import pytest
from gmqtt.mqtt.handler import MQTTConnectError

from dothi.config.servers import home as homes
from dothi.config.servers.home import Home, elsewhere, open_home
from dothi.config.servers.mosquitto import PrivateMosquitto, first_rights, private_mosquitto
from dothi.config.servers.ports import check_free
from dothi.config.servers.postgres import PrivatePostgres, socket_folder
from dothi.config.servers.process import CannotStart, find_account
from dothi.config.tests.private_servers import PrivateServers, find_free_port, run


def test_the_database_has_postgis_and_its_owner_is_no_superuser(private_database: PrivatePostgres) -> None:
    with psycopg.connect(private_database.url) as connection:
        found = connection.execute(
            "select current_setting('is_superuser'), postgis_lib_version() >= '3', lower('ĐÔ THỊ'), "
            "current_setting('server_encoding'), current_setting('listen_addresses')"
        ).fetchone()
    assert found == ("off", True, "đô thị", "UTF8", "")


def test_the_database_lets_nobody_in_without_the_password(private_database: PrivatePostgres) -> None:
    for user in ("postgres", "dothi"):
        address = f"host={private_database.sockets} user={user} password=wrong dbname=dothi"
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(address)


def test_making_the_database_may_be_repeated(private_database: PrivatePostgres) -> None:
    private_database._open_database()


def test_no_secret_is_in_a_description(private_database: PrivatePostgres) -> None:
    assert private_database.password not in repr(private_database)
    assert private_database.password not in repr(private_database.program({"DOTHI_DATABASE_URL": private_database.url}))


async def is_let_in(broker: PrivateMosquitto, name: str, password: str) -> bool:
    client = gmqtt.Client("test", clean_session=True)
    client.set_config({"reconnect_retries": 0})
    if name:
        client.set_auth_credentials(name, password)
    try:
        await client.connect("127.0.0.1", broker.port, keepalive=30)
    except MQTTConnectError:
        return False
    await client.disconnect()
    return True


async def test_a_broker_lets_nobody_in_without_the_password(
    brokers: tuple[PrivateMosquitto, PrivateMosquitto],
) -> None:
    for broker in brokers:
        assert await is_let_in(broker, "dothi", broker.password)
        for name, password in (("", ""), ("dothi", "wrong"), ("device", "")):
            assert not await is_let_in(broker, name, password)


def test_rights_that_a_full_disk_cut_short_are_those_of_the_last_start(private_servers: PrivateServers) -> None:
    with open_here(private_servers.home.path / "broker") as home:
        broker = private_mosquitto(home, "mosquitto-in", port=find_free_port())
        rights = broker.data / "dynamic-security.json"
        broker.prepare()
        written = rights.read_text("utf-8")
        broker.prepare()
        assert rights.read_text("utf-8") == written
        rights.write_text(written[:100], "utf-8")
        broker.prepare()
        assert rights.read_text("utf-8") == written


def test_the_first_rights_know_one_client() -> None:
    rights = first_rights("secret")
    assert json.dumps(rights).count("username") == 1
    assert "secret" not in json.dumps(rights)


@contextlib.contextmanager
def open_here(path: Path) -> Iterator[Home]:
    home = run(open_home(path))
    try:
        yield home
    finally:
        home.close()


def test_a_home_is_opened_once_and_keeps_its_secrets(tmp_path: Path) -> None:
    with open_here(tmp_path / "home") as home:
        secret = home.secret("key")
        assert (home.path / "secrets" / "key").stat().st_mode & 0o777 == 0o600
        with pytest.raises(CannotStart, match=f"already runs .*{os.getpid()}"):
            run(open_home(tmp_path / "home"))
    with open_here(tmp_path / "home") as again:
        assert again.secret("key") == secret


def test_a_number_that_is_used_again_does_not_hold_a_home(tmp_path: Path) -> None:
    with open_here(tmp_path / "home") as home:
        (home.path / "lock").write_text(f"{os.getpid()} 12345\n", "ascii")
    with open_here(tmp_path / "home"):
        pass


def test_data_goes_elsewhere_if_the_servers_user_cannot_enter(
    private_servers: PrivateServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = find_account("postgres")
    with open_here(private_servers.home.path / "closed") as home:
        assert home.data_folder("postgres", None) == home.path / "postgres"
        if account is None:
            return
        monkeypatch.setattr(homes, "ELSEWHERE", private_servers.home.path / "elsewhere")
        assert home.data_folder("postgres", account) == home.path / "postgres"
        home.path.chmod(0o700)
        assert home.data_folder("postgres", account) == elsewhere(home.path) / "postgres"
        assert len(home.told) == 1
        (home.path / "postgres").mkdir()
        with pytest.raises(CannotStart, match="can no longer enter"):
            home.data_folder("postgres", account)


def test_a_dead_servers_mark_is_forgotten_even_if_its_number_is_used_again(
    tmp_path: Path, private_database: PrivatePostgres
) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n/somewhere\n", "ascii")
    replace(private_database, data=tmp_path)._forget_dead_postmaster()
    assert not (tmp_path / "postmaster.pid").exists()


def test_a_server_that_somebody_else_runs_is_left_alone(private_database: PrivatePostgres) -> None:
    with pytest.raises(CannotStart, match="stop it first"):
        private_database._forget_dead_postmaster()


def test_a_socket_whose_path_would_be_too_long_goes_elsewhere(tmp_path: Path) -> None:
    short, long = socket_folder(Path("/var/lib/x")), socket_folder(tmp_path / ("x" * 100))
    assert short == Path("/var/lib/x")
    assert len(os.fsencode(long)) < 60
    assert long == socket_folder(tmp_path / ("x" * 100))


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} .* is taken"):
            check_free(port, "web")
    check_free(port, "web")
