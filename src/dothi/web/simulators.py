"""The simulators of a demo, asked at their ports on this machine what can be broken, and told to break or mend it."""

import http.client
import json
from typing import Any, Final, TypeVar

import msgspec

from dothi.kernel.errors import InvalidInput, Unavailable
from dothi.kernel.manifest import Names

PATIENCE_S: Final = 12
LOOPBACK: Final = "127.0.0.1"
T = TypeVar("T")


class Target(msgspec.Struct, frozen=True):
    """A device that can be broken."""

    serial: str
    name: str


class Kind(msgspec.Struct, frozen=True):
    """One way to break something: where, and with which choices by name."""

    id: str
    names: Names
    targets: tuple[Target, ...] = ()
    choices: dict[str, tuple[str, ...]] = {}


class Kinds(msgspec.Struct, frozen=True):
    """What a simulator is called, and what can be broken in it."""

    names: Names
    kinds: tuple[Kind, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """Something that is broken now; `by_hand` where somebody asked for it."""

    id: str
    kind: str
    serial: str
    at: str
    phase: str = ""
    members: tuple[str, ...] = ()
    by_hand: bool = False


class Simulator(msgspec.Struct, frozen=True):
    """One simulator and the port of its control."""

    name: str
    port: int

    def list_kinds(self) -> Kinds:
        """Ask what can be broken. Raises Unavailable."""
        return self._told("/faults/kinds", Kinds)

    def list_faults(self) -> list[Fault]:
        """Ask what is broken now. Raises Unavailable."""
        return self._told("/faults", list[Fault])

    def _told(self, path: str, kind: type[T]) -> T:
        """Ask for something that a simulator tells; one that tells it in no known way counts as away."""
        try:
            return msgspec.convert(self._ask("GET", path), kind)
        except (InvalidInput, msgspec.ValidationError) as error:
            raise Unavailable(f"the simulator {self.name} does not tell what it can do") from error

    def break_it(self, kind: str, serial: str, choices: dict[str, str]) -> Fault:
        """Break something until it is mended. Raises InvalidInput where that can't be, Unavailable."""
        return msgspec.convert(self._ask("POST", "/faults", {"kind": kind, "serial": serial, **choices}), Fault)

    def mend(self, which: str) -> int:
        """Mend one fault by its id, all of a device by its serial; gives how many. Raises Unavailable."""
        if not which:
            raise InvalidInput("say what is to be mended", place="which")
        return len(msgspec.convert(self._ask("DELETE", "/faults", {"serial": which}), list[Fault]))

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 (any JSON value)
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body))
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unavailable(f"the simulator {self.name} does not answer") from error
        finally:
            connection.close()
        if answer.status >= 500:
            raise Unavailable(f"the simulator {self.name} does not answer")
        if answer.status >= 400:
            raise InvalidInput(str(told.get("message", "")), place="fault")
        return told


def parse(text: str) -> list[Simulator]:
    """Read `name=port,name=port`. Raises ValueError that says what is wrong."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, equals, port = part.partition("=")
        if not equals or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"simulators are written name=port, not {part!r}")
        found.append(Simulator(name, int(port)))
    return found
