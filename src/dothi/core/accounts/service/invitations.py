"""Invitations: an administrator offers grants, whoever has the address makes an account with them, once."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction

from dothi.core.accounts import policy, rules
from dothi.core.accounts.service import people
from dothi.core.accounts.service.asking import require
from dothi.core.accounts.store import departments as departments_store
from dothi.core.accounts.store import invitations as store
from dothi.core.accounts.store import people as people_store
from dothi.core.accounts.types import Actor, Grant, Invitation, NewInvitation
from dothi.core.audit import service as audit
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput, NotFound

INVITE: Final = "accounts.user.invite"


def invite(
    actor: Actor, *, grants: Iterable[Grant], email: str = "", good_for: timedelta = rules.INVITED_FOR
) -> NewInvitation:
    """Make an invitation that brings grants. Audited without the address, which is personal data.

    The secret is in the answer and nowhere else. `good_for` is city time. Raises Forbidden where a grant reaches
    further than the actor's own right to invite, InvalidInput, Conflict for an address that is a person's already.
    """
    require(actor, INVITE)
    wanted = sorted(set(grants))
    if not wanted:
        raise InvalidInput("an invitation brings at least one grant", place="grants")
    rules.check_may_over(actor, INVITE, wanted)
    rules.check_departments(wanted, {each.code for each in departments_store.list_departments()})
    people.check_details(name="", email=email)
    if email and people_store.has_email(email):
        raise Conflict("the e-mail address is a person's already")
    now = clock.now()
    secret = secrets.token_urlsafe(32)
    new = Invitation(
        id=0,
        email=email,
        grants=tuple(wanted),
        created_at=now,
        expires_at=now + good_for,
        invited_by=actor.reference,
    )
    with transaction.atomic():
        number = store.insert_invitation(new, secret_hash=rules.hash_secret(secret))
        after = {"grants": rules.audited(wanted), "expires_at": new.expires_at.isoformat()}
        audit.record(actor.reference, INVITE, subject=f"invitation:{number}", after=after)
    return NewInvitation(id=number, token=secret, expires_at=new.expires_at)


def list_invitations(actor: Actor) -> list[Invitation]:
    """List the invitations whose grants lie within the actor's right to invite, the newest first. Raises Forbidden."""
    require(actor, INVITE)
    return [found for found in store.list_invitations() if _is_within(actor, found)]


def withdraw(actor: Actor, number: int) -> None:
    """Take an invitation back; nobody can accept it from now on. Audited.

    Raises Forbidden, NotFound, Conflict for one that is no longer open.
    """
    require(actor, INVITE)
    with transaction.atomic():
        found = store.find_invitation(number)
        if found is None or not _is_within(actor, found):
            raise NotFound(f"no invitation {number}")
        rules.check_open(found, now=clock.now())
        store.close_invitation(number, withdrawn_at=clock.now())
        before, after = {"open": True}, {"open": False}
        audit.record(actor.reference, INVITE, subject=f"invitation:{number}", before=before, after=after)


def find_open(token: str) -> Invitation:
    """Give the invitation behind an address. Raises Conflict for one that is not open, or never was."""
    return rules.check_open(store.find_by_secret(rules.hash_secret(token)), now=clock.now())


def accept(token: str, *, username: str, name: str, password: str) -> int:
    """Make the account of whoever was invited, with the grants of the invitation; gives its id. Audited.

    The secret is the permission. Raises Conflict for an invitation that is not open and for a name that is taken,
    InvalidInput for a weak password or a bad name.
    """
    people.check_details(name=name, email="")
    if not name.strip():
        raise InvalidInput("a name is needed", place="name")
    with transaction.atomic():
        found = rules.check_open(store.lock_by_secret(rules.hash_secret(token)), now=clock.now())
        user_id = people.insert(
            username=username, password=password, name=name.strip(), email=found.email, grants=found.grants
        )
        store.close_invitation(found.id, accepted_at=clock.now())
        after = {"grants": rules.audited(found.grants), "invitation": found.id}
        audit.record(f"user:{user_id}", people.CREATE, subject=f"user:{user_id}", after=after)
    return user_id


def _is_within(actor: Actor, invitation: Invitation) -> bool:
    return all(policy.may(actor, INVITE, of=rules.subject_of(grant)) for grant in invitation.grants)
