"""A private mosquitto: a broker of its own on loopback, whose clients and rights Dothi alone manages."""

import base64
import hashlib
import json
import secrets
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from dothi.config.servers.home import Home, make_folder, write_private
from dothi.config.servers.process import Account, CannotStart, Program, find_account, find_program, until

ADMINISTRATOR: Final = "dothi"

_PLUGIN: Final = "mosquitto_dynamic_security.so"
LARGEST_PACKET: Final = 2_100_000
"""Bytes: a little more than the largest body of one Observation by HTTP; who sends more is cut off."""
_TELLING: Final = "log_dest topic\nlog_type subscribe\n"
"""Has the broker say on $SYS/broker/log what is subscribed: the one way to know where somebody listens."""
_ITERATIONS: Final = 101
"""Of PBKDF2: mosquitto's own number. The password has 256 random bits, which no guessing reaches."""


@dataclass(frozen=True)
class PrivateMosquitto:
    """One private broker; `prepare` may be repeated at every start."""

    name: str
    executable: str
    plugin: Path
    data: Path
    port: int
    account: Account | None
    password: str = field(repr=False)
    """Of the client `dothi`, which may do everything."""
    tells_subscriptions: bool = False
    """Whether Dothi publishes there for subscribers, where somebody listens."""

    @property
    def url(self) -> str:
        """The address for Dothi's own processes, with the password."""
        return f"mqtt://{ADMINISTRATOR}:{quote(self.password)}@127.0.0.1:{self.port}"

    def program(self, variables: Mapping[str, str]) -> Program:
        """Say how to run it; it saves its store when told to stop."""
        return Program(
            name=self.name,
            argv=(self.executable, "-c", str(self.data / "mosquitto.conf")),
            variables=variables,
            account=self.account,
            on_orphaned="TERM",
            stop_signals=((signal.SIGTERM, 5.0),),
        )

    def prepare(self) -> None:
        """Write its settings, and on first use its clients and rights; those it keeps by itself from then on."""
        make_folder(self.data, self.account)
        write_private(self.data / "mosquitto.conf", self._settings(), self.account)
        rights, sound = self.data / "dynamic-security.json", self.data / "dynamic-security.sound.json"
        # The plugin writes its file without looking for errors: a full disk leaves it cut short, and the broker would
        # not start again. What was whole at the last start is better.
        if _is_sound(rights):
            write_private(sound, rights.read_text("utf-8"), self.account)
        elif _is_sound(sound):
            write_private(rights, sound.read_text("utf-8"), self.account)
        else:
            write_private(rights, json.dumps(first_rights(self.password), indent=1), self.account)

    async def wait_until_open(self, process: subprocess.Popen[bytes], *, within_s: float) -> bool:
        """Wait until it takes connections; False if it has ended or the bound has passed."""

        def is_settled() -> bool:
            return process.poll() is not None or _answers(self.port)

        return await until(is_settled, within_s=within_s) and process.poll() is None

    def _settings(self) -> str:
        return f"""\
# Written anew at every start of Dothi.
listener {self.port} 127.0.0.1
allow_anonymous false
plugin {self.plugin}
plugin_opt_config_file {self.data}/dynamic-security.json
persistence true
persistence_location {self.data}/
autosave_interval 5
max_inflight_messages 0
max_queued_messages 0
max_packet_size {LARGEST_PACKET}
set_tcp_nodelay true
log_dest stdout
log_type error
log_type warning
log_type notice
connection_messages false
{_TELLING if self.tells_subscriptions else ""}"""


def private_mosquitto(home: Home, name: str, *, port: int, tells_subscriptions: bool = False) -> PrivateMosquitto:
    """Find what a home's broker needs. Raises CannotStart that names what is missing."""
    executable, plugin = find_program("mosquitto"), _find_plugin()
    if executable is None or plugin is None:
        raise CannotStart(
            "mosquitto with its dynamic security plugin is missing; install the Debian package mosquitto, or set "
            "DOTHI_MQTT_URL and DOTHI_MQTT_OUT_URL."
        )
    account = find_account("mosquitto")
    return PrivateMosquitto(
        name=name,
        executable=executable,
        plugin=plugin,
        data=home.data_folder(name, account),
        port=port,
        account=account,
        password=home.secret(name),
        tells_subscriptions=tells_subscriptions,
    )


def first_rights(password: str) -> dict[str, object]:
    """Give the dynamic security plugin's first settings: one client that may do everything, and no other."""
    salt = secrets.token_bytes(12)
    mark = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, 64)
    kinds = ("publishClientSend", "publishClientReceive", "subscribePattern", "unsubscribePattern")
    topics = ("#", "$CONTROL/#", "$SYS/#")
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": True,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [
            {
                "username": ADMINISTRATOR,
                "textname": "Dothi itself",
                "password": base64.b64encode(mark).decode("ascii"),
                "salt": base64.b64encode(salt).decode("ascii"),
                "iterations": _ITERATIONS,
                "roles": [{"rolename": "everything"}],
            }
        ],
        "groups": [],
        "roles": [
            {
                "rolename": "everything",
                "acls": [
                    {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
                    for kind in kinds
                    for topic in topics
                ],
            }
        ],
    }


def _find_plugin() -> Path | None:
    for pattern in (f"*/{_PLUGIN}", _PLUGIN):
        for folder in (Path("/usr/lib"), Path("/usr/local/lib")):
            found = sorted(folder.glob(pattern))
            if found:
                return found[0]
    return None


def _is_sound(rights: Path) -> bool:
    try:
        return "clients" in json.loads(rights.read_bytes())
    except (OSError, ValueError):
        return False


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
