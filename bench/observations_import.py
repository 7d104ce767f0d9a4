"""A million Observations from a CSV file into the record, beside the raw COPY of the same rows."""

import argparse
import json
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import psycopg

from bench._running import Running, running
from bench.report import Figure, figure

STATIONS: Final = 20
STREAMS: Final = 10
GOAL_S: Final = 30
"""Seconds for a million Observations on two cores."""
_MAPPING: Final = """
source = "bench-{run}"
[time]
column = "time"
format = "%d-%m-%Y %H:%M"
zone = "Asia/Ho_Chi_Minh"
[thing]
column = "station"
[sensor]
name = "bench"
"""
_STREAM: Final = """
[[datastreams]]
column = "p{number}"
observed_property = {{ name = "p{number}", definition = "urn:dothi:bench:p{number}" }}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="Observations in the file")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure with the whole of Dothi running beside, as it does in a city."""
    first, again, raw, exported = [], [], [], []
    with running() as dothi, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_file(folder / "file.csv", rows=options.rows, seed=options.seed)
        for run in range(options.runs):
            streams = "".join(_STREAM.format(number=number) for number in range(STREAMS))
            (folder / "mapping.toml").write_text(_MAPPING.format(run=run) + streams, "utf-8")
            first.append(_import(dothi, folder, added=rows))
            again.append(_import(dothi, folder, added=0))
            raw.append(_copy(dothi.database_url, f"bench-{run}", rows))
        for run in range(options.runs):
            exported.append(_timed(dothi, "export", str(folder / f"export-{run}"))[0])
    limit = rows / min(raw)
    all_rows = rows * options.runs
    return [
        figure("import", first, "s", goal=f"<={GOAL_S * rows / 1_000_000:g}", limit=min(raw)),
        figure("import rate", [rows / each for each in first], "rows/s", limit=limit),
        figure("repeated import rate", [rows / each for each in again], "rows/s", limit=limit),
        figure("export rate", [all_rows / each for each in exported], "rows/s"),
    ]


def write_file(path: Path, *, rows: int, seed: int) -> int:
    """Write a wide file of stations' hourly values, as stations keep them: one after another. Gives how many values."""
    chance = np.random.default_rng(seed)
    hours = rows // (STATIONS * STREAMS)
    begin = datetime(2025, 1, 1)  # noqa: DTZ001  local time, as files have it
    times = [(begin + timedelta(hours=hour)).strftime("%d-%m-%Y %H:%M") for hour in range(hours)]
    with path.open("w", encoding="utf-8") as out:
        out.write("time,station," + ",".join(f"p{number}" for number in range(STREAMS)) + "\n")
        for station in range(STATIONS):
            values = chance.normal(30, 8, (hours, STREAMS)).round(6)
            for at, row in zip(times, values.tolist(), strict=True):
                out.write(f"{at},{station},{','.join(map(str, row))}\n")
    return hours * STATIONS * STREAMS


def _import(dothi: Running, folder: Path, *, added: int) -> float:
    seconds, said = _timed(
        dothi, "import", str(folder / "file.csv"), "--mapping", str(folder / "mapping.toml"), "--json"
    )
    if json.loads(said)["added"] != added:
        raise RuntimeError(f"{added} Observations should have been added: {said}")
    return seconds


def _timed(dothi: Running, *words: str) -> tuple[float, str]:
    began = time.perf_counter()
    said = dothi.dothi("observations", *words)
    return time.perf_counter() - began, said


def _copy(url: str, source: str, rows: int) -> float:
    """Time the raw COPY of the same rows into a plain table with the same indexes."""
    columns = "id, datastream_id, phenomenon_time, fingerprint, quality, result"
    query = (
        f"COPY (SELECT {columns} FROM observations_observation WHERE datastream_id IN (SELECT id FROM"
        f" observations_datastream WHERE properties ->> 'source' = '{source}') ORDER BY phenomenon_time)"
        " TO STDOUT (FORMAT BINARY)"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.cursor().copy(query) as out:
            data = b"".join(bytes(block) for block in out)
        connection.execute("DROP TABLE IF EXISTS bench_raw")
        connection.execute("CREATE TABLE bench_raw (LIKE observations_observation INCLUDING ALL)")
        began = time.perf_counter()
        with connection.cursor().copy(f"COPY bench_raw ({columns}) FROM STDIN (FORMAT BINARY)") as into:
            into.write(data)
        seconds = time.perf_counter() - began
        [count] = connection.execute("SELECT count(*) FROM bench_raw").fetchone() or [0]
        connection.execute("DROP TABLE bench_raw")
    if count != rows:
        raise RuntimeError(f"{rows} rows should have been copied, not {count}")
    return seconds
