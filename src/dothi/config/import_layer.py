"""What `dothi places import-layer` does: a file into a layer as a draft, with what would come of it first."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from django.utils import translation

from dothi.config.environment import Environment
from dothi.config.places import CANT_BE_TAKEN
from dothi.config.telling import tell_city
from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.types import LayerDraft, Report, Revision, Role, Unfit, Visibility, Wish
from dothi.core.places.layers.views import words
from dothi.kernel.errors import DothiError, NotFound
from dothi.kernel.events import Event
from dothi.kernel.manifest import Names

MOST_REMARKS: Final = 40
EVERY: Final = 100_000


def import_layer(
    environment: Environment,
    *,
    path: Path,
    slug: str,
    asked: Mapping[str, Any],
    made: Mapping[str, str],
    is_dry_run: bool,
    is_sure: bool,
    is_shown: bool,
    as_json: bool,
) -> None:
    """Show what an import would do, and do it when that is wished. Raises click.ClickException.

    `asked` are the fields of a `Wish`, `made` what a layer is called that is not there yet.
    """
    wish = msgspec.convert(asked, Wish)
    told: list[Event] = []
    try:
        _find_or_make(slug, made)
        report = service.examine(SYSTEM, slug, path, wish, tell=_tell)
        _show(report, as_json=as_json)
        if report.unfit and wish.unfit is Unfit.REFUSE:
            click.echo("Nothing was imported: some features can't be taken (--leave-out takes the others).", err=True)
            sys.exit(CANT_BE_TAKEN)
        if is_dry_run or not (is_sure or click.confirm("Import this?", err=True)):
            click.echo("Nothing was imported.", err=True)
            return
        revision = service.take(SYSTEM, slug, path, wish, tell=_tell)
        if is_shown:
            service.review(SYSTEM, slug, revision.number)
            service.publish_revision(SYSTEM, slug, revision.number, publish=told.append)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    if told and environment.mqtt_out_url:
        tell_city(environment.mqtt_out_url, told, process="places")
    _say(revision, is_shown=is_shown)


def _find_or_make(slug: str, made: Mapping[str, str]) -> None:
    try:
        service.get_layer(SYSTEM, slug)
    except NotFound:
        if not made["name_vi"]:
            raise
        names = Names(vi=made["name_vi"], en=made["name_en"] or made["name_vi"])
        role, visibility = Role(made["role"]), Visibility(made["visibility"])
        draft = LayerDraft(slug, names, role, made["owner"], made["licence"], visibility)
        service.create_layer(SYSTEM, draft)


def _tell(done: int, total: int) -> None:
    if done // EVERY != (done - 1) // EVERY or done % EVERY == 0:
        click.echo(f"{done:,} of {total:,} …" if total else f"{done:,} …", err=True)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
        return
    click.echo(f"{f'{report.format} {report.sublayer}'.strip()}, {report.crs}: {report.read:,} features are read.")
    click.echo(f"  {report.taken:,} can be taken, {report.repaired:,} of them repaired; {report.unfit:,} can't.")
    key = f"by {report.key_field}" if report.key_field else "by all that is said of them (no column of ids)"
    click.echo(f"  Features are known {key}. Columns: {', '.join(f'{f.name} {f.type}' for f in report.fields)}")
    with translation.override("en"):
        _say_problems(report)


def _say_problems(report: Report) -> None:
    for each in report.problems:
        click.echo(f"  {each.count:,} × {words.said(each.problem)} → {words.done(each.remedy)}")
    for number, name, problem, remedy in words.remarks(report.remarks[:MOST_REMARKS]):
        click.echo(f"    {number} {name}: {problem} → {remedy or 'CAN NOT BE TAKEN'}")
    if len(report.remarks) > MOST_REMARKS:
        click.echo("    … and more (--json has them)")
    for warning in words.warnings(report):
        click.echo(f"  Look at this: {warning}")


def _say(revision: Revision, *, is_shown: bool) -> None:
    counts = revision.counts
    click.echo(
        f"Revision {revision.number} has {counts.features:,} features: {counts.added:,} added, {counts.removed:,}"
        f" removed, {counts.changed:,} changed. {'It is shown now.' if is_shown else 'It is a draft.'}",
        err=True,
    )
