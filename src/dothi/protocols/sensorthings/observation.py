"""An Observation as the wire has it (OGC 18-088, 8.2.6), decoded once into the record's own form."""

import math
import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from dothi.core.observations.entities.types import Id
from dothi.core.observations.types import NewObservation
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput

MAX_RESULT_BYTES: Final = 1_000_000
"""A result that is no number is kept as JSON up to this size."""
MAX_DEPTH: Final = 64
"""How deep a JSON value of an Observation may nest."""
_EXACT: Final = 2**53
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The escaped character NUL; an even number of backslashes before it are backslashes themselves."""


class Reference(msgspec.Struct, gc=False):
    """A link to a stored entity: `{"@iot.id": 12}`."""

    id: Id = msgspec.field(name="@iot.id")


class ObservationBody(msgspec.Struct):
    """The JSON of one Observation; what is not in the standard is passed over."""

    result: msgspec.Raw = msgspec.Raw()
    phenomenon_time: str | None = msgspec.field(name="phenomenonTime", default=None)
    result_time: str | None = msgspec.field(name="resultTime", default=None)
    valid_time: str | None = msgspec.field(name="validTime", default=None)
    result_quality: msgspec.Raw = msgspec.field(name="resultQuality", default=msgspec.Raw())
    parameters: msgspec.Raw = msgspec.Raw()
    datastream: Reference | None = msgspec.field(name="Datastream", default=None)
    multi_datastream: Reference | None = msgspec.field(name="MultiDatastream", default=None)
    feature: Reference | None = msgspec.field(name="FeatureOfInterest", default=None)


_decoder: Final = msgspec.json.Decoder(ObservationBody)


def decode(payload: bytes, *, datastream_id: int | None = None) -> NewObservation:
    """Read one Observation; `datastream_id` is the Datastream of the topic or path, else the body must name it.

    Raises InvalidInput that names the field.
    """
    try:
        body = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message, _, place = str(error).partition(" - at ")
        raise InvalidInput(f"not the JSON of an Observation: {message}", place=place.strip("`") or "body") from error
    return to_observation(body, datastream_id=datastream_id)


def to_observation(body: ObservationBody, *, datastream_id: int | None = None) -> NewObservation:
    """Turn a decoded body into the record's form. Raises InvalidInput that names the field."""
    begin, end = _time_or_interval(body.phenomenon_time, "phenomenonTime")
    valid_from, valid_to = _time_or_interval(body.valid_time, "validTime")
    number, text = read_result(bytes(body.result))
    return NewObservation(
        datastream_id=_datastream_of(body, datastream_id),
        phenomenon_time=begin or clock.now(),
        phenomenon_end=end,
        result=number,
        result_json=text,
        result_time=None if body.result_time is None else parse_time(body.result_time, "resultTime"),
        feature_id=None if body.feature is None else body.feature.id,
        valid_from=valid_from,
        valid_to=valid_to,
        result_quality=_optional_json(body.result_quality, "resultQuality"),
        parameters=_optional_json(body.parameters, "parameters"),
    )


def _datastream_of(body: ObservationBody, given: int | None) -> int:
    reference = body.datastream or body.multi_datastream
    named = None if reference is None else reference.id
    if given is not None and named not in (None, given):
        raise InvalidInput(f"the body names Datastream {named}, the address {given}", place="Datastream")
    found = given if named is None else named
    if found is None:
        raise InvalidInput("the Observation names no Datastream", place="Datastream")
    return found


def read_result(raw: bytes) -> tuple[float | None, str | None]:
    """Give a result as (number, None), or (None, JSON text) for any other value. Raises InvalidInput.

    An integer too large for a double to hold exactly is kept as JSON, so that no digit is lost.
    """
    if not raw:
        raise InvalidInput("the Observation has no result", place="result")
    if raw[:1] not in b"-0123456789":
        return None, check_json(raw, "result")
    number = float(raw)
    if not math.isfinite(number):
        raise InvalidInput("the result is too large for a number", place="result")
    if abs(number) >= _EXACT and raw.lstrip(b"-").isdigit():
        return None, raw.decode()
    return number, None


def check_json(raw: bytes, place: str) -> str:
    """Give a JSON value as text. Raises InvalidInput for one too large or too deep, or that jsonb can't hold.

    What the database would refuse is refused here, before anything that comes with it is stored.
    """
    if len(raw) > MAX_RESULT_BYTES:
        raise InvalidInput(f"{place} is larger than {MAX_RESULT_BYTES} bytes", place=place)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise InvalidInput(f"{place} nests deeper than {MAX_DEPTH}", place=place)
    try:
        msgspec.json.decode(raw)
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{place} is not UTF-8", place=place) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInput(f"{place} can't be read: {error}", place=place) from error
    if "\\u0000" in text and _NUL.search(text):
        raise InvalidInput(f"{place} holds the character NUL", place=place)
    return text


def _depth(raw: bytes) -> int:
    """Tell how deep a JSON text nests, without recursion."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in raw:
        if in_string:
            in_string, escaped = escaped or byte != 0x22, not escaped and byte == 0x5C
        elif byte == 0x22:
            in_string, escaped = True, False
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _optional_json(raw: msgspec.Raw, place: str) -> str | None:
    return check_json(bytes(raw), place) if bytes(raw) not in (b"", b"null") else None


def _time_or_interval(text: str | None, place: str) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    first, slash, second = text.partition("/")
    begin = parse_time(first, place)
    if not slash:
        return begin, None
    end = parse_time(second, place)
    if end < begin:
        raise InvalidInput(f"{place} ends before it begins", place=place)
    return begin, end


def parse_time(text: str, place: str) -> datetime:
    """Read an ISO 8601 time with its zone, as UTC. Raises InvalidInput that names the place."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{place} {text[:40]!r} is not an ISO 8601 time", place=place) from error
    if moment.tzinfo is None:
        raise InvalidInput(f"{place} {text[:40]!r} has no time zone", place=place)
    try:
        return moment.astimezone(UTC)  # partitions are days of UTC
    except OverflowError as error:
        raise InvalidInput(f"{place} {text[:40]!r} is outside of the years there are", place=place) from error
