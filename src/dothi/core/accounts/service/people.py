"""The keeping of people: accounts, grants, who is let in, and the erasure of a person."""

from collections.abc import Iterable
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from msgspec.structs import replace

from dothi.core.accounts import policy, rules
from dothi.core.accounts.service.asking import SIGNED_IN, require
from dothi.core.accounts.service.own import tell
from dothi.core.accounts.store import departments as departments_store
from dothi.core.accounts.store import people as store
from dothi.core.accounts.types import SYSTEM, Actor, Grant, Person, Role, Subject
from dothi.core.audit import service as audit
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput, NotFound

CREATE: Final = "accounts.user.create"
VIEW: Final = "accounts.user.view"
EDIT: Final = "accounts.user.edit"
GRANT: Final = "accounts.user.grant"
DEACTIVATE: Final = "accounts.user.deactivate"
ERASE: Final = "accounts.user.erase"
_LONGEST: Final = 150


def create_user(actor: Actor, *, username: str, password: str, role: str = "", grants: Iterable[Grant] = ()) -> int:
    """Make a person's account, with a role everywhere or with grants, and give its id.

    Audited without the name, which is personal data. Raises Forbidden, InvalidInput for a weak password or unknown
    role, Conflict for a name that is taken.
    """
    require(actor, CREATE)
    if role and role not in set(Role):
        raise InvalidInput(f"no such role: {role}", place="role")
    wanted = [*([Grant(Role(role))] if role else ()), *grants]
    rules.check_may_over(actor, GRANT, wanted)
    with transaction.atomic():
        user_id = insert(username=username, password=password, grants=wanted)
        audit.record(actor.reference, CREATE, subject=f"user:{user_id}", after={"grants": rules.audited(wanted)})
    return user_id


def has_administrator() -> bool:
    """Tell whether somebody keeps the accounts already, in one query. It asks for no permission."""
    return store.count_administrators() > 0


def create_first_administrator(*, username: str, password: str) -> int:
    """Make the first administrator's account, whoever asks, and give its id. Audited.

    Raises Conflict where there is one already or the name is taken, InvalidInput for a weak password.
    """
    with transaction.atomic():
        store.lock_people()
        if has_administrator():
            raise Conflict("there is an administrator already")
        return create_user(SYSTEM, username=username, password=password, role=Role.ADMINISTRATOR.value)


def insert(*, username: str, password: str, name: str = "", email: str = "", grants: Iterable[Grant]) -> int:
    """Check and keep a new person, in the caller's transaction, which audits it.

    Raises InvalidInput, Conflict for a user name or an address that is taken.
    """
    _check_username(username)
    if store.has_user(username):
        raise Conflict("the user name is taken")
    if email and store.has_email(email):
        raise Conflict("the e-mail address is taken")
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), place="password") from error
    wanted = list(grants)
    _check_departments(wanted)
    return store.insert_user(username, password=password, name=name, email=email, grants=wanted)


def list_people(actor: Actor) -> list[Person]:
    """List the people an actor keeps: all of them, or those with a grant within the actor's reach.

    Those without any grant are for whoever reaches everywhere. Raises Unauthenticated, Forbidden.
    """
    require(actor, VIEW)
    return [person for person in store.list_people() if _may_see(actor, person)]


def get_person(actor: Actor, user_id: int) -> Person:
    """Give a person. Raises Unauthenticated, Forbidden, NotFound also for one beyond the actor's reach."""
    require(actor, VIEW)
    person = store.find_person(user_id)
    if person is None or not _may_see(actor, person):
        raise NotFound(f"no person {user_id}")
    return person


def set_grants(actor: Actor, user_id: int, grants: Iterable[Grant]) -> Person:
    """Make a person's grants these. Audited.

    Raises Forbidden where a grant that comes or goes reaches further than the actor's own right to grant, InvalidInput
    for a department that is not there, Conflict when nobody would be left to keep the accounts, NotFound.
    """
    require(actor, GRANT)
    wanted = frozenset(grants)
    _check_departments(wanted)
    with transaction.atomic():
        person = _lock(actor, user_id)
        come, go = rules.tell_apart(person.grants, wanted)
        rules.check_may_over(actor, GRANT, [*come, *go])
        if any(grant.role is Role.ADMINISTRATOR and rules.is_everywhere(grant) for grant in go):
            _check_keeper_left(user_id)
        if come or go:
            store.remove_grants(user_id, go)
            store.add_grants(user_id, come)
            before, after = {"grants": rules.audited(person.grants)}, {"grants": rules.audited(wanted)}
            audit.record(actor.reference, GRANT, subject=person.reference, before=before, after=after)
            tell(user_id)
    return replace(person, grants=tuple(sorted(wanted)))


def update_details(actor: Actor, user_id: int, *, name: str, email: str, phone: str) -> None:
    """Keep how a person is called and reached. Audited without what it is, which is personal data.

    Raises Forbidden, NotFound, InvalidInput, Conflict for an address that is another's.
    """
    require(actor, EDIT)
    check_details(name=name, email=email, phone=phone)
    with transaction.atomic():
        person = _lock(actor, user_id)
        _check_over(actor, EDIT, person)
        if email.lower() != person.email.lower() and email and store.has_email(email):
            raise Conflict("the e-mail address is taken")
        given = {"name": name, "email": email, "phone": phone}
        changed = sorted(field for field, value in given.items() if getattr(person, field) != value)
        if changed:
            store.update_details(user_id, name=name, email=email, phone=phone)
            audit.record(actor.reference, EDIT, subject=person.reference, after={"changed": changed})


