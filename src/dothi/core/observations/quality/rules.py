"""Which quality configurations make sense; what they say is checked before anything is stored."""

from typing import Final

import msgspec

from dothi.core.observations.quality.types import Configuration, FlatLine, GrossRange, RateOfChange, Span, Spike
from dothi.kernel.errors import InvalidInput

WORD: Final = "qartod"
"""Under which word of its properties a Datastream or an ObservedProperty carries its configuration."""


class _Properties(msgspec.Struct):
    qartod: msgspec.Raw = msgspec.Raw()


def check_properties(properties: str | bytes | None, *, place: str = "properties") -> Configuration | None:
    """Read the configuration in the properties (JSON) of a Datastream or an ObservedProperty.

    Gives None where there is none; `null` and `{}` say that no test is wanted. Raises InvalidInput that says where.
    """
    if not properties:
        return None
    try:
        found = msgspec.json.decode(properties, type=_Properties | None)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInput(f"properties can't be read: {error}", place=place) from error
    raw = b"" if found is None else bytes(found.qartod)
    return check(raw, place=f"{place}/{WORD}") if raw else None


def check(configuration: bytes, *, place: str = WORD) -> Configuration | None:
    """Read a configuration (JSON), None where it asks for no test. Raises InvalidInput that names the place."""
    try:
        found = msgspec.json.decode(configuration, type=Configuration | None)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        message, _, where = str(error).partition(" - at `$")
        inner = where.rstrip("`").replace(".", "/")
        raise InvalidInput(f"not a quality configuration: {message}", place=place + inner) from error
    if found is None or found == Configuration():
        return None
    for name in Configuration.__struct_fields__:
        fault = _fault(getattr(found, name))
        if fault is not None:
            raise InvalidInput(fault, place=f"{place}/{name}")
    return found


def _fault(test: GrossRange | RateOfChange | FlatLine | Spike | None) -> str | None:
    """Say what is wrong with the figures of a test, None where they make sense together."""
    match test:
        case GrossRange(fail_span=outer, suspect_span=inner):
            return _fault_of_spans(outer, inner)
        case RateOfChange(threshold=suspect, fail_threshold=fail):
            return _fault_of_thresholds(suspect, fail)
        case FlatLine(suspect_threshold=suspect, fail_threshold=fail):
            return _fault_of_thresholds(suspect, fail)
        case Spike(suspect_threshold=None, fail_threshold=None):
            return "a spike test needs suspect_threshold, fail_threshold or both"
        case Spike(suspect_threshold=suspect, fail_threshold=fail):
            return _fault_of_thresholds(suspect, fail)
    return None


def _fault_of_spans(outer: Span, inner: Span | None) -> str | None:
    if any(span[0] >= span[1] for span in (outer, inner) if span is not None):
        return "a span goes from its lower end to its higher one"
    if inner is not None and not outer[0] <= inner[0] < inner[1] <= outer[1]:
        return "suspect_span must lie within fail_span"
    return None


def _fault_of_thresholds(suspect: float | None, fail: float | None) -> str | None:
    if suspect is not None and fail is not None and fail < suspect:
        return "fail_threshold must not be smaller than the threshold of what is suspect"
    return None
