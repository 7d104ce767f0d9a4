"""The commands of places; what they do stands in the module they name, imported once Django is set up."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from dothi.config.process import call

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
LEVELS: Final = {"province": 1, "district": 2, "commune": 3}
LICENCE: Final = "The licence, as it asks to be named."


@click.group()
def places() -> None:
    """Bring in shapes of administrative units, and the base map."""


@places.command("import-areas")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--layer", default="", help="The layer, where the file has several.")
@click.option("--crs", default="", help="The reference system, such as EPSG:9210, where the file says none.")
@click.option("--level", type=click.Choice(list(LEVELS)), default="commune", show_default=True, help="Of what level.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Of units in force on this day; today if not given.")
@click.option("--code-field", default="", help="The field that holds codes; the usual ones are known.")
@click.option("--name-field", default="", help="The field that holds names; the usual ones are known.")
@click.option("--source", default="", help="What the source is called; the file's name if not given.")
@click.option("--licence", default="", help=LICENCE)
@click.option("--legal-basis", default="", help="The act that set the boundaries; what stood there stays if not given.")
@click.option(
    "--unknown",
    type=click.Choice(["refuse", "skip", "add"]),
    default="refuse",
    show_default=True,
    help="What becomes of features that fit no known unit.",
)
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would come of it; change nothing.")
@click.option("--yes", "is_sure", is_flag=True, help="Import without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_areas(*, level: str, on: datetime | None, **options: Any) -> None:
    """Give units their real shapes from a GeoPackage, GeoJSON, Shapefile, FlatGeobuf or KML file.

    Features are matched by code, else by name without regard to marks. What is wrong, and how it is mended, is shown
    first; then all of it is imported, or nothing. The same file again changes nothing. Where some features can't be
    taken, the exit code is 3.
    """
    asked = {name: options.pop(name) for name in ("code_field", "name_field", "legal_basis", "unknown")}
    asked |= {"level": LEVELS[level]} | ({"on": on.date()} if on else {})
    if source := options.pop("source"):
        asked["source"] = source
    call("dothi.config.places:import_areas", asked=asked, **options)


@places.command("import-osm")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--licence", default="", help=f"{LICENCE} OpenStreetMap's own if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_osm(path: Path, licence: str, *, as_json: bool) -> None:
    """Draw the base map's roads, rivers and names from an extract of OpenStreetMap (.pbf), all or nothing."""
    call("dothi.config.places:import_osm", path=path, licence=licence, as_json=as_json)
