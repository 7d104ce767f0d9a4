"""The pages of all stations, of one, and of a station's year."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter, Page, Tally
from dothi.core.alarms.views.words import Row, row_of
from dothi.core.observations.series.types import Chart, Point
from dothi.domains.air import service
from dothi.domains.air.rules.hours import HOUR, full_hour
from dothi.domains.air.rules.stations import POLLUTANTS
from dothi.domains.air.service import forecasts, history
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.types import Forecast, Hours, Judged, Station
from dothi.domains.air.types import Limit as AirLimit
from dothi.domains.air.views import words
from dothi.kernel import clock
from dothi.web.charts import Limit
from dothi.web.guard import actor_of, permission_required

SPANS: Final[dict[str, tuple[timedelta, Promise]]] = {
    "day": (timedelta(hours=48), gettext_lazy("48 hours")),
    "week": (timedelta(days=7), gettext_lazy("7 days")),
    "month": (timedelta(days=30), gettext_lazy("30 days")),
}
ALARMS: Final = 10


class Drawn(NamedTuple):
    """A chart of a pollutant with its name, limits and newest value."""

    name: str
    title: str
    chart: Chart
    limits: list[Limit]


@permission_required("air.station.view")
@require_safe
def list_stations(request: HttpRequest) -> HttpResponse:
    """Show all stations, the worst air first."""
    actor = actor_of(request)
    rows = words.station_rows(service.list_stations(actor), _tallies(actor))
    known = [row for row in rows if row.station.index is not None]
    anywhere = {each.pollutant for row in rows for each in row.station.measurements}
    measured = [name for name in POLLUTANTS if name in anywhere]
    context = {
        "layer": service.STATIONS,
        "rows": [(row, _values(row.station, measured)) for row in rows],
        "worst": known[0] if known else None,
        "late": sum(row.station.is_late for row in rows),
        "simulated": any(row.station.simulated for row in rows),
        "newest_at": max((row.station.observed_at for row in rows if row.station.observed_at), default=None),
        "pollutants": [words.POLLUTANTS[name] for name in measured],
        "index": words.name_of_index(),
        "regulation": regulation(),
        "bands": words.bands(regulation().index),
        "basis": _basis(),
    }
    return render(request, "air/stations.html", context)


def _basis() -> str:
    index = regulation().index
    return index.basis.of(get_language() or "") if index else ""


def _values(station: Station, pollutants: Sequence[str]) -> list[tuple[float | None, str]]:
    found = {each.pollutant: (each.value, each.unit) for each in words.measurements(station)}
    return [found.get(name, (None, "")) for name in pollutants]


def _may_see_alarms(actor: Actor) -> bool:
    return actor.may(alarms.VIEW) and actor.kind != "visitor"


def _tallies(actor: Actor) -> dict[int, Tally]:
    return dict(alarms.tally_things(actor, Filter(domain="air"))) if _may_see_alarms(actor) else {}


def _alarms(actor: Actor, station: Station) -> list[Row]:
    if not _may_see_alarms(actor):
        return []
    found: Page = alarms.list_alarms(actor, Filter(concerning=(station.id,)), limit=ALARMS)
    return [row_of(alarm, found.things.get(alarm.point.thing_id)) for alarm in found.alarms]


@permission_required("air.station.view")
@require_safe
def show_station(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show a station's index and pollutants over two days, a week or a month, with what is forecast."""
    actor = actor_of(request)
    station = service.get_station(actor, station_id)
    span = request.GET.get("span", "day")
    span = span if span in SPANS else "day"
    end = full_hour(clock.now())
    begin = end - SPANS[span][0]
    hours, judged = history.hourly_index(actor, station, begin, end)
    forecast = forecasts.find_forecast(actor, station)
    [row] = words.station_rows([station], _tallies(actor))
    context = {
        "row": row,
        "station": station,
        "shown": [(words.POLLUTANTS[each.pollutant], each) for each in words.measurements(station)],
        "main": words.POLLUTANTS.get(_main(station, hours, judged), ""),
        "index": words.name_of_index(),
        "index_chart": _index_chart(judged, begin),
        "index_limits": [Limit(each.end, each.name) for each in words.bands(regulation().index) if each.end],
        "charts": list(_charts(hours, forecast if span == "day" else None)),
        "spans": [(name, label, name == span) for name, (_length, label) in SPANS.items()],
        "alarms": _alarms(actor, station),
        "may_see_alarms": _may_see_alarms(actor),
        "forecast_unit": regulation().unit_of("PM2.5"),
        "evaluation": forecasts.find_evaluation(actor, station),
        "forecast": forecast,
        "basis": _basis(),
    }
    return render(request, "air/station.html", context)


