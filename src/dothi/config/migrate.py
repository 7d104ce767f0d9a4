"""`dothi migrate`: brings the database's schema up to date."""

import click
from django.core.management import call_command
from django.db import connection

from dothi.config.process import prepare

_LOCK = 0xD0781
"""Names the advisory lock under which one process at a time migrates."""


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date; safe to repeat, and from several machines at once."""
    prepare()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
