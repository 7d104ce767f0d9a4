"""`dothi migrate`: brings the database's schema up to date, and the city's areas into it."""

import click
from django.core.management import call_command
from django.db import connection

from dothi.config.city import load_city
from dothi.config.process import find, prepare

_LOCK = 0xD0781
"""Names the advisory lock under which one process at a time migrates."""


@click.command()
def migrate() -> None:
    """Bring the schema and the city's areas up to date; safe to repeat, and from several machines at once."""
    environment = prepare()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
            find("dothi.config.areas:load")(load_city(environment.city))
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
