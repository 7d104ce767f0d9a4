"""What `bench sensorthings` reads: the nested expansion, a month of a Datastream, and counts; and the bare SQL."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any, Final

import psycopg

from bench._sensorthings_data import DAY_MINUTES, DAYS, THINGS, City
from bench._sensorthings_servers import Reader, Server

_EXPAND: Final = {
    "select": "id,name",
    "expand": (
        "Locations($select=location),Datastreams($select=id;$filter=name eq 'power';"
        "$expand=Observations($top=1;$orderby=phenomenonTime desc;$select=result,phenomenonTime))"
    ),
    "top": str(THINGS),
}
PAGES: Final = (1_000, 10_000)
"""Observations on each page of a month; the second is the most that either server gives."""
COUNTED: Final = {
    "result": ("result gt 75", "result > 75", "1 of 4 by its value"),
    "time": ("phenomenonTime ge {middle}", "phenomenon_time >= '{middle}'", "half of the month"),
}
_EXPAND_SQL: Final = """
SELECT t.id, t.name, l.location, d.id, s.result, s.phenomenon_time
FROM observations_thing t
JOIN observations_thing_location tl ON tl.thing_id = t.id JOIN observations_location l ON l.id = tl.location_id
JOIN observations_datastream d ON d.thing_id = t.id AND d.name = 'power'
JOIN observations_latest s ON s.datastream_id = d.id ORDER BY t.id
"""
_MONTH_SQL: Final = (
    "SELECT phenomenon_time, result FROM observations_observation WHERE datastream_id = 1"
    " AND phenomenon_time >= %s AND phenomenon_time < %s ORDER BY phenomenon_time"
)


@dataclass(frozen=True)
class Count:
    """What came of counting: how long it took in milliseconds, and how far the number is from the exact one."""

    milliseconds: list[float]
    error: float


def expand(server: Server, runs: int) -> list[float]:
    """Time the nested expansion of all Things in milliseconds; what comes back is looked at once."""
    with server.reader() as reader:
        things = json.loads(reader.get("Things", **_EXPAND))["value"]
        found = sum(len(stream["Observations"]) for each in things for stream in each["Datastreams"])
        places = sum(len(each["Locations"]) for each in things)
        if (len(things), places) != (THINGS, THINGS) or not found:
            raise RuntimeError(f"{len(things)} Things, {places} Locations and {found} Observations came back")
        return timed(lambda: reader.get("Things", **_EXPAND), runs)


def expand_sql(server: Server, runs: int) -> list[float]:
    """Time the bare SQL that gives the same from Dothi's tables."""
    return _timed_sql(server, _EXPAND_SQL, [], runs)


def month(server: Server, city: City, size: int, runs: int) -> list[float]:
    """Time all pages of so many rows of a month of one Datastream, in milliseconds."""

    def read(reader: Reader) -> None:
        begin, end = (_iso(city.begin), _iso(city.end))
        pages = reader.pages(
            "Datastreams(1)/Observations",
            select="phenomenonTime,result",
            filter=f"phenomenonTime ge {begin} and phenomenonTime lt {end}",
            orderby="phenomenonTime",
            top=str(size),
        )
        found = sum(len(page["value"]) for page in pages)
        if found != DAYS * DAY_MINUTES:
            raise RuntimeError(f"{found} Observations came back of a month's {DAYS * DAY_MINUTES}")

    with server.reader() as reader:
        return timed(lambda: read(reader), runs)


def month_sql(server: Server, city: City, runs: int) -> list[float]:
    """Time the bare SQL that gives the same from Dothi's tables."""
    return _timed_sql(server, _MONTH_SQL, [city.begin, city.end], runs)


def count(server: Server, city: City, name: str, runs: int) -> Count:
    """Count Observations by a filter, as one page of one is asked for."""
    middle = _iso(city.begin + timedelta(days=DAYS // 2))
    options = {"filter": COUNTED[name][0].format(middle=middle), "count": "true", "top": "1"}
    with server.reader() as reader:
        times = timed(lambda: reader.get("Observations", **options), runs)
        said = int(json.loads(reader.get("Observations", **options))["@iot.count"])
    exact = count_exactly(server, city, name)[1] if server.dothi else said
    return Count(times, abs(said - exact) / exact)


def count_exactly(server: Server, city: City, name: str) -> tuple[float, int]:
    """Count in Dothi's tables by bare SQL: milliseconds and the number."""
    middle = _iso(city.begin + timedelta(days=DAYS // 2))
    statement = f"SELECT count(*) FROM observations_observation WHERE {COUNTED[name][1].format(middle=middle)}"
    with psycopg.connect(server.database_url) as connection:
        began = time.perf_counter()
        [(number,)] = connection.execute(statement).fetchall()
        return (time.perf_counter() - began) * 1000, int(number)


def p95(times: list[float]) -> float:
    """Give the time that 95 of 100 stay within."""
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def timed(read: Callable[[], object], runs: int) -> list[float]:
    """Time some runs in milliseconds, after one that warms the caches."""
    read()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        read()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _timed_sql(server: Server, statement: str, parameters: list[Any], runs: int) -> list[float]:
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        return timed(lambda: connection.execute(statement, parameters).fetchall(), runs)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
