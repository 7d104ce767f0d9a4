"""How fast the record takes Observations by each way in, clean and with 1 % duplicates, beside the run's limits."""

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import psycopg

from bench._devices import Device, publish_packets
from bench._posts import post, send_all
from bench._running import Key, Running, free_ports, running, thing
from bench.report import Figure, figure

API: Final = "/v1.1"
PERMISSIONS: Final = ("observations.thing.create", "observations.thing.view", "observations.observation.create")
STREAMS: Final = 1000
"""Datastreams that single messages are of."""
GATEWAYS: Final = 8
"""Connections that send batches, each of as many Datastreams of its own: what a device measures comes one way."""
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
    """The load of one run of the measurement: no Observation is sent twice but those that are meant to be."""

    def __init__(self, dothi: Running, options: argparse.Namespace) -> None:
        self._dothi, self._options = dothi, options
        self._key: Key = dothi.create_key(PERMISSIONS)
        self._moments = count()
        self._batched = [count() for _ in range(GATEWAYS)]
        self._first_stream = 0

    async def measure(self) -> list[Figure]:
        """Give all figures."""
        self._first_stream = await self._register()
        empty = await self._empty_server()
        runs: dict[str, list[float]] = defaultdict(list)
        # Each kind in turn in each run: what the table and its disk do by then counts for all alike.
        for _ in range(self._options.runs):
            runs[COPY].append(self._raw_copy())
            for kind, every in DUPLICATES.items():
                runs[f"{SINGLES}, {kind}"].append(await self._singles(every))
                runs[f"{BATCHES}, {kind}"].append(await self._batches(every))
                runs[f"{DEVICES}, {kind}"].append(await self._devices(every))
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

    def _observations(
        self, number: int, *, every: int, gateway: int | None = None
    ) -> Iterator[tuple[int, str, float]]:  # fmt: skip
        """Give Datastream, time and result; each `every`-th (0: none) is the one before it once more."""
        moments = self._moments if gateway is None else self._batched[gateway]
        first = self._first_stream + (0 if gateway is None else (1 + gateway) * STREAMS)
        last = None
        for place in range(number):
            if last is None or not every or place % every != every - 1:
                moment = next(moments)
                at = START + timedelta(milliseconds=moment // STREAMS * 10)
                last = (first + moment % STREAMS, at.isoformat().replace("+00:00", "Z"), moment % 977 / 10)
            yield last

    async def _singles(self, every: int, *, port: int | None = None) -> float:
        requests: list[list[bytes]] = [[] for _ in range(32)]
        total: int = self._options.singles
        for place, (stream, at, result) in enumerate(self._observations(total, every=every)):
            body = b'{"phenomenonTime":"%s","result":%f}' % (at.encode(), result)
            requests[place % 32].append(post(f"{API}/Datastreams({stream})/Observations", body, self._key.headers))
        return await self._timed(requests, total, port=port)

    async def _batches(self, every: int) -> float:
        each = self._options.batched // GATEWAYS
        requests = []
        for gateway in range(GATEWAYS):
            rows = list(self._observations(each, every=every, gateway=gateway))
            parts = [rows[place : place + 1000] for place in range(0, each, 1000)]
            requests.append([self._batch(part) for part in parts])
        return await self._timed(requests, each * GATEWAYS)

    def _batch(self, rows: list[tuple[int, str, float]]) -> bytes:
        groups: dict[int, list[list[object]]] = {}
        for stream, at, result in rows:
            groups.setdefault(stream, []).append([at, result])
        body = [
            {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result"], "dataArray": values}
            for stream, values in groups.items()
        ]
        return post(f"{API}/CreateObservations", json.dumps(body).encode(), self._key.headers)

    async def _timed(self, requests: list[list[bytes]], total: int, *, port: int | None = None) -> float:
        begin = time.perf_counter()
        statuses = await send_all(port or self._dothi.port, requests)
        taken = time.perf_counter() - begin
        if set(statuses) != {201}:
            raise RuntimeError(f"not all were stored: {statuses}")
        return total / taken

    async def _devices(self, every: int) -> float:
        """Time from the first message to the last one in the table."""
        total: int = self._options.messages
        messages: list[list[tuple[str, bytes]]] = [[] for _ in range(64)]
        for place, (stream, at, result) in enumerate(self._observations(total, every=every)):
            body = b'{"phenomenonTime":"%s","result":%f}' % (at.encode(), result)
            messages[place // (every or 1) % 64].append((f"v1.1/Datastreams({stream})/Observations", body))
        packets = [publish_packets(iter(own)) for own in messages]
        wanted = self._stored() + len({message for own in messages for message in own})
        begin = time.perf_counter()
        loop = asyncio.get_running_loop()
        made = []
        for place, own in enumerate(packets):
            device = Device(own, f"bench-{place}", self._key.id, self._key.secret)
            made.append(device)
            await loop.create_connection(lambda device=device: device, "127.0.0.1", self._dothi.devices_port)  # type: ignore[misc]
        await asyncio.gather(*(device.done for device in made))
        while self._stored() < wanted:
            if time.perf_counter() - begin > 120:
                raise TimeoutError(f"{wanted - self._stored()} messages are not in the table")
            await asyncio.sleep(0.02)
        return total / (time.perf_counter() - begin)

    def _stored(self) -> int:
        with psycopg.connect(self._dothi.database_url) as connection:
            row = connection.execute("SELECT sum(stored) FROM observations_latest").fetchone()
            return int(row[0]) if row and row[0] is not None else 0

    def _raw_copy(self) -> float:
        """Time a bare binary COPY of 1,000 rows at a time, each committed, into the same table; undone afterwards."""
        total: int = self._options.batched
        rows = [
            (place, stream, datetime.fromisoformat(at) + timedelta(hours=12), place, 2, result)
            for place, (stream, at, result) in enumerate(self._observations(total, every=0))
        ]
        with psycopg.connect(self._dothi.database_url, autocommit=True) as connection:
            self._make_partition(connection)
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

    @staticmethod
    def _make_partition(connection: psycopg.Connection) -> None:
        """Make a table like a partition of the record: the same columns and indexes."""
        connection.execute("CREATE TABLE bench_observation (LIKE observations_observation INCLUDING ALL)")

    async def _empty_server(self) -> float:
        """Time the same single POSTs against a server that does nothing."""
        port = free_ports()
        program = str(Path(__file__).with_name("_empty.py"))
        server = await asyncio.create_subprocess_exec(sys.executable, program, str(port))
        try:
            async with httpx.AsyncClient(trust_env=False) as web:
                for _ in range(100):
                    try:
                        await web.get(f"http://127.0.0.1:{port}/")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
            return await self._singles(0, port=port)
        finally:
            server.terminate()
            await server.wait()
