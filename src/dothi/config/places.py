"""What `dothi places import-areas` and `import-osm` do: a file in, with what would come of it first."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
import msgspec

from dothi.config.environment import Environment
from dothi.config.telling import tell_city
from dothi.core.accounts.types import SYSTEM
from dothi.core.places import service
from dothi.core.places.feeds import files, osm
from dothi.core.places.types import MapTally, Preview, Wish
from dothi.kernel.errors import DothiError
from dothi.kernel.events import Event

CANT_BE_TAKEN: Final = 3
"""Exit code of an import that was refused as a whole because of some features; the record is as it was."""
MOST_REMARKS: Final = 40


def import_areas(
    environment: Environment,
    *,
    path: Path,
    layer: str,
    crs: str,
    asked: Mapping[str, object],
    licence: str,
    is_dry_run: bool,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Show what an import of shapes would do, and do it when that is wished. Raises click.ClickException.

    `asked` are the fields of a `Wish`; the day is today and the source the file where it lacks them.
    """
    wish = msgspec.convert({"on": service.today(), "source": path.name, **asked}, Wish)
    told: list[Event] = []
    try:
        found = service.preview(SYSTEM, files.read(path, layer=layer, crs=crs), wish)
        _show(found, as_json=as_json)
        if not found.is_whole:
            click.echo("Nothing was imported: some features can't be taken.", err=True)
            sys.exit(CANT_BE_TAKEN)
        if is_dry_run or not (is_sure or click.confirm("Import this?", err=True)):
            click.echo("Nothing was imported.", err=True)
            return
        dataset_id = service.carry_out(SYSTEM, found, wish, licence=licence, publish=told.append)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    _tell(environment, told)
    click.echo("Nothing is new: all of it was there." if dataset_id is None else "Imported.", err=True)


def _show(found: Preview, *, as_json: bool) -> None:
    new = [each for each in found.taken if not each.is_same]
    measures = service.measure(found)
    if as_json:
        summary = {
            "layer": found.layer,
            "crs": found.crs,
            "taken": len(new),
            "same": len(found.taken) - len(new),
            "left": [area.code for area in found.left],
            "remarks": found.remarks,
            "overlaps": service.overlaps(found),
            "together": measures.together,
            "deviations": measures.deviations,
        }
        click.echo(msgspec.json.encode(summary).decode())
        return
    click.echo(f"Layer {found.layer}, {found.crs}: {len(new)} shapes to take, {len(found.taken) - len(new)} there.")
    for remark in found.remarks[:MOST_REMARKS]:
        click.echo(f"  {remark.number} {remark.name}: {remark.problem} → {remark.remedy or 'CAN NOT BE TAKEN'}")
    if len(found.remarks) > MOST_REMARKS:
        click.echo(f"  … and {len(found.remarks) - MOST_REMARKS} more remarks (--json has them all)")
    for one, other, share in service.overlaps(found):
        click.echo(f"  {one} and {other} lie over each other with {share:.2%} of the smaller: both are taken as told")
    for each in measures.deviations[:MOST_REMARKS]:
        click.echo(
            f"  {each.name} measures {each.measured_km2:.2f} km², {each.stated_km2:.2f} km² are stated"
            f" ({each.share:+.1%}): taken as drawn"
        )
    if (both := measures.together) is not None:
        click.echo(
            f"  Together they measure {both.measured_km2:,.2f} km², and {both.stated_km2:,.2f} km² are stated"
            f" ({both.share:+.3%})"
        )
    if found.left:
        click.echo(f"  Not in the file, and left as they are: {service.names_left(found.left)}")


def import_osm(environment: Environment, *, path: Path, licence: str, as_json: bool) -> None:
    """Take in the roads, rivers and names of an extract, in place of those there. Raises click.ClickException."""
    told: list[Event] = []
    try:
        found = osm.read(path)
        tally = service.keep_base_map(
            SYSTEM,
            found.features,
            name=path.name,
            digest=found.digest,
            licence=licence or osm.LICENCE,
            broken=found.broken,
            publish=told.append,
        )
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    _tell(environment, told)
    _say(tally, as_json=as_json)


def _say(tally: MapTally, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(tally._asdict()).decode())
        return
    click.echo(f"{tally.roads} roads, {tally.rivers} rivers and {tally.places} names of places are in the file.")
    if tally.broken:
        click.echo(f"{tally.broken} ways were left out: their nodes are not in the file.")
    click.echo("The base map is these already." if tally.is_known else "The base map shows these now.")


def _tell(environment: Environment, told: list[Event]) -> None:
    if told and environment.mqtt_out_url:
        tell_city(environment.mqtt_out_url, told, process="places")
