"""What stations would have sent before the first day, bounded and marked: so that no page begins empty."""

import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from simulators.air.air import Ints
from simulators.air.city import City
from simulators.air.events import MONTH_H
from simulators.air.messages import of_past
from simulators.air.registration import Streams
from simulators.outsider.entities import API
from simulators.outsider.web import NotYet, Web

RECENT_H: Final = 72
"""Told before anything else, so that an index and its run-up are there at once."""
YEAR_H: Final = 366 * 24
ROWS: Final = 1_500
"""In a request: small ones keep the platform free for others."""
SHARE: Final = 0.5
"""Of the time, requests may take at most this much."""


def recent(now_hour: int) -> Ints:
    """Give the hours that are told at once."""
    return np.arange(now_hour - RECENT_H, now_hour)


def months_before(now_hour: int) -> Iterator[Ints]:
    """Give the hours of a year before the recent ones, month by month, the newest month first."""
    for end in range(now_hour - RECENT_H, now_hour - YEAR_H, -MONTH_H):
        yield np.arange(max(end - MONTH_H, now_hour - YEAR_H), end)


def tell(web: Web, city: City, streams: Streams, hours: Ints, *, ended: threading.Event, share: float) -> int:
    """Send hours with CreateObservations, resting between requests; gives how many rows were sent.

    Rows that are there already are the same ones, so whoever was interrupted begins anew. Raises NotYet, also when
    told to end, and RuntimeError.
    """
    sent = 0
    values = city.measure(hours)
    for body in of_past(city.stations, streams, values, hours, rows=ROWS):
        began = time.monotonic()
        _check(web.post(f"{API}/CreateObservations", body))
        sent += sum(len(each["dataArray"]) for each in body)
        if ended.wait((time.monotonic() - began) * (1 - share) / share):
            raise NotYet("told to end")
    return sent


def _check(answers: list[Any]) -> None:
    refused = next((each for each in answers if str(each).startswith("error")), None)
    if refused is not None:
        raise RuntimeError(f"the platform refuses a row of the past: {refused}")
