"""How much memory `web` and `ingest` take while everything is sent to them that they take, for minutes."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Final

from bench._load import PATIENCE_S, Load
from bench._running import Running
from bench._sensorthings_servers import Server
from bench.record import counting
from bench.report import Figure, figure

GOAL_MB: Final = 400
FLAT: Final = 5
"""Per cent that the last fifth of the time may be above the second fifth: the first is that of warming up."""
_COMMANDS: Final = {"web": "serve", "ingest": "ingest"}
_EVERY_S: Final = 2.0
_PAGE_BYTES: Final = 4096


async def measure(server: Server, load: Load, minutes: float) -> list[Figure]:
    """Send single POSTs, batches and MQTT messages at once; give the most that each process had, and its growth."""
    dothi, broker = server.dothi, server.broker
    assert dothi is not None
    assert broker is not None
    until = time.monotonic() + minutes * 60

    sent: dict[str, list[float]] = {"singles": [], "batches": [], "devices": []}
    loads: dict[str, Callable[[], Awaitable[float]]] = {
        "singles": lambda: load.singles(10_000, every=100),
        "batches": lambda: load.batches(160_000, every=100),
        "devices": lambda: load.published(30_000, broker, every=100),
    }
    watch = asyncio.create_task(_watch(dothi, until))
    with counting(server.database_url) as stored:
        before, began = stored(), time.monotonic()
    sending = [asyncio.create_task(_repeat(each, sent[name], until)) for name, each in loads.items()]
    samples = await watch
    # A server that is full may answer what was sent last much later, or never: that must not keep the figures back.
    _, late = await asyncio.wait(sending, timeout=PATIENCE_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    with counting(server.database_url) as stored:
        rate = (stored() - before) / (time.monotonic() - began)
    found = [Figure("loads that did not end", len(late), "", "<=0")]
    found += [figure(f"stored meanwhile, by all ways at once for {minutes:g} min", [rate], "/s")]
    for name, values in samples.items():
        fifth = max(len(values) // 5, 1)
        growth = (median(values[-fifth:]) / median(values[fifth : 2 * fifth] or values) - 1) * 100
        found.append(
            Figure(f"memory of {name}, most", max(values), "MB", f"<={GOAL_MB}", runs=values[:: max(fifth // 2, 1)])
        )
        found.append(Figure(f"memory of {name}, growth in the last fifth", growth, "%", f"<={FLAT}"))
    return found


async def _repeat(send: Callable[[], Awaitable[float]], rates: list[float], until: float) -> None:
    while time.monotonic() < until:
        rates.append(await send())


async def _watch(dothi: Running, until: float) -> dict[str, list[float]]:
    """Read the resident memory of each process now and then, in MB."""
    processes = {name: dothi.process_ids(command) for name, command in _COMMANDS.items()}
    found: dict[str, list[float]] = {name: [] for name in processes}
    for _ in itertools.takewhile(lambda _: time.monotonic() < until, itertools.count()):
        for name, ids in processes.items():
            found[name].append(sum(_resident_mb(number) for number in ids))
        await asyncio.sleep(_EVERY_S)
    return found


def _resident_mb(process_id: int) -> float:
    pages = int(Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1])
    return pages * _PAGE_BYTES / 1e6
