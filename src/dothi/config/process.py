"""What every process does first and last: read the settings, take the city's clock, log, and stop when told."""

import asyncio
import gc
import importlib
import logging
import signal
import sys
from typing import Any, Final

import click
import django

from dothi.config import environment
from dothi.config.environment import Environment
from dothi.config.servers.beside import settings_beside
from dothi.kernel import clock

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def call(target: str, **arguments: object) -> Any:  # noqa: ANN401  (what a command's function gives is the command's to know)
    """Prepare the process, then call `module:function` with its settings as first argument.

    The module is imported only now: what it imports needs Django to be set up. Raises click.ClickException, which the
    command line prints as one line.
    """
    settings = prepare()
    return find(target)(settings, **arguments)


def find(target: str) -> Any:  # noqa: ANN401  (as above)
    """Import and give `module:function`: for what needs Django to be set up, once it is."""
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def prepare() -> Environment:
    """Read the settings, set the clock, the log and Django up. Raises click.ClickException for an unusable setting."""
    logging.basicConfig(level=logging.INFO, format=FORMAT, stream=sys.stderr)
    for noisy in ("gmqtt", "psycopg.pool", "procrastinate", "weasyprint", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        settings = environment.read()
        if not settings.database_url:
            environment.provide(**settings_beside(settings.home, settings.port))
            settings = environment.read()
        missing = [
            environment.variable_of(name) for name in ("database_url", "secret_key") if not getattr(settings, name)
        ]
        if missing:
            raise ValueError(
                f"{' and '.join(missing)} must be set, or DOTHI_HOME name the home of a `dothi up`: there is none in"
                f" {settings.home}"
            )
        clock.install(clock.parse(settings.clock))
        environment.point_to_django_settings()
        django.setup()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    return settings


def spare_the_collector() -> None:
    """Leave what a long-running process has loaded out of garbage collection, and collect more rarely.

    Thousands of messages wait for their commit at once; going through them again and again took a third of `ingest`'s
    time. They hold no cycles: what they leave is freed as it is done with.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def stop_event() -> asyncio.Event:
    """Give an event that is set when the process is told to stop (SIGTERM, SIGINT); for use in a running loop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return stopped
