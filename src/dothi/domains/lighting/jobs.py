"""What lighting looks at in the worker: faults in what lamps say, and what became of what they were told."""

from collections.abc import Sequence
from datetime import date
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import close_old_connections
from django.utils import translation
from procrastinate.contrib.django import app

from dothi.core.accounts.types import SYSTEM
from dothi.domains.lighting import indicators
from dothi.domains.lighting.service import commands, demonstration, energy, measures, programmes, reports
from dothi.domains.lighting.service.watching import LampWatch
from dothi.domains.lighting.types.energy import REPORT_LANGUAGES, Fleet

__all__ = ["CommandWatch", "LampWatch", "make_reports"]

PROGRAMMES_EVERY_S: Final = 15.0
"""Wall seconds after which a changed schedule goes out."""


class CommandWatch:
    """Raises alarms for commands that nobody answers, and brings cabinets the programme of the night."""

    def __init__(self) -> None:
        self._brought_at = -PROGRAMMES_EVERY_S

    def look(self) -> None:
        """Look once."""
        commands.settle()
        if monotonic() - self._brought_at >= PROGRAMMES_EVERY_S:
            self._brought_at = monotonic()
            programmes.bring()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lighting.make_reports", lock="lighting.make_reports", pass_context=False)
def make_reports(timestamp: int) -> list[str]:
    """Make the energy reports that lack a day or were asked for, by the city's clock; gives their months."""
    close_old_connections()
    try:
        due = reports.list_due(SYSTEM)
        fleet = energy.fleet(SYSTEM) if due else None
        if fleet is None or not len(fleet.ids):
            return []
        if settings.IS_DEMO:
            demonstration.begin(SYSTEM, fleet)
        return [_make_report(days, fleet) for days in due]
    finally:
        close_old_connections()


def _make_report(days: Sequence[date], fleet: Fleet) -> str:
    from dothi.domains.lighting.indicators import pdf  # noqa: PLC0415 (web imports this module, and must not weasyprint)

    made, lamps = indicators.monthly_report(SYSTEM, days, fleet, measures.measure(SYSTEM, fleet, days))
    documents: dict[str, bytes] = {}
    for language in REPORT_LANGUAGES:
        with translation.override(language):
            documents[language] = pdf.pdf_of(made, city=settings.CITY, language=language)
    reports.keep_report(SYSTEM, made, lamps, documents)
    return f"{made.month:%Y-%m}"
