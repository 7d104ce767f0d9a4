"""The demo's city at the wall's own speed: a feeder is cut, a street is commanded, some of its lamps are dead."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import psycopg

from bench._running import Running, running
from bench.report import Figure, figure

CABINET, PHASE, ON_PHASE = "BD-C-048", "A", 57
STREET, LAMPS = "vo-van-kiet", 200
DEAD: Final = 5
SETTLED_MIN: Final = 8
"""Minutes that detection has seen before anything is broken."""
USER, PASSWORD = "bench-operator", "a bench needs no secret 7"
DARK: Final = "19:30"
REGISTERED_S: Final = 1800.0
LOOK_S: Final = 0.05
SOME_LAMPS: Final = (
    "SELECT properties ->> 'serial' FROM observations_thing WHERE properties ->> 'street' = %s"
    " AND properties ->> 'kind' = 'Streetlight' ORDER BY id LIMIT %s"
)
OPEN: Final = (
    "SELECT a.id, (SELECT count(*) FROM alarms_member m WHERE m.alarm_id = a.id) FROM alarms_alarm a"
    " JOIN observations_thing t ON t.id = a.thing_id"
    " WHERE a.rule = %s AND a.cleared_at IS NULL AND (%s = '' OR t.properties ->> 'serial' = %s) ORDER BY a.id"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--speed", type=float, default=1.0, help="of the city's clock; the goals are for 1")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Break and command the whole demo, as an operator at the desk would see it."""
    demo = ("--demo", "--speed", f"{options.speed:g}", "--start", DARK, "--seed", "7")
    with running(*demo) as dothi, _City(dothi) as city:
        registered_s = city.wait_until_registered()
        city.wait_until_settled()
        cuts = [city.cut_feeder() for _ in range(options.runs)]
        answers = [city.command_street(level) for level in range(40, 40 + options.runs)]
        one_alarm = city.command_with_dead_lamps()
    return [
        figure(f"a lost feeder of {ON_PHASE} lamps: one alarm after", [cut.seconds for cut in cuts], "s", goal="<=10"),
        figure("alarms of that feeder", [cut.alarms for cut in cuts], "alarms", goal="<=1"),
        figure("its members", [cut.members for cut in cuts], "lamps", goal=f">={ON_PHASE}"),
        figure(f"a street of {LAMPS} lamps commanded: all acknowledged after", answers, "s", goal="<=5"),
        figure(f"{DEAD} of them dead: alarms", [one_alarm.alarms], "alarms", goal="<=1"),
        figure(f"{DEAD} of them dead: members of it", [one_alarm.members], "lamps", goal=f"<={DEAD}"),
        figure("6,120 Things registered after the start", [registered_s], "s"),
    ]


class _Seen:
    """What came of something: after how long, how many alarms, and how many members the newest has."""

    def __init__(self, seconds: float, alarms: int, members: int) -> None:
        self.seconds, self.alarms, self.members = seconds, alarms, members


