"""What `dothi observations retain` does."""

import asyncio

import click
import msgspec

from dothi.config.city import load_city
from dothi.config.environment import Environment
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.retention import service
from dothi.core.observations.retention.types import Action, Done, Limits, Step
from dothi.kernel.errors import DothiError

_WORDS = {Action.DROP: "drop", Action.REWRITE: "rewrite"}


def run(environment: Environment, *, is_dry_run: bool, as_json: bool) -> None:
    """Let go what has passed, or say what would go. Raises click.ClickException."""
    limits = service.limits(default_days=environment.raw_days, most_bytes=round(environment.raw_gb * 1_000_000_000))
    try:
        if is_dry_run:
            _foretell(environment, limits, as_json=as_json)
        else:
            zone = load_city(environment.city).zone
            _tell(asyncio.run(service.run(SYSTEM, environment.database_url, limits, zone=zone)), as_json=as_json)
    except DothiError as error:
        raise click.ClickException(str(error)) from error


def _foretell(environment: Environment, limits: Limits, *, as_json: bool) -> None:
    steps = asyncio.run(service.plan(SYSTEM, environment.database_url, limits))
    if as_json:
        click.echo(msgspec.json.encode(steps).decode())
        return
    for step in steps:
        click.echo(f"{_line(step)}  {_megabytes(step.part.size)}, about {step.part.rows} rows")
    going = sum(step.part.size for step in steps if step.action is Action.DROP)
    click.echo(f"{len(steps)} partitions would change; {_megabytes(going)} would go with those that are dropped.")


def _line(step: Step) -> str:
    some = f", of which {len(step.leaving)} Datastreams would leave" if step.action is Action.REWRITE else ""
    return f"{_WORDS[step.action]}  {step.part.table}{' (for room)' if step.for_room else ''}{some}"


def _tell(done: list[Done], *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
        return
    for each in done:
        state = "in use, left to the next run" if each.was_busy else f"{each.rows} rows left, {_megabytes(each.size)}"
        click.echo(f"{_WORDS[each.action]}  {each.table}{' (for room)' if each.for_room else ''}  {state}")
    click.echo(f"{sum(each.rows for each in done)} Observations left the record; their hours and days stay.")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
