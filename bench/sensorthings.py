"""Dothi and FROST-Server with the same data, one after the other on the same machine, each beside what bounds it."""

import argparse
import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from bench import _sensorthings_memory as memory
from bench import _sensorthings_null as null
from bench import _sensorthings_reads as reads
from bench import record
from bench._load import Load, empty_server
from bench._sensorthings_data import City, fill, make_things
from bench._sensorthings_frost import VERSION, NoPeer, frost
from bench._sensorthings_servers import Server, dothi
from bench.report import Figure, figure

PARTS: Final = ("singles", "batches", "mqtt", "expand", "month", "count", "growth", "memory")
COMPARED: Final = ("singles", "batches", "expand", "month", "count")
"""Parts that FROST-Server is asked for too."""
SIZES: Final = (1_000_000, 10_000_000, 50_000_000)
SLOWER: Final = 10
"""FROST-Server gets so much less to store: what counts is its rate."""
DUPLICATES: Final = 100
"""Of so many Observations in a batch one is the one before it once more."""
SINGLES: Final = "single POSTs, 32 connections"
BATCHES: Final = "CreateObservations, 1,000 a request, 1 % duplicates"
MQTT: Final = "MQTT QoS 1, 64 clients, stored"
EXPAND: Final = "Things with places and newest power, p95"
MONTH: Final = "a month of one Datastream, in pages of {:,}"
COUNT: Final = "count of {}"
CACHE: Final = "DOTHI_BENCH_CACHE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--observations", type=int, default=50_000_000, help="how many both hold, 1.3 million or more")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this alone; may be repeated")
    parser.add_argument("--server", action="append", choices=("dothi", "frost"), help="this one alone")
    parser.add_argument(
        "--cache",
        type=Path,
        default=os.environ.get(CACHE),
        help=f"a folder outside of the repository for FROST-Server, Tomcat and the driver (else {CACHE})",
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each way in")
    parser.add_argument("--reads", type=int, default=20, help="runs of each question")
    parser.add_argument("--singles", type=int, default=20_000, help="single POSTs a run")
    parser.add_argument("--batched", type=int, default=320_000, help="Observations in batches a run")
    parser.add_argument("--messages", type=int, default=60_000, help="MQTT messages a run")
    parser.add_argument("--minutes", type=float, default=10, help="how long memory is looked at under full load")


@dataclass
class Found:
    """What came of one server: values of each figure, of all runs, and the limits of those runs."""

    runs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    limits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    more: list[Figure] = field(default_factory=list)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure Dothi, then FROST-Server, and compare them; without FROST-Server say so and compare nothing."""
    parts = tuple(part for part in PARTS if part in (options.part or PARTS))
    servers = options.server or ("dothi", "frost")
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    city = City(end, options.observations)
    ours, theirs = Found(), Found()
    if "dothi" in servers:
        with dothi() as server:
            ours = _Measurement(server, city, options).measure(parts)
    asked = tuple(part for part in parts if part in COMPARED)
    if "frost" in servers and asked:
        try:
            if options.cache is None:
                raise NoPeer(f"say where it may be kept: --cache FOLDER or {CACHE}")
            with frost(Path(options.cache)) as server:
                theirs = _Measurement(server, city, options).measure(asked)
        except NoPeer as error:
            sys.stderr.write(f"FROST-Server {VERSION} is not measured: {error}\n")
    return [*_compare(ours, theirs), *ours.more, *theirs.more]


class _Measurement:
    """One server that is filled, then measured part by part."""

    def __init__(self, server: Server, city: City, options: argparse.Namespace) -> None:
        self._server, self._city, self._options = server, city, options
        self._load = Load(server.target, first_stream=1, start=city.end + timedelta(hours=1))
        self._share = 1 if server.dothi else SLOWER
        self._found = Found()

    def measure(self, parts: tuple[str, ...]) -> Found:
        """Fill the server, and give what each part found."""
        ways: dict[str, Callable[[], None]] = {
            "singles": lambda: self._repeat(self._singles),
            "batches": lambda: self._repeat(self._batches),
            "mqtt": lambda: self._repeat(self._mqtt),
            "expand": self._expand,
            "month": self._month,
            "count": self._count,
            "memory": self._memory,
        }
        make_things(self._server)
        self._fill(with_rates="growth" in parts)
        # What is read comes first: then both hold the same.
        for part in sorted((part for part in parts if part in ways), key=list(_ORDER).index):
            sys.stderr.write(f"{self._server.name}: {part}\n")
            ways[part]()
            self._tell()
        return self._found

    def _tell(self) -> None:
        """Say what was found so far: a run of an hour may end before its table."""
        for name, values in self._found.runs.items():
            limit = self._found.limits.get(name)
            beside = f", beside it {median(limit):,.1f}" if limit else ""
            sys.stderr.write(f"  {name}: {median(values):,.1f}{beside}\n")

    def _fill(self, *, with_rates: bool) -> None:
        stored, shares = 0, []
        sizes = [size for size in SIZES if size < self._city.total] if with_rates else []
        for size in [*sizes, self._city.total]:
            stored = fill(self._server, self._city, stored=stored, until=size)
            sys.stderr.write(f"{self._server.name} holds {stored:,}\n")
            if with_rates:
                shares.append(self._share_of_copy(size))
        if with_rates:
            fall = (1 - shares[-1] / shares[0]) * 100
            what = "fall of the ingest rate, as a share of raw COPY, from the first to the last"
            self._found.more.append(Figure(what, fall, "%", "<=10"))

    def _share_of_copy(self, size: int) -> float:
        """Bring batches in, each run beside a raw COPY: between two sizes the machine may have become another."""
        rates, copies = [], []
        for _ in range(self._options.runs):
            rates.append(asyncio.run(self._load.batches(self._options.batched)))
            copies.append(record.raw_copy(self._server.database_url, self._load, self._options.batched))
        found = figure(f"ingest in batches with {size / 1e6:g} M stored", rates, "/s", limit=median(copies))
        self._found.more.append(found)
        return median(rates) / median(copies)

    def _repeat(self, send: Callable[[], None]) -> None:
        for _ in range(self._options.runs):
            send()

    def _singles(self) -> None:
        async def send() -> None:
            self._found.runs[SINGLES].append(await self._load.singles(self._options.singles // self._share))
            if self._server.dothi:
                async with empty_server() as port:
                    self._found.limits[SINGLES].append(await self._load.singles(self._options.singles, port=port))

        asyncio.run(send())

    def _batches(self) -> None:
        total = self._options.batched // self._share
        self._found.runs[BATCHES].append(asyncio.run(self._load.batches(total, every=DUPLICATES)))
        if self._server.dothi:
            self._found.limits[BATCHES].append(record.raw_copy(self._server.database_url, self._load, total))

    def _mqtt(self) -> None:
        if self._server.broker is None:
            return
        total = self._options.messages // self._share
        with record.counting(self._server.database_url) as stored:
            sending = self._load.devices(total, self._server.broker, stored)
            self._found.runs[MQTT].append(asyncio.run(sending))
        if self._server.dothi:
            self._found.limits[MQTT].append(asyncio.run(null.rate(self._load, total)))

    def _expand(self) -> None:
        self._found.runs[EXPAND] = reads.expand(self._server, self._reads)
        if self._server.dothi:
            self._found.limits[EXPAND] = reads.expand_sql(self._server, self._reads)

    def _month(self) -> None:
        for size in reads.PAGES:
            what = MONTH.format(size)
            self._found.runs[what] = reads.month(self._server, self._city, size, self._reads)
            if self._server.dothi:
                self._found.limits[what] = reads.month_sql(self._server, self._city, self._reads)

    def _count(self) -> None:
        for name, (_, _, words) in reads.COUNTED.items():
            what = COUNT.format(words)
            # FROST-Server counts exactly: one run takes long enough.
            counted = reads.count(self._server, self._city, name, self._reads if self._server.dothi else 1)
            self._found.runs[what] = counted.milliseconds
            if self._server.dothi:
                self._found.limits[what] = [reads.count_exactly(self._server, self._city, name)[0]]
                self._found.more.append(Figure(f"{what}: error", counted.error * 100, "%", "<=20"))

    def _memory(self) -> None:
        self._found.more += asyncio.run(memory.measure(self._server, self._load, self._options.minutes))

    @property
    def _reads(self) -> int:
        return max(1, int(self._options.reads) // (1 if self._server.dothi else SLOWER // 2))


_ORDER: Final = ("expand", "month", "count", "singles", "batches", "mqtt", "memory")
_COMPARISONS: Final = (
    # what, unit, goal, how many times FROST-Server's
    (SINGLES, "/s", ">=5000", 5),
    (BATCHES, "/s", ">=100000", 10),
    (MQTT, "/s", ">=20000", None),
    (EXPAND, "ms", "<=120", 10),
    *((MONTH.format(size), "ms", None, 5) for size in reads.PAGES),
    *((COUNT.format(words), "ms", "<=50", None) for _, _, words in reads.COUNTED.values()),
)


def _compare(ours: Found, theirs: Found) -> list[Figure]:
    """Give each figure of ours beside its limit, that of theirs, and how many times better ours is."""
    found = []
    for what, unit, goal, times in _COMPARISONS:
        value = reads.p95 if what == EXPAND else median
        mine, peer, limit = ours.runs.get(what), theirs.runs.get(what), ours.limits.get(what)
        if mine:
            bound = value(limit) if limit else None
            found.append(Figure(what, value(mine), unit, goal, bound, mine))
            if what == BATCHES and bound:
                found.append(Figure("the same as a share of raw COPY", value(mine) / bound, "", ">=0.4"))
        if peer:
            found.append(Figure(f"{what}: FROST", value(peer), unit, None, None, peer))
        if mine and peer:
            better = value(mine) / value(peer) if unit == "/s" else value(peer) / value(mine)
            found.append(Figure(f"{what}: times FROST", better, "x", None if times is None else f">={times}"))
    return found
