"""Tells people by letter that a work order is theirs now, where there is a mail server."""

from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from dothi.core.accounts.service import mailing
from dothi.core.incidents.store import reading, writing
from dothi.core.incidents.types import Order

AT_ONCE: Final = 100


def tell_assigned() -> int:
    """Write to those whom open orders were given to and who were not told yet; gives how many letters went out.

    Whoever took an order on themselves knows, and who has no address can't be told. A letter that the server does not
    take is tried again the next time.
    """
    if not mailing.can_send():
        return 0
    sent = 0
    for order in reading.list_untold(limit=AT_ONCE):
        person = order.standing.assignee
        is_wanted = reading.find_giver(order.id, person) != person and mailing.can_reach(person)
        if not is_wanted or _write(order):
            writing.note_told(order.id, person)
            sent += is_wanted
    return sent


def _write(order: Order) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        deadline = timezone.localtime(order.deadline)
        said = {"number": order.number, "title": order.title, "until": f"{deadline:%H:%M %d/%m/%Y}"}
        subject = gettext("Work order %(number)s is yours") % said
        text = gettext("%(title)s\nDeadline: %(until)s") % said
    link = f"{settings.SITE_URL}/crew/{order.id}/" if settings.SITE_URL else ""
    return mailing.write_to(order.standing.assignee, subject=subject, text=f"{text}\n{link}".rstrip() + "\n")
