"""The audit log, for whoever may read it: who changed what, with the names that people have now."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.service import log as service
from dothi.core.audit.types import Numbered, Question
from dothi.kernel.manifest import load_manifests

_FIELDS = ("who", "what", "subject", "since", "until")


class Row(NamedTuple):
    """An entry as the page shows it."""

    number: int
    at: datetime
    who: str
    who_name: str
    what: str
    what_name: str
    subject: str
    subject_name: str
    before: str
    after: str
    digest: str


@permission_required(service.VIEW)
@require_safe
def show_log(request: HttpRequest) -> HttpResponse:
    """List entries, the newest first, narrowed by who, what, of what and when; verify the chain where that is asked."""
    actor = actor_of(request)
    given = {name: request.GET.get(name, "").strip()[:200].replace("\0", "") for name in _FIELDS}
    before = request.GET.get("before", "")
    page, names = service.list_entries(
        actor, _question(given), before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    following = {name: value for name, value in given.items() if value} | {"before": str(page.before or "")}
    return render(
        request,
        "accounts/audit.html",
        {
            "rows": [_row(each, names) for each in page.entries],
            "asked": given,
            "services": [(found.id, found.names.of(get_language() or "")) for found in load_manifests()],
            "following": f"?{urlencode(following)}" if page.before else "",
            "is_first": not before,
            "verdict": service.verify(actor) if "verify" in request.GET else None,
        },
    )


def _question(given: Mapping[str, str]) -> Question:
    """Read what is asked for; a day that is none restricts nothing."""
    until = _day(given["until"])
    return Question(
        who=given["who"],
        what=given["what"],
        subject=given["subject"],
        since=_begin(_day(given["since"])),
        until=_begin(until + timedelta(days=1) if until is not None and until.year < 9000 else None),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date | None) -> datetime | None:
    """Give the moment a day of the city begins."""
    return None if day is None else datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _row(each: Numbered, names: Mapping[str, str]) -> Row:
    entry = each.entry
    return Row(
        number=each.number,
        at=entry.at,
        who=entry.who,
        who_name=names.get(entry.who, "") or _kind(entry.who),
        what=entry.what,
        what_name=_permission_names().get(entry.what, ""),
        subject=entry.subject,
        subject_name=names.get(entry.subject, ""),
        before=_written(entry.before),
        after=_written(entry.after),
        digest=each.digest[:12],
    )


def _kind(reference: str) -> str:
    kind = reference.partition(":")[0]
    return {"system": gettext("Dothi itself"), "key": gettext("Machine key"), "detector": gettext("Detector")}.get(
        kind, ""
    )


def _permission_names() -> dict[str, str]:
    language = get_language() or ""
    return {each.id: each.names.of(language) for found in load_manifests() for each in found.permissions}


def _written(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)
