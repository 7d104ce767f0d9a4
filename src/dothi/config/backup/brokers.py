"""The rights of machines at the private brokers: into a backup without Dothi's own password, and back beside it."""

import json
from pathlib import Path
from typing import Any, Final

from dothi.config.servers.home import Home, make_folder, write_private
from dothi.config.servers.mosquitto import ADMINISTRATOR, first_rights, private_mosquitto

NAMES: Final = ("mosquitto-in", "mosquitto-out")
_FILE: Final = "dynamic-security.json"
_TRIES: Final = 20


def collect(home: Home, folder: Path) -> None:
    """Copy the rights at each private broker of a home into a folder; nothing where there is no private broker."""
    for name in NAMES:
        if (home.path / "secrets" / name).exists():
            data = private_mosquitto(home, name, port=0).data
            rights = _read(data / _FILE)
            if rights is not None:
                rights["clients"] = [each for each in rights["clients"] if each.get("username") != ADMINISTRATOR]
                (folder / f"{name}.json").write_text(json.dumps(rights, indent=1), "utf-8")


def _read(file: Path) -> dict[str, Any] | None:
    """Read rights; the broker writes its file in place, so a reader may find it half written and looks again."""
    for _ in range(_TRIES):
        try:
            found = json.loads(file.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            continue
        if isinstance(found, dict) and "clients" in found:
            return found
    raise OSError(5, "is not whole", str(file))


def put_back(home: Home, name: str, text: bytes) -> None:
    """Give a home's private broker the rights of a backup, with this home's own password for Dothi."""
    server = private_mosquitto(home, name, port=0)
    rights = json.loads(text)
    own: Any = first_rights(server.password)
    known = {role["rolename"] for role in rights["roles"]}
    rights["clients"] = [*own["clients"], *rights["clients"]]
    rights["roles"] += [role for role in own["roles"] if role["rolename"] not in known]
    make_folder(server.data, server.account)
    write_private(server.data / _FILE, json.dumps(rights, indent=1), server.account)