def _main(station: Station, hours: Hours, judged: Judged | None) -> str:
    """Name the pollutant that makes the newest index."""
    if judged is None or station.index is None or station.index_at is None:
        return ""
    place = (station.index_at - hours.begin) // HOUR
    return judged.main(place) if 0 <= place < len(judged.value) else ""


def _index_chart(judged: Judged | None, begin: datetime) -> Chart | None:
    return None if judged is None else history.chart_of(words.name_of_index(), "", begin, judged.value)


def _charts(hours: Hours, forecast: Forecast | None) -> Iterator[Drawn]:
    """Draw each pollutant that is measured; PM2.5 with what lies ahead and its interval."""
    today = timezone.localtime(clock.now()).date()
    for name in POLLUTANTS:
        if name not in hours.pollutants:
            continue
        unit = regulation().unit_of(name)
        chart = history.chart_of(name, unit, hours.begin, hours.of(name))
        if name == forecasts.POLLUTANT and forecast is not None:
            chart = _with(chart, forecast)
        yield Drawn(words.POLLUTANTS[name], words.plain(name), chart, words.limit_lines(name, today))


def _with(chart: Chart, forecast: Forecast) -> Chart:
    columns = zip(forecast.middle.tolist(), forecast.low.tolist(), forecast.high.tolist(), strict=True)
    ahead = tuple(
        Point(forecast.begin + HOUR * place, middle, low, high, 2) for place, (middle, low, high) in enumerate(columns)
    )
    return msgspec.structs.replace(chart, end=forecast.begin + HOUR * len(ahead), forecast=ahead)


@permission_required("air.station.view")
@require_safe
def show_year(request: HttpRequest, station_id: int) -> HttpResponse:
    """Show a station's last 365 days: the index of each day, how much came, and limits exceeded."""
    actor = actor_of(request)
    station = service.get_station(actor, station_id)
    year = history.year_of(actor, station, last=timezone.localtime(clock.now()).date())
    bands = words.bands(regulation().index)
    counted = Counter(band.id for each in year.days if (band := words.band_of(each.value, bands)))
    context = {
        "station": station,
        "year": year,
        "months": words.months_of(year.days, bands),
        "numbers": range(1, 32),
        "bands": [(band, counted[band.id]) for band in bands],
        "unknown": len(year.days) - counted.total(),
        "captures": [(words.POLLUTANTS[each.pollutant], each) for each in year.captures],
        "exceedances": [
            (
                words.POLLUTANTS.get(each.limit.pollutant, each.limit.pollutant),
                words.AVERAGES[each.limit.average],
                regulation().unit_of(each.limit.pollutant),
                each,
                each.limit.place.of(get_language() or "") if each.limit.place else "",
                regulation().is_compared(each.limit),
            )
            for each in year.exceedances
        ],
        "uncompared": _uncompared([each.limit for each in year.exceedances]),
        "index": words.name_of_index(),
        "basis": _basis(),
    }
    return render(request, "air/year.html", context)


def _uncompared(limits: Sequence[AirLimit]) -> list[str]:
    """Name what was not read in its own signed text, of what these limits are taken from."""
    sources = regulation().sources
    names = dict.fromkeys(each.source for each in limits if each.source and not regulation().is_compared(each))
    return [sources[name].text.of(get_language() or "") for name in names]
