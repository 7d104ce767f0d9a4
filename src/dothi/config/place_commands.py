"""The commands of places; what they do stands in the module they name, imported once Django is set up."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from dothi.config.process import call

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
LEVELS: Final = {"province": 1, "district": 2, "commune": 3}
ROLES: Final = (
    "parcels",
    "zoning",
    "buildings",
    "roads",
    "water",
    "utilities",
    "land_cover",
    "facilities",
    "boundaries",
    "other",
)
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
@click.option("--parent-field", default="", help="The field that holds the unit above, to tell equal names apart.")
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
    """Give units their real shapes from a GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet, KML or CSV file.

    Features are matched by code, else by name without regard to marks. What is wrong, and how it is mended, is shown
    first; then all of it is imported, or nothing. The same file again changes nothing. Where some features can't be
    taken, the exit code is 3.
    """
    asked = {name: options.pop(name) for name in ("code_field", "name_field", "parent_field", "legal_basis", "unknown")}
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


@places.command("import-layer")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--layer", "slug", required=True, help="The layer's name in addresses, such as parcels.")
@click.option("--name-vi", default="", help="Make the layer if it is not there; its name in Vietnamese.")
@click.option("--name-en", default="", help="Its name in English.")
@click.option("--role", type=click.Choice(ROLES), default="other", show_default=True, help="What a new layer is for.")
@click.option("--visibility", type=click.Choice(["public", "internal", "restricted"]), default="internal",
              show_default=True, help="Who sees a new layer.")  # fmt: skip
@click.option("--owner", default="", help="The code of the department that owns a new layer.")
@click.option("--sublayer", default="", help="The layer of the file, where it has several.")
@click.option("--crs", default="", help="The reference system, such as EPSG:9210, where the file says none.")
@click.option("--encoding", type=click.Choice(["", "utf-8", "windows-1258", "tcvn3"]), default="",
              help="How texts are written; found out if not given.")  # fmt: skip
@click.option("--key-field", default="", help="The column that tells features apart; - for none.")
@click.option("--label-field", default="", help="The column that people know features by.")
@click.option("--x-field", default="", help="The column of x or longitude of a table.")
@click.option("--y-field", default="", help="The column of y or latitude of a table.")
@click.option("--wkt-field", default="", help="The column of shapes as WKT of a table.")
@click.option("--source", default="", help="What the source is called; the file's name if not given.")
@click.option("--licence", default="", help=LICENCE)
@click.option("--accuracy", "accuracy_m", type=click.FloatRange(min=0), help="How exact places are, in metres.")
@click.option("--note", default="", help="What is to be known of this revision.")
@click.option("--leave-out", is_flag=True, help="Leave out features that can't be taken, instead of taking nothing.")
@click.option("--publish", "is_shown", is_flag=True, help="Show it to all at once, instead of leaving a draft.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would come of it; change nothing.")
@click.option("--yes", "is_sure", is_flag=True, help="Import without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def import_layer(path: Path, slug: str, *, leave_out: bool, **options: Any) -> None:
    """Take a file into a layer: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet, KML, CSV or OSM.

    What is wrong, and how it is mended, is shown first; then all of it becomes a draft, or nothing. Where some features
    can't be taken, the exit code is 3.
    """
    made = {name: options.pop(name) for name in ("name_vi", "name_en", "role", "visibility", "owner")}
    rest = {name: options.pop(name) for name in ("is_shown", "is_dry_run", "is_sure", "as_json")}
    asked = {**options, "unfit": "leave_out" if leave_out else "refuse"}
    made["licence"] = options["licence"]
    call("dothi.config.import_layer:import_layer", path=path, slug=slug, asked=asked, made=made, **rest)
