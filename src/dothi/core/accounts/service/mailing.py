"""Letters to people, where the settings name a mail server; addresses never leave accounts."""

import logging
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.mail import send_mail

from dothi.core.accounts.store import people as store

log: Final = logging.getLogger(__name__)


def can_send() -> bool:
    """Tell whether there is a mail server."""
    return bool(settings.EMAIL_HOST)


def send(address: str, *, subject: str, text: str) -> bool:
    """Send a letter; tells whether the server took it. What stands in it, and to whom it goes, is not logged."""
    if not can_send() or not address:
        return False
    try:
        return send_mail(subject, text, None, [address]) > 0
    except (SMTPException, OSError) as error:
        log.warning("a letter could not be sent: %s", type(error).__name__)
        return False


def can_reach(reference: str) -> bool:
    """Tell whether the person behind a reference ("user:7") may sign in and has an address."""
    return bool(_address_of(reference))


def write_to(reference: str, *, subject: str, text: str) -> bool:
    """Send a letter to the person behind a reference, if they can be reached; tells as `send` does."""
    return send(_address_of(reference), subject=subject, text=text)


def _address_of(reference: str) -> str:
    kind, _, number = reference.partition(":")
    person = store.find_person(int(number)) if kind == "user" and number.isdecimal() else None
    return person.email if person is not None and person.is_active else ""
