"""Lists in other forms than the standard's JSON: CSV (RFC 4180) and GeoJSON (RFC 7946)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

NEXT: Final = "@iot.nextLink"
_PLACES: Final = ("location", "feature", "observedArea")
"""The properties that are a place of their own."""
_WAYS: Final = ("Locations", "FeatureOfInterest", "Location", "Thing", "Datastream", "MultiDatastream")
"""The expansions in which the place of an entity without one of its own is looked for, the nearest first."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ResultFormat(StrEnum):
    """How a list comes."""

    ROWS = "dataArray"
    CSV = "CSV"
    GEOJSON = "GeoJSON"


MEDIA_TYPES: Final = {
    ResultFormat.CSV: "text/csv; charset=utf-8; header=present",
    ResultFormat.GEOJSON: "application/geo+json",
}


def entities_of(answer: bytes) -> tuple[list[dict[str, Any]], str | None]:
    """Give the entities of an answer, a list's or the one, and the address of the next page."""
    found = msgspec.json.decode(answer)
    if isinstance(found.get("value"), list):
        return found["value"], found.get(NEXT)
    return [found], None


def to_csv(entities: Sequence[Mapping[str, Any]]) -> bytes:
    """Write entities as a table: a column for each property, `Datastream/name` for what is expanded.

    What there may be many of is one column of JSON. A text that a spreadsheet would take for a formula has an
    apostrophe before it.
    """
    rows = [dict(_flat(entity)) for entity in entities]
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(names)
    table.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return written.getvalue().encode()


def _flat(entity: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in entity.items():
        if name.endswith(("@iot.navigationLink", NEXT, "@iot.count", "@iot.selfLink")):
            continue
        key = prefix + ("id" if name == "@iot.id" else name)
        if isinstance(value, dict) and name not in _PLACES:
            yield from _flat(value, f"{key}/")
        else:
            yield key, value


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool | dict | list):
        return msgspec.json.encode(value).decode()
    return value


def to_geojson(entities: Sequence[Mapping[str, Any]]) -> bytes:
    """Write entities as features: each with its place, or that of what it expands, else with none."""
    features = [
        {
            "type": "Feature",
            "id": entity.get("@iot.id"),
            "geometry": _place_of(entity),
            "properties": dict(_flat({name: value for name, value in entity.items() if name not in _PLACES})),
        }
        for entity in entities
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _place_of(entity: Mapping[str, Any]) -> object:
    for name in _PLACES:
        place = entity.get(name)
        if isinstance(place, dict) and "type" in place:
            return place.get("geometry") if place["type"] == "Feature" else place
    for name in _WAYS:
        inner = entity.get(name)
        for part in inner if isinstance(inner, list) else [inner]:
            found = _place_of(part) if isinstance(part, dict) else None
            if found is not None:
                return found
    return None
