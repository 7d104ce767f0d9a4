"""The door to the monthly reports that the worker made: which are due, who asks for one anew, and what is kept."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations import service as observations
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import report as rules
from dothi.domains.lighting.service.energy import EDIT, VIEW
from dothi.domains.lighting.service.lamps import LAMPS
from dothi.domains.lighting.types.energy import KeptReport, LampFigures, MonthlyReport
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound

SETTLED_AFTER: Final = timedelta(minutes=20)
"""What lamps said before midnight may be so late."""


def list_reports(actor: Actor) -> list[KeptReport]:
    """List the kept reports that an actor may see, the newest month first, in one query.

    Whoever may not see all lamps sees those of public lamps alone. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    return [each for each in store.list_reports() if _may_see(actor, each)]


def list_lamp_figures(actor: Actor, month: date) -> Mapping[int, LampFigures]:
    """Give what each lamp adds to a month's report, by its id. Raises Unauthenticated or Forbidden, NotFound."""
    _get(actor, month)
    return {each.id: each for each in store.list_lamp_figures(month)}


def get_document(actor: Actor, month: date, language: str) -> bytes:
    """Give a month's report as PDF. Raises Unauthenticated or Forbidden, NotFound where it isn't there."""
    kept = _get(actor, month)
    document = store.find_document(kept.month, language) if language in kept.documents else None
    if document is None:
        raise NotFound(f"no report of {month:%Y-%m} as PDF in {language}")
    return document


def ask_for_report(actor: Actor, month: date) -> None:
    """Have the worker make a month's report anew. Audited.

    Raises Unauthenticated or Forbidden, InvalidInput for a month of which no day is over.
    """
    accounts.require(actor, EDIT)
    if not rules.whole_days(month, _settled_day()):
        raise InvalidInput("no day of this month is over", place="month")
    with transaction.atomic():
        store.ask_for_report(month.replace(day=1), at=clock.now())
        audit.record(actor.reference, EDIT, subject=f"lighting.report:{month:%Y-%m}")


def list_due(actor: Actor) -> list[list[date]]:
    """List the months to be made, each as its days that are over: what lacks, and what somebody asked for.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, EDIT)
    kept, today = store.list_reports(), _settled_day()
    made = {each.month: each.report for each in kept if each.report}
    lamps = len(observations.list_things(actor, kind=LAMPS.kind, readings=False))
    lacking = rules.months_due(today, clock.now(), made, lamps=lamps)
    asked = [each.month for each in kept if each.is_asked]
    return [whole for month in sorted({*lacking, *asked}) if (whole := rules.whole_days(month, today))]


def keep_report(
    actor: Actor, report: MonthlyReport, lamps: Sequence[LampFigures], documents: Mapping[str, bytes]
) -> None:
    """Keep a report in the place of the month's last one. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, EDIT)
    store.save_report(report, lamps, documents)


def _settled_day() -> date:
    """Give the day that runs, or yesterday while its last messages may still come."""
    return (clock.now() - SETTLED_AFTER).astimezone(ZoneInfo(settings.CITY.zone)).date()


def _get(actor: Actor, month: date) -> KeptReport:
    found = next((each for each in list_reports(actor) if each.month == month.replace(day=1)), None)
    if found is None:
        raise NotFound(f"no report of {month:%Y-%m}")
    return found


def _may_see(actor: Actor, kept: KeptReport) -> bool:
    reach = observations.reach_of(actor)
    if reach is None:
        return True
    is_of_public = kept.report is not None and kept.report.is_public
    is_of_keys = not reach.or_public and (reach.departments is not None or reach.thing_ids is not None)
    return is_of_public and not is_of_keys