class _City:
    """The running demo, seen from outside: its record, its simulator's control, and the pages as an operator."""

    def __init__(self, dothi: Running) -> None:
        self._dothi = dothi
        self._began = time.perf_counter()
        self._web = httpx.Client(base_url=dothi.url, trust_env=False, timeout=60)
        self._control = httpx.Client(base_url=dothi.control, trust_env=False, timeout=20)
        self._record = psycopg.connect(dothi.database_url, autocommit=True)

    def __enter__(self) -> "_City":
        return self

    def __exit__(self, *_error: object) -> None:
        self._web.close()
        self._control.close()
        self._record.close()

    def wait_until_registered(self) -> float:
        """Give the seconds from the start until all lamps and cabinets are there."""
        _until(lambda: self._one("SELECT count(*) FROM observations_thing") >= 6120, REGISTERED_S, look_s=0.5)
        return time.perf_counter() - self._began

    def wait_until_settled(self) -> None:
        """Let detection see some minutes of all lamps, and sign in."""
        ask = "SELECT extract(epoch FROM at) FROM alarms_watermark WHERE detector = 'lighting.lamps'"
        _until(lambda: self._one(ask) > 0, 120, look_s=0.5)
        first = self._one(ask)
        _until(lambda: self._one(ask) - first >= 60 * SETTLED_MIN, 60 * SETTLED_MIN * 4, look_s=0.5)
        self._dothi.dothi("users", "create", USER, "--role", "operator", "--password", PASSWORD)
        page = self._web.get("/sign-in/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"login": USER, "password": PASSWORD, "csrfmiddlewaretoken": token}
        answer = self._web.post("/sign-in/", data=form, headers={"Referer": self._dothi.url})
        assert answer.status_code == 302, answer.status_code

    def cut_feeder(self) -> _Seen:
        """Cut a feeder, wait for its alarm, mend it, and wait until that is over."""
        with self._broken("feeder_lost", CABINET, phase=PHASE) as began:
            _until(lambda: len(self._open("lighting.feeder.lost", CABINET)) > 0, 60)
            seconds = time.perf_counter() - began
            time.sleep(5)  # another alarm of the same cause would come now
            found = self._open("lighting.feeder.lost", CABINET)
        _until(lambda: not self._open("lighting.feeder.lost", CABINET), 1200, look_s=0.5)
        return _Seen(seconds, len(found), found[-1][1])

    def command_street(self, level: int) -> float:
        """Command the street by its page's form; give the seconds until all lamps have answered."""
        began = time.perf_counter()
        group = self._command(level)
        done = f"SELECT count(*) FROM observations_task WHERE group_id = {group} AND status = 'done'"
        _until(lambda: self._one(done) == LAMPS, 60)
        return time.perf_counter() - began

    def command_with_dead_lamps(self) -> _Seen:
        """Command the street while some of its lamps are dead, and see what alarms come of it."""
        for (serial,) in self._record.execute(SOME_LAMPS, [STREET, DEAD]).fetchall():
            self._control.post("/faults", json={"kind": "lamp_silent", "serial": serial}).raise_for_status()
        began = time.perf_counter()
        self._command(60)
        _until(lambda: len(self._open("lighting.command.unanswered")) > 0, 300, look_s=0.5)
        seconds = time.perf_counter() - began
        time.sleep(5)  # another alarm of the same cause would come now
        found = self._open("lighting.command.unanswered")
        return _Seen(seconds, len(found), found[-1][1])

    def _command(self, level: int) -> int:
        token = self._web.cookies["csrftoken"] if "csrftoken" in self._web.cookies else self._token()
        form = {"aim": "street", "key": STREET, "deed": "dim", "level": str(level), "span": "60"}
        answer = self._web.post(
            "/lighting/commands/give/", data=form | {"csrfmiddlewaretoken": token}, headers={"Referer": self._dothi.url}
        )
        assert answer.status_code == 302, (answer.status_code, answer.text[:500])
        return int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])

    def _token(self) -> str:
        page = self._web.get(f"/lighting/streets/{STREET}/").text
        return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    @contextmanager
    def _broken(self, kind: str, serial: str, **more: str) -> Iterator[float]:
        began = time.perf_counter()
        self._control.post("/faults", json={"kind": kind, "serial": serial, **more}).raise_for_status()
        try:
            yield began
        finally:
            self._control.request("DELETE", "/faults", json={"serial": serial}).raise_for_status()

    def _open(self, rule: str, serial: str = "") -> list[tuple[int, int]]:
        return self._record.execute(OPEN, [rule, serial, serial]).fetchall()

    def _one(self, statement: str) -> float:
        row = self._record.execute(statement).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0


def _until(is_so: Callable[[], bool], within_s: float, *, look_s: float = LOOK_S) -> None:
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("it did not come")
        time.sleep(look_s)
