"""What the code knows of the city it runs for: names, zone, languages and where it lies."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from dothi.kernel.manifest import Names, Slug

Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]


class CityAreas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which administrative units the city is made of, and where they are read from."""

    source: Literal["vietnamadminunits"]
    """The package that names the units, their official centres and what became of them."""
    province: Annotated[str, msgspec.Meta(min_length=1)]
    """The code of the province that the city was before the reform: its units, and what they became, are the city's."""
    reformed_on: date
    """The day from which the new units are in force."""
    legal_basis: Annotated[str, msgspec.Meta(min_length=1)]
    """The acts that made the new units, as they are cited."""


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One city, as its `city.toml` describes it; places are in WGS 84 degrees."""

    id: Slug
    names: Names
    zone: str
    """The IANA name of the city's time zone."""
    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1)]
    """The languages of the pages; the first is what a visitor gets who chose none."""
    center: tuple[Longitude, Latitude]
    bounds: tuple[Longitude, Latitude, Longitude, Latitude]
    """West, south, east, north."""
    zoom: Annotated[float, msgspec.Meta(ge=0, le=22)]
    """The map's zoom at the start."""
    country: Country | None = None
    """ISO 3166-1 alpha-2 ("VN"): whose public holidays the city keeps; None for none."""
    within: Names | None = None
    """What the city belongs to (a province, a larger city), if that is to be shown."""
    base_map: Path = Path("base.geojson")
    """The schematic base map: GeoJSON beside `city.toml`; absolute once loaded."""

    areas: CityAreas | None = None
    """Its administrative units; without them the map has no boundaries until some are imported."""

    def __post_init__(self) -> None:
        west, south, east, north = self.bounds
        if not (west < east and south < north):
            raise ValueError("bounds must be west, south, east, north")
        if not (west <= self.center[0] <= east and south <= self.center[1] <= north):
            raise ValueError("center must lie within bounds")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {self.zone!r}") from error
