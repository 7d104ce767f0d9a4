"""Reads and checks mappings."""

import codecs
import tomllib
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from dothi.core.observations.importing.times import FORMATS, pattern_of
from dothi.core.observations.importing.types import Mapping
from dothi.kernel.errors import InvalidInput


def read_mapping(path: Path) -> Mapping:
    """Read a mapping. Raises InvalidInput that names the file and the key that is wrong."""
    try:
        return parse_mapping(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the mapping {path} can't be read: {error}") from error
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error}", place=error.place) from error


def parse_mapping(text: str) -> Mapping:
    """Read a mapping's text. Raises InvalidInput."""
    try:
        found = msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise InvalidInput(str(error)) from error
    _check_csv(found)
    _check_time(found)
    _check_thing(found)
    _check_streams(found)
    return found


def needed_columns(mapping: Mapping) -> list[str]:
    """Name the columns of the file that a mapping reads, each once."""
    names = [*time_columns(mapping), mapping.thing.column]
    if mapping.long is None:
        names += [stream.column for stream in mapping.datastreams]
    else:
        names += [mapping.long.property, mapping.long.value]
    return list(dict.fromkeys(name for name in names if name))


def time_columns(mapping: Mapping) -> tuple[str, ...]:
    """Name the columns that make up the time."""
    return (mapping.time.column,) if mapping.time.column else mapping.time.columns


def _check_csv(mapping: Mapping) -> None:
    try:
        codecs.lookup(mapping.csv.encoding)
    except (LookupError, ValueError) as error:
        raise InvalidInput(f"[csv] encoding: there is no {mapping.csv.encoding!r}", place="csv.encoding") from error


def _check_time(mapping: Mapping) -> None:
    time = mapping.time
    if bool(time.column) == bool(time.columns):
        raise InvalidInput("[time] needs either column or columns", place="time")
    if time.format not in FORMATS:
        pattern_of(time.format)
    if time.zone:
        try:
            ZoneInfo(time.zone)
        except (OSError, ValueError, ZoneInfoNotFoundError) as error:
            raise InvalidInput(f"[time] zone: there is no zone {time.zone!r}", place="time.zone") from error
    elif not time.format.startswith("epoch") and time.format != "iso" and "%z" not in time.format:
        raise InvalidInput("[time] needs a zone, as its format has none", place="time.zone")


def _check_thing(mapping: Mapping) -> None:
    if bool(mapping.thing.column) == bool(mapping.thing.key):
        raise InvalidInput("[thing] needs either column, or key for a file of one station", place="thing")
    for name, text in (("name", mapping.thing.name), ("description", mapping.thing.description)):
        if not _is_template(text):
            raise InvalidInput(f"[thing] {name}: {{key}} alone may be filled in", place=f"thing.{name}")
    keys = [station.key for station in mapping.things]
    _check_once(keys, "[[things]] key")
    for station in mapping.things:
        if (station.lon is None) != (station.lat is None):
            raise InvalidInput(f"[[things]] {station.key!r} needs lon and lat, or neither", place="things")


def _is_template(text: str) -> bool:
    """Tell whether a text can be filled with a key, and with nothing else of it: no attribute, no width."""
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return False
    return all(name in (None, "key") and not spec and not conversion for _, name, spec, conversion in fields)


def _check_streams(mapping: Mapping) -> None:
    wanted, other = ("column", "code") if mapping.long is None else ("code", "column")
    shape = "wide" if mapping.long is None else "long"
    for stream in mapping.datastreams:
        if not getattr(stream, wanted) or getattr(stream, other):
            message = f"[[datastreams]] of a {shape} file need {wanted}, and no {other}"
            raise InvalidInput(message, place="datastreams")
    _check_once([stream.key for stream in mapping.datastreams], f"[[datastreams]] {wanted}")


def _check_once(words: list[str], what: str) -> None:
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise InvalidInput(f"{what} {twice[0]!r} comes twice", place=what)
