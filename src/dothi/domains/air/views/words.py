"""What air's pages say: bands, names of pollutants, averages."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dothi.core.alarms.types import Tally
from dothi.core.alarms.views.words import FORMS
from dothi.domains.air.rules import units
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.types import Average, Band, Day, Index, Limit, Measurement, Station
from dothi.web import charts

POLLUTANTS: Final[Mapping[str, str]] = {
    "PM2.5": format_html("PM<sub>{}</sub>", "2.5"),
    "PM10": format_html("PM<sub>{}</sub>", "10"),
    "O3": format_html("O<sub>{}</sub>", "3"),
    "NO2": format_html("NO<sub>{}</sub>", "2"),
    "SO2": format_html("SO<sub>{}</sub>", "2"),
    "CO": "CO",
    "TSP": "TSP",
}
"""As chemists write them, the same in every language."""
_PLAIN: Final = {"PM2.5": "PM₂.₅", "PM10": "PM₁₀", "O3": "O₃", "NO2": "NO₂", "SO2": "SO₂"}
"""The same where no mark-up can stand."""
AVERAGES: Final[Mapping[Average, Promise]] = {
    Average.HOUR: gettext_lazy("1 hour"),
    Average.EIGHT_HOURS: gettext_lazy("8 hours"),
    Average.DAY: gettext_lazy("24 hours"),
    Average.YEAR: gettext_lazy("1 year"),
}
_MONTHS: Final = {"vi": "m/Y", "en": "M Y"}
_DAYS: Final = {"vi": "d/m/Y", "en": "j M Y"}


class BandWords(NamedTuple):
    """A band in the page's language; `number` counts from 1."""

    id: str
    name: str
    number: int
    colour: str
    everyone: str
    sensitive: str
    begin: float
    end: float | None
    is_alarming: bool


class StationRow(NamedTuple):
    """A station as a list shows it."""

    station: Station
    band: BandWords | None
    priority: int | None
    form: str


class Cell(NamedTuple):
    """A day of the heat map: what is written in it and said of it; `day` is None outside of the year."""

    day: date | None
    value: str
    title: str
    band: BandWords | None


class Month(NamedTuple):
    """A row of the heat map: 31 cells."""

    name: str
    cells: list[Cell]


def plain(pollutant: str) -> str:
    """Give a pollutant's name as chemists write it, where no mark-up can stand: titles, names of charts."""
    return _PLAIN.get(pollutant, pollutant)


def bands(index: Index | None) -> list[BandWords]:
    """Put an index's bands into words, in their order."""
    if index is None:
        return []
    # An index is whole, and a band's end belongs to it: the next one begins one above.
    begins = [0.0, *((band.up_to or 0.0) + 1 for band in index.bands[:-1])]
    return [_band(band, place, begin) for place, (band, begin) in enumerate(zip(index.bands, begins, strict=True))]


def _band(band: Band, place: int, begin: float) -> BandWords:
    language = get_language() or ""
    return BandWords(
        band.id,
        band.names.of(language),
        place + 1,
        band.colour,
        band.everyone.of(language),
        band.sensitive.of(language),
        begin,
        band.up_to,
        bool(band.alarm),
    )


def band_of(value: float | None, known: Sequence[BandWords]) -> BandWords | None:
    """Give the band of an index among those that `bands` gave, None without one; a band's end belongs to it."""
    if value is None or not known:
        return None
    return next((each for each in known if each.end is None or value <= each.end), known[-1])


def name_of_index() -> str:
    """Name the city's index."""
    index = regulation().index
    return index.names.of(get_language() or "") if index else _("Index")


def station_rows(stations: list[Station], tallies: Mapping[int, Tally]) -> list[StationRow]:
    """Put stations into words, the worst first, then those without an index."""
    rows, known = [], bands(regulation().index)
    for station in stations:
        tally = tallies.get(station.id)
        form = FORMS.get(tally.state, "cl") if tally else ""
        rows.append(StationRow(station, band_of(station.index, known), tally.priority if tally else None, form))
    return sorted(rows, key=lambda row: (row.station.index is None, -(row.station.index or 0.0), row.station.name))


def months_of(days: tuple[Day, ...], known: Sequence[BandWords]) -> list[Month]:
    """Lay days out as months, one row each."""
    language = get_language() or ""
    found: dict[tuple[int, int], Month] = {}
    for each in days:
        key = (each.day.year, each.day.month)
        if key not in found:
            name = date_format(each.day, _MONTHS.get(language, "m/Y"))
            found[key] = Month(name, [Cell(None, "", "", None)] * 31)
        found[key].cells[each.day.day - 1] = _cell(each, band_of(each.value, known), language)
    return list(found.values())


def _cell(each: Day, band: BandWords | None, language: str) -> Cell:
    day = date_format(each.day, _DAYS.get(language, "d/m/Y"))
    if band is None or each.value is None:
        return Cell(each.day, "–", _("%(day)s: too few hours") % {"day": day}, None)
    value = f"{each.value:.0f}"  # an index is whole and below a thousand: the same in every language
    return Cell(each.day, value, f"{day}: {value}, {band.name} ({plain(each.main)})", band)


def measurements(station: Station) -> list[Measurement]:
    """Give a station's newest means in the units that the city's limits are written in, whatever it sends."""
    return [units.converted(each, regulation().unit_of(each.pollutant)) for each in station.measurements]


def limit_lines(pollutant: str, day: date) -> list[charts.Limit]:
    """Give the lines of the limits for an hour and a day that are in force."""
    wanted = (Average.HOUR, Average.DAY)
    return [
        charts.Limit(each.value, limit_words(each))
        for each in regulation().limits
        if each.pollutant == pollutant and each.average in wanted and each.is_in_force(day)
    ]


def limit_words(limit: Limit) -> str:
    """Write a limit for a chart's line, which has the value beside it."""
    return _("limit, %(average)s") % {"average": AVERAGES[limit.average]}
