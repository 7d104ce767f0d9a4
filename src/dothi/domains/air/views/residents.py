"""The page for residents: how the air is and what to do, for a phone on a slow line, without a script."""

from typing import NamedTuple

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dothi.domains.air.rules.hours import HOUR
from dothi.domains.air.service import today as service
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.types import Forecast, Judged
from dothi.domains.air.views import words
from dothi.web.guard import public

HEIGHT: float = 36.0
"""Of the strip of a day, in its own units."""
TOP_SHARE: float = 0.6
"""Of an index's last step, which fills it: 300 of 500."""


class Bar(NamedTuple):
    """An hour of the strip."""

    x: int
    y: float
    height: float
    colour: str


class Ahead(NamedTuple):
    """What is forecast for the next day, in the pollutant's unit."""

    low: float
    high: float
    worst_at: object


class Card(NamedTuple):
    """A station as residents read of it."""

    row: words.StationRow
    main: str
    bars: list[Bar]
    least: float | None
    greatest: float | None
    ahead: Ahead | None


@public
@require_safe
def show_today(request: HttpRequest) -> HttpResponse:
    """Show the air of the public stations, the worst first, with advice for its band."""
    cards = [_card(each) for each in service.today()]
    cards.sort(key=lambda card: (card.row.station.index is None, -(card.row.station.index or 0.0)))
    index = regulation().index
    context = {
        "cards": cards,
        "worst": cards[0] if cards and cards[0].row.band else None,
        "bands": words.bands(index),
        "index": words.name_of_index(),
        "basis": index.basis.of(get_language() or "") if index else "",
        "unit": regulation().unit_of("PM2.5"),
        "simulated": any(card.row.station.simulated for card in cards),
    }
    return render(request, "air/today.html", context)


def _card(each: service.Today) -> Card:
    [row] = words.station_rows([each.station], {})
    known = [] if each.judged is None else [value for value in each.judged.value.tolist() if value == value]
    return Card(
        row,
        words.POLLUTANTS.get(_main(each), ""),
        [] if each.judged is None else _bars(each.judged, words.bands(regulation().index), _top()),
        min(known, default=None),
        max(known, default=None),
        _ahead(each.forecast),
    )


def _main(each: service.Today) -> str:
    if each.judged is None or each.station.index is None or each.station.index_at is None:
        return ""
    place = (each.station.index_at - each.hours.begin) // HOUR
    return each.judged.main(place) if 0 <= place < len(each.judged.value) else ""


def _top() -> float:
    index = regulation().index
    return TOP_SHARE * index.steps[-1] if index else 1.0


def _bars(judged: Judged, known: list[words.BandWords], top: float) -> list[Bar]:
    found = []
    for place, value in enumerate(judged.value.tolist()):
        if value == value:
            band = words.band_of(value, known)
            height = max(2.0, min(value, top) / top * HEIGHT)
            found.append(Bar(place * 10, HEIGHT - height, height, band.colour if band else "#666"))
    return found


def _ahead(forecast: Forecast | None) -> Ahead | None:
    if forecast is None:
        return None
    worst = int(np.argmax(forecast.middle))
    return Ahead(float(forecast.low.min()), float(forecast.high.max()), forecast.begin + HOUR * worst)
