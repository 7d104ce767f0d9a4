"""What lighting's pages say of lamps, alarms and series: states, symbols, notes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dothi.core.alarms.types import Page, State, Tally
from dothi.core.alarms.views import words
from dothi.domains.lighting import service
from dothi.domains.lighting.types import Lamp
from dothi.domains.lighting.types.overview import StreetRow
from dothi.web.charts import Due, Limit


class LampRow(NamedTuple):
    """A lamp as a list shows it: the form and name of its state, and its most pressing alarm's priority and form."""

    lamp: Lamp
    symbol: str
    state: str
    priority: int | None
    form: str


def lamp_rows(lamps: Iterable[Lamp], tallies: Mapping[int, Tally]) -> list[LampRow]:
    """Put lamps into words."""
    language = get_language() or ""
    states = {state.id: (state.symbol, state.names.of(language)) for state in service.LAMPS.states}
    rows = []
    for lamp in lamps:
        tally = tallies.get(lamp.id)
        form = words.FORMS.get(tally.state, "cl") if tally else ""
        rows.append(LampRow(lamp, *states[lamp.state], tally.priority if tally else None, form))
    return rows


def alarm_rows(page: Page) -> list[words.Row]:
    """Put alarms into words."""
    return [words.row_of(alarm, page.things.get(alarm.point.thing_id)) for alarm in page.alarms]


def street_line(row: StreetRow) -> dict[str, object]:
    """Put a street into words: with the fill of its most pressing alarm's symbol."""
    return {
        **msgspec.structs.asdict(row),
        "form": words.FORMS.get(row.alarm_state, "cl") if row.alarm_state else "",
    }


def priority_counts(counts: Mapping[State, Mapping[int, int]]) -> list[dict[str, object]]:
    """Give each priority with its word, its alarms in the queue, and those that nobody has acknowledged."""
    rows: list[dict[str, object]] = []
    for priority, name in words.PRIORITIES.items():
        unseen = counts.get(State.UNACKNOWLEDGED, {}).get(priority, 0)
        rows.append(
            {
                "priority": priority,
                "name": name,
                "count": sum(each.get(priority, 0) for each in counts.values()),
                "unseen": unseen,
                "form": "un" if unseen else "ak",
            }
        )
    return rows


def rated_limit(lamp: Lamp) -> Sequence[Limit]:
    """Give the line of a lamp's rated power."""
    if lamp.rated_power_w is None:
        return ()
    return (Limit(lamp.rated_power_w, _("rated")),)


def due_of(levels: Sequence[tuple[datetime, int]], *, at_full: float | None) -> Due | None:
    """Give the line of what was due, of which full light is so much; None where nothing is known of it."""
    if at_full is None or not levels:
        return None
    return Due(_("by schedule"), tuple((at, at_full * level / 100) for at, level in levels))
