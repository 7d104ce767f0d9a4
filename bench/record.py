"""How fast the record takes Observations by each way in, clean and with 1 % duplicates, beside the run's limits."""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

import httpx
import psycopg

from bench._load import GATEWAYS, STREAMS, Broker, Load, Target, empty_server
from bench._running import Key, Running, running, thing
from bench.report import Figure, figure

API: Final = "/v1.1"
PERMISSIONS: Final = ("observations.thing.create", "observations.thing.view", "observations.observation.create")
START: Final = datetime(2026, 11, 22, tzinfo=UTC)
DUPLICATES: Final = {"clean": 0, "1 % duplicates": 100}
SINGLES: Final = "single POSTs"
BATCHES: Final = "batches of 1,000"
DEVICES: Final = "MQTT QoS 1, 64 clients"
COPY: Final = "raw COPY of the same rows"
GOALS: Final = {SINGLES: ">=4000", BATCHES: ">=60000", DEVICES: ">=15000"}
COLUMNS: Final = "id, datastream_id, phenomenon_time, fingerprint, quality, result"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--singles", type=int, default=20_000, help="single POSTs a run")
    parser.add_argument("--batched", type=int, default=320_000, help="Observations in batches of 1,000 a run")
    parser.add_argument("--messages", type=int, default=60_000, help="MQTT messages a run")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure every way in on one Dothi, each alone."""
    with running() as dothi:
        return asyncio.run(_Measurement(dothi, options).measure())


class _Measurement:
    """The load of one run of the measurement on one Dothi."""

    def __init__(self, dothi: Running, options: argparse.Namespace) -> None:
        self._dothi, self._options = dothi, options
        self._key: Key = dothi.create_key(PERMISSIONS)
        self._broker = Broker(dothi.devices_port, self._key.id, self._key.secret)

    async def measure(self) -> list[Figure]:
        """Give all figures."""
        options = self._options
        target = Target(self._dothi.port, API, self._key.headers)
        self._load = load = Load(target, first_stream=await self._register(), start=START)
        async with empty_server() as port:
            empty = await load.singles(options.singles, port=port)
        runs: dict[str, list[float]] = defaultdict(list)
        # Each kind in turn in each run: what the table and its disk do by then counts for all alike.
        for _ in range(options.runs):
            runs[COPY].append(self._raw_copy())
            for kind, every in DUPLICATES.items():
                runs[f"{SINGLES}, {kind}"].append(await load.singles(options.singles, every=every))
                runs[f"{BATCHES}, {kind}"].append(await load.batches(options.batched, every=every))
                with counting(self._dothi.database_url) as stored:
                    messages = load.devices(options.messages, self._broker, stored, every=every)
                    runs[f"{DEVICES}, {kind}"].append(await messages)
        limits = {SINGLES: empty, BATCHES: median(runs[COPY])}
        found = [
            figure(f"{way}, {kind}", runs[f"{way}, {kind}"], "/s", goal=goal, limit=limits.get(way))
            for kind in DUPLICATES
            for way, goal in GOALS.items()
        ]
        return [*found, figure(COPY, runs[COPY], "/s"), figure("empty handler", [empty], "/s")]

    async def _register(self) -> int:
        """Make the Things; gives the first Datastream's id, the others follow."""
        async with httpx.AsyncClient(base_url=self._dothi.url, headers=self._key.headers, timeout=120) as web:
            for number in range((1 + GATEWAYS) * STREAMS // 5):
                streams = [(f"s{place}", "W") for place in range(5)]
                made = thing(f"bench {number}", kind="Bench", streams=streams, lon=106.7, lat=11.0)
                (await web.post(f"{API}/Things", json=made)).raise_for_status()
            found = (await web.get(f"{API}/Datastreams?$top=1&$orderby=id&$select=id")).raise_for_status().json()
            return int(found["value"][0]["@iot.id"])

    def _raw_copy(self) -> float:
        return raw_copy(self._dothi.database_url, self._load, self._options.batched)


@contextmanager
def counting(database_url: str) -> Iterator[Callable[[], int]]:
    """Give what says how many Observations are in the record, over one connection: a new one would cost more."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def count_stored() -> int:
            row = connection.execute("SELECT sum(stored) FROM observations_latest").fetchone()
            return int(row[0]) if row and row[0] is not None else 0

        yield count_stored


def raw_copy(database_url: str, load: Load, total: int) -> float:
    """Time a bare binary COPY of 1,000 rows at a time, each committed, into a table like the record's; then drop it."""
    rows = [
        (place, stream, datetime.fromisoformat(at) + timedelta(hours=12), place, 2, result)
        for place, (stream, at, result) in enumerate(load.observations(total, every=0))
    ]
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As a partition of the record: the same columns and indexes.
        connection.execute("CREATE TABLE bench_observation (LIKE observations_observation INCLUDING ALL)")
        begin = time.perf_counter()
        for place in range(0, total, 1000):
            statement = f"COPY bench_observation ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(["int8", "int8", "timestamptz", "int8", "int2", "float8"])
                for row in rows[place : place + 1000]:
                    copy.write_row(row)
        taken = time.perf_counter() - begin
        connection.execute("DROP TABLE bench_observation")
    return total / taken
