"""What a new entity must have, and what JSON it may hold."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw

from dothi.kernel.errors import InvalidInput

T = TypeVar("T")


def required(value: T | None, place: str, name: str) -> T:
    """Give a part that must be there. Raises InvalidInput that names it."""
    if value is None:
        raise InvalidInput(f"{name} is missing", place=_at(place, name))
    return value


def json_value(raw: Raw, place: str, name: str) -> str:
    """Give any JSON value but null, as text. Raises InvalidInput."""
    data = bytes(raw).strip()
    if data in (b"", b"null"):
        raise InvalidInput(f"{name} is missing", place=_at(place, name))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not UTF-8", place=_at(place, name)) from error


def json_object(raw: Raw, place: str, name: str) -> str | None:
    """Give a JSON object as text, None for null or none. Raises InvalidInput for anything else."""
    if bytes(raw).strip() in (b"", b"null"):
        return None
    text = json_value(raw, place, name)
    if not text.startswith("{"):
        raise InvalidInput(f"{name} must be a JSON object", place=_at(place, name))
    return text


class _Publicity(msgspec.Struct):
    """The one property of a Thing that the record itself goes by."""

    public: bool = False


def is_public(properties: str | None, place: str) -> bool:
    """Tell whether a Thing's properties, as JSON, make it public; it is not unless they say so. Raises InvalidInput."""
    try:
        return msgspec.json.decode(properties or "{}", type=_Publicity).public
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInput("public must be true or false", place=_at(place, "properties/public")) from error


def json_array(raws: Sequence[Raw], place: str, name: str) -> str:
    """Give JSON objects as a JSON array in text. Raises InvalidInput for anything else among them."""
    texts = [json_object(raw, place, f"{name}[{number}]") for number, raw in enumerate(raws)]
    return msgspec.json.encode([Raw((text or "{}").encode()) for text in texts]).decode()


def check_coordinates(geojson: str, place: str) -> None:
    """See that all coordinates of a GeoJSON object are numbers: PostGIS takes anything else for 0. Raises InvalidInput.

    What else may be wrong with it PostGIS finds itself.
    """
    try:
        waiting = [msgspec.json.decode(geojson)]
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInput(f"not GeoJSON: {error}", place=place) from error
    coordinates: list[object] = []
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            coordinates += [part["coordinates"]] if "coordinates" in part else []
            waiting += [part.get("geometry"), part.get("geometries")]
        elif isinstance(part, list):
            waiting += part
    while coordinates:
        found = coordinates.pop()
        if isinstance(found, list):
            coordinates += found
        elif isinstance(found, bool) or not isinstance(found, int | float):
            raise InvalidInput("coordinates are numbers", place=place)


def _at(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name
