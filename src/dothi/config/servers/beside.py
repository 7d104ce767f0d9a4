"""Finds the private servers of a home that `dothi up` runs, for commands that are called beside it."""

from pathlib import Path

from dothi.config.servers.home import Home
from dothi.config.servers.mosquitto import private_mosquitto
from dothi.config.servers.postgres import private_postgres
from dothi.config.servers.process import CannotStart

_NO_LOCK = -1


def settings_beside(home: Path, port: int) -> dict[str, str]:
    """Give the settings of a home's private servers by their fields' names; nothing for a home without a cluster.

    The brokers' ports follow that of the web: the one that the home was last started with, else `port`. Changes
    nothing, and asks for no lock.
    """
    path = home.expanduser().resolve()
    noted = path / "port"
    port = int(noted.read_text("ascii")) if noted.exists() else port
    if not (path / "secrets" / "postgres").exists():
        return {}
    found = Home(path, _NO_LOCK)
    try:
        settings = {"database_url": private_postgres(found).url, "secret_key": found.secret("secret-key")}
        for name, field, step in (("mosquitto-in", "mqtt_url", 1), ("mosquitto-out", "mqtt_out_url", 2)):
            if (path / "secrets" / name).exists():
                settings[field] = private_mosquitto(found, name, port=port + step).url
    except (CannotStart, OSError):
        return {}
    return settings
