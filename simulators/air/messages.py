"""Hourly means as Observations: over MQTT as they come, and over HTTP for what lies in the past."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from simulators.air.air import HOUR_S, POLLUTANTS, Floats, Ints, Station
from simulators.air.registration import Streams
from simulators.outsider.connection import Message

MARK: Final = {"backfill": True}


def interval(hour: int) -> str:
    """Write a Unix hour as the time interval that its mean is of (OGC 18-088: a TM_Object)."""
    begin, end = (datetime.fromtimestamp(each * HOUR_S, tz=UTC) for each in (hour, hour + 1))
    return f"{begin:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}"


def of_hour(stations: list[Station], streams: Streams, values: Floats, hour: int) -> list[list[Message]]:
    """Write what each station sends for an hour, [stations, pollutants] in; what is NaN is not sent."""
    time = interval(hour)
    return [
        [
            (
                f"v1.1/Datastreams({streams[station.serial][name]})/Observations",
                json.dumps({"phenomenonTime": time, "result": value}).encode(),
            )
            for name, value in zip(POLLUTANTS, row.tolist(), strict=True)
            if value == value
        ]
        for station, row in zip(stations, values, strict=True)
    ]


def of_past(
    stations: list[Station], streams: Streams, values: Floats, hours: Ints, *, rows: int
) -> Iterator[list[dict[str, Any]]]:
    """Write bodies of CreateObservations of about `rows` rows; all of a station's hour stands in one of them."""
    at_once = max(1, rows // len(POLLUTANTS))
    for number, station in enumerate(stations):
        for first in range(0, len(hours), at_once):
            some = slice(first, first + at_once)
            own = streams[station.serial]
            times = [interval(hour) for hour in hours[some].tolist()]
            body = [_series(own[name], times, values[number, place, some]) for place, name in enumerate(POLLUTANTS)]
            yield [each for each in body if each["dataArray"]]


def _series(stream: int, times: list[str], values: Floats) -> dict[str, Any]:
    there = np.flatnonzero(~np.isnan(values)).tolist()
    return {
        "Datastream": {"@iot.id": stream},
        "components": ["phenomenonTime", "result", "parameters"],
        "dataArray@iot.count": len(there),
        "dataArray": [[times[place], float(values[place]), MARK] for place in there],
    }
