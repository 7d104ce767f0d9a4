"""What `dothi users` does."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from dothi.config.environment import Environment
from dothi.core.accounts import service as accounts
from dothi.core.accounts.service import invitations, people
from dothi.core.accounts.types import SYSTEM, Grant, NewInvitation, Person, Role
from dothi.kernel.errors import DothiError


def create(_environment: Environment, *, username: str, role: str, department: str, area: str, password: str) -> int:
    """Make an account and give its id. Raises click.ClickException."""
    with _said():
        grants = [_grant(role, department, area)]
        return accounts.create_user(SYSTEM, username=username, password=password, grants=grants)


def invite(_environment: Environment, *, role: str, department: str, area: str, email: str) -> NewInvitation:
    """Make an invitation. Raises click.ClickException."""
    with _said():
        return invitations.invite(SYSTEM, grants=[_grant(role, department, area)], email=email)


def list_all(_environment: Environment) -> list[Person]:
    """List all accounts."""
    return people.list_people(SYSTEM)


def erase(_environment: Environment, *, user_id: int) -> None:
    """Erase a person's data. Raises click.ClickException."""
    with _said():
        people.erase_person(SYSTEM, user_id)


def _grant(role: str, department: str, area: str) -> Grant:
    if role not in set(Role):
        raise click.ClickException(f"no such role: {role}; there are {', '.join(Role)}")
    return Grant(Role(role), department, area)


@contextmanager
def _said() -> Iterator[None]:
    """Say on the command line what an error of Dothi's says."""
    try:
        yield
    except DothiError as error:
        raise click.ClickException(str(error)) from error