def set_active(actor: Actor, user_id: int, *, is_active: bool) -> None:
    """Let a person in again, or no longer: then all sessions end at once. Audited.

    Raises Forbidden, NotFound, Conflict for oneself and for the last who keeps the accounts.
    """
    require(actor, DEACTIVATE)
    with transaction.atomic():
        person = _lock(actor, user_id)
        _check_over(actor, DEACTIVATE, person)
        if person.is_active == is_active:
            return
        if not is_active:
            _check_not_oneself(actor, person)
            _check_keeper_left(user_id)
            store.end_sessions(user_id)
        store.set_active(user_id, is_active=is_active)
        tell(user_id)
        before, after = {"active": person.is_active}, {"active": is_active}
        audit.record(actor.reference, DEACTIVATE, subject=person.reference, before=before, after=after)


def sign_out(actor: Actor, user_id: int) -> int:
    """End all sessions of a person; gives how many there were. Audited. Raises Forbidden, NotFound."""
    require(actor, DEACTIVATE)
    with transaction.atomic():
        person = _lock(actor, user_id)
        _check_over(actor, DEACTIVATE, person)
        ended = store.end_sessions(user_id)
        tell(user_id)
        audit.record(actor.reference, DEACTIVATE, subject=person.reference, after={"sessions_ended": ended})
    return ended


def remove_second_step(actor: Actor, user_id: int) -> None:
    """Let a person who lost their authenticator sign in by password alone, and set a new one up. Audited.

    Raises Forbidden, NotFound.
    """
    require(actor, EDIT)
    with transaction.atomic():
        person = _lock(actor, user_id)
        _check_over(actor, EDIT, person)
        if store.remove_second_step(user_id):
            before, after = {"second_step": True}, {"second_step": False}
            audit.record(actor.reference, EDIT, subject=person.reference, before=before, after=after)


def erase_person(actor: Actor, user_id: int) -> None:
    """Take from the database all that tells who a person is: name, address, phone, sessions, second step, attempts.

    The account stays as a number that the record refers to, and can't be brought back. Audited by that number. Erasing
    twice is erasing once. Raises Forbidden, NotFound, Conflict for oneself and for the last who keeps the accounts.
    """
    require(actor, ERASE)
    with transaction.atomic():
        person = _lock(actor, user_id)
        _check_over(actor, ERASE, person)
        if person.is_erased:
            return
        _check_not_oneself(actor, person)
        _check_keeper_left(user_id)
        store.erase(person, at=clock.now())
        tell(user_id)
        before, after = {"grants": rules.audited(person.grants), "erased": False}, {"grants": [], "erased": True}
        audit.record(actor.reference, ERASE, subject=person.reference, before=before, after=after)


def check_details(*, name: str, email: str, phone: str = "") -> None:
    """See that a name, an address and a phone number can be one. Raises InvalidInput that names the field."""
    if len(name) > _LONGEST:
        raise InvalidInput(f"a name is at most {_LONGEST} letters long", place="name")
    if len(phone) > 40:
        raise InvalidInput("a phone number is at most 40 characters long", place="phone")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise InvalidInput(" ".join(error.messages), place="email") from error


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), place="username") from error
    if len(username) > _LONGEST or username.lower().startswith("erased-"):
        raise InvalidInput("choose another user name", place="username")


def _check_departments(grants: Iterable[Grant]) -> None:
    asked = [grant for grant in grants if grant.department]
    if asked:
        rules.check_departments(asked, {each.code for each in departments_store.list_departments()})


def _lock(actor: Actor, user_id: int) -> Person:
    person = store.lock_person(user_id)
    if person is None or not _may_see(actor, person):
        raise NotFound(f"no person {user_id}")
    return person


def _may_see(actor: Actor, person: Person) -> bool:
    """Tell whether a person is one whom the actor keeps."""
    if policy.may(actor, VIEW, of=Subject()):
        return True
    return any(policy.may(actor, VIEW, of=rules.subject_of(grant)) for grant in person.grants)


def _check_over(actor: Actor, permission: str, person: Person) -> None:
    """See that the actor's right covers all that the person holds, or everywhere for one who holds nothing."""
    if person.grants:
        rules.check_may_over(actor, permission, person.grants)
    else:
        require(actor, permission, of=Subject())


def _check_not_oneself(actor: Actor, person: Person) -> None:
    if actor.reference == person.reference:
        raise Conflict("nobody shuts themselves out: ask another administrator")


def _check_keeper_left(user_id: int) -> None:
    if not store.count_administrators(without=user_id):
        administrators = store.count_administrators()
        if administrators:
            raise Conflict("somebody must be left who is administrator everywhere")


def get_own(actor: Actor) -> Person:
    """Give the account of the person who asks. Raises Unauthenticated, Forbidden for a key."""
    require(actor, SIGNED_IN)
    found = store.find_person(int(actor.reference.removeprefix("user:")))
    if found is None:
        raise NotFound("the account is gone")
    return found


def count_recovery_codes(person: Person) -> int:
    """Count the recovery codes that are left to a person who asked for their own account by `get_own`."""
    return store.count_recovery_codes(person.id)
