"""What `dothi users` does."""

import click

from dothi.config.environment import Environment
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM
from dothi.kernel.errors import DothiError


def create(_environment: Environment, *, username: str, role: str, password: str) -> int:
    """Make an account and give its id. Raises click.ClickException."""
    try:
        return accounts.create_user(SYSTEM, username=username, password=password, role=role)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
