"""Django's database for asynchronous callers, who have none of Django's requests around them."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections

from dothi.kernel.errors import Unavailable

Given = ParamSpec("Given")
Found = TypeVar("Found")


def apart(ask: Callable[Given, Found]) -> Callable[Given, Awaitable[Found]]:
    """Let asynchronous callers ask Django's database, in a thread and on a connection of the question's own.

    Only Django's own requests give up a connection that a restart of the database broke; without one all later
    questions would fail. Raises Unavailable where the database is away.
    """

    @wraps(ask)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        close_old_connections()
        try:
            return ask(*args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            raise Unavailable(f"the database is away: {error}") from error
        finally:
            close_old_connections()

    return sync_to_async(asked)
