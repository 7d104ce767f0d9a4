"""FROST-Server, the implementation of reference, as it is published: in Tomcat, on a cluster like Dothi's own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import psycopg

from bench._load import Broker, Target
from bench._running import PATIENCE_S, free_ports
from bench._sensorthings_servers import Server
from dothi.config.servers.home import open_home
from dothi.config.servers.postgres import PrivatePostgres, private_postgres
from dothi.config.servers.process import Program, find_program, spawn, stop

VERSION: Final = "2.4.2"
WAR: Final = f"FROST-Server.MQTTP-{VERSION}.war"
_TOMCAT: Final = "9.0.98"
_DRIVER: Final = "postgresql-42.7.4.jar"
_ARTIFACTS: Final = {
    WAR: f"de.fraunhofer.iosb.ilt.FROST-Server:FROST-Server.MQTTP:{VERSION}:war",
    f"tomcat-{_TOMCAT}.zip": f"org.apache.tomcat:tomcat:{_TOMCAT}:zip",
    _DRIVER: "org.postgresql:postgresql:42.7.4:jar",
}
_SERVER_XML: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1">
  <Service name="Catalina">
    <Connector port="{port}" address="127.0.0.1" protocol="HTTP/1.1" maxKeepAliveRequests="-1" maxPostSize="-1"
      relaxedQueryChars="|{{}}[]" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" unpackWARs="true" autoDeploy="false" />
    </Engine>
  </Service>
</Server>
"""
_HEAP: Final = "-Xmx2g"


class NoPeer(RuntimeError):
    """FROST-Server can't be had; the message says why."""


def fetch(cache: Path) -> None:
    """Bring what is missing into a folder by Maven. Raises NoPeer that names what can't be had."""
    cache.mkdir(parents=True, exist_ok=True)
    for file, artifact in _ARTIFACTS.items():
        if not (cache / file).exists():
            words = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={cache}"]
            if shutil.which("mvn") is None or subprocess.run(words, capture_output=True, check=False).returncode:
                raise NoPeer(f"{artifact} can't be had: put {file} into {cache}")


@contextmanager
def frost(cache: Path) -> Iterator[Server]:
    """Run FROST-Server on a fresh database with the settings that Dothi's own has; it is stopped and removed."""
    fetch(cache)
    folder = Path(tempfile.mkdtemp(prefix="frost-bench-"))
    folder.chmod(0o711)
    port = free_ports()
    database = port + 2
    try:
        with _postgres(folder, database) as url, _tomcat(folder, cache, port, url):
            address = url.replace("/postgres?", "/frost?")
            yield Server(
                name="FROST",
                target=Target(port, "/FROST-Server/v1.1", {}),
                broker=Broker(port + 1, "bench", "bench"),
                database_url=address,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgres(folder: Path, port: int) -> Iterator[str]:
    """Run the cluster, with the same binaries and postgresql.conf; JDBC needs a port of loopback beside its socket."""
    home = asyncio.run(open_home(folder / "home"))
    (folder / "home").chmod(0o711)
    cluster = private_postgres(home)
    cluster.prepare()
    run = cluster.program({"PATH": os.environ["PATH"]})
    more = ("-c", "listen_addresses=127.0.0.1", "-c", f"port={port}")
    program = Program(**{name: getattr(run, name) for name in run.__dataclass_fields__} | {"argv": (*run.argv, *more)})
    with (folder / "postgres.log").open("wb") as log:
        process = spawn(program, output=log.fileno())
        try:
            yield _open(cluster, port)
        finally:
            asyncio.run(stop(process, program))
            home.close()
            shutil.rmtree(cluster.data, ignore_errors=True)


def _open(cluster: PrivatePostgres, port: int) -> str:
    url = f"postgresql://postgres:{cluster.owner_password}@127.0.0.1:{port}/postgres?sslmode=disable"
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE frost")
            break
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    with psycopg.connect(url.replace("/postgres?", "/frost?"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')
    return url


@contextmanager
def _tomcat(folder: Path, cache: Path, port: int, url: str) -> Iterator[None]:
    with zipfile.ZipFile(cache / f"tomcat-{_TOMCAT}.zip") as packed:
        packed.extractall(folder)
    base = folder / f"apache-tomcat-{_TOMCAT}"
    shutil.rmtree(base / "webapps")
    (base / "webapps").mkdir()
    (base / "conf" / "server.xml").write_text(_SERVER_XML.format(port=port), "utf-8")
    shutil.copy(cache / WAR, base / "webapps" / "FROST-Server.war")
    shutil.copy(cache / _DRIVER, base / "lib")
    with (folder / "tomcat.log").open("wb") as log:
        process = subprocess.Popen(
            [
                _java(),
                _HEAP,
                f"-Dcatalina.home={base}",
                "-cp",
                f"{base}/bin/*",
                "org.apache.catalina.startup.Bootstrap",
            ],
            env={"PATH": os.environ["PATH"], **_settings(port, url)},
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=base,
        )
        try:
            _wait(port, process, folder)
            yield
        finally:
            process.terminate()
            process.wait(60)


def _java() -> str:
    found = find_program("java")
    if found is None:
        raise NoPeer("java (17 or newer) is missing")
    return found


def _settings(port: int, url: str) -> dict[str, str]:
    """Give FROST's settings, as its guide to deployment has them; what is not named here is its default."""
    account, _, place = url.removeprefix("postgresql://").partition("@")
    user, _, password = account.partition(":")
    return {
        "serviceRootUrl": f"http://127.0.0.1:{port}/FROST-Server",
        "maxTop": "10000",
        "http_cors_enable": "false",
        "plugins_multiDatastream_enable": "false",
        "mqtt_Enabled": "true",
        "mqtt_Host": "127.0.0.1",
        "mqtt_Port": str(port + 1),
        "mqtt_QoS": "1",
        "bus_busImplementationClass": "de.fraunhofer.iosb.ilt.frostserver.messagebus.InternalMessageBus",
        "persistence_persistenceManagerImplementationClass": (
            "de.fraunhofer.iosb.ilt.frostserver.persistence.pgjooq.PostgresPersistenceManager"
        ),
        "persistence_autoUpdateDatabase": "true",
        "persistence_idGenerationMode": "ServerGeneratedOnly",
        "persistence_db_driver": "org.postgresql.Driver",
        "persistence_db_url": f"jdbc:postgresql://{place.partition('/')[0]}/frost",
        "persistence_db_username": user,
        "persistence_db_password": password,
        "persistence_db_conn_max": "32",
        "persistence_db_conn_idle_max": "32",
    }


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until it answers and has made its tables."""
    base = f"http://127.0.0.1:{port}/FROST-Server"
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise NoPeer((folder / "tomcat.log").read_text()[-2000:])
        try:
            httpx.post(f"{base}/DatabaseStatus", data={"doupdate": "Do Update"}, trust_env=False, timeout=PATIENCE_S)
            if httpx.get(f"{base}/v1.1/Things", trust_env=False, timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    raise NoPeer((folder / "tomcat.log").read_text()[-2000:])
