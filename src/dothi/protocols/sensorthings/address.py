"""Reads addresses: the resource path and the query options."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from dothi.core.observations.query.types import Form, Options, Query, Step
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.protocols.sensorthings import syntax
from dothi.protocols.sensorthings.expansions import check_size
from dothi.protocols.sensorthings.formats import ResultFormat
from dothi.protocols.sensorthings.versions import as_first, is_first
from dothi.protocols.sensorthings.wording import with_link

MAX_STEPS: Final = 16
MAX_QUERY_LENGTH: Final = 16_000
"""The longest query part of an address, in characters."""
_REMEMBERED: Final = 512
"""How many queries are remembered as read."""
_REMEMBERED_LENGTH: Final = 1_000
"""The longest of them, in characters."""
_RESUMING: Final = "$skiptoken"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SEGMENT: Final = re.compile(r"([^()]+)(?:\((-?[0-9]{1,19})\))?")
_FORMS: Final = {"$ref": Form.REFERENCES, "$count": Form.COUNT, "$value": Form.VALUE}
_token: Final = msgspec.json.Decoder(tuple[str | None, ...])


def parse_query(path: str, query: str, *, base: str) -> Query:
    """Read what an address below the service's root asks for; `base`, the root, says by which version it is meant.

    Raises NotFound for a path that can't be one, InvalidInput that names the option at fault.
    """
    steps, form = parse_path(path)
    options, result_format = parse_options(query)
    if result_format is not None and form is not Form.ENTITIES:
        raise InvalidInput("a result format goes with entities alone", place="$resultFormat")
    if result_format is ResultFormat.ROWS:
        form = Form.ROWS
    elif result_format is not None:
        link = "&".join(filter(None, [f"$resultFormat={result_format}", options.link]))
        options = msgspec.structs.replace(options, link=link)
    if is_first(base):
        options = as_first(options)
    return Query(steps=steps, base=base, options=options, form=form)


def format_of(query: str) -> ResultFormat | None:
    """Tell which format other than the standard's JSON is asked for. Raises what `parse_options` raises."""
    return parse_options(query)[1] if "resultFormat" in query else None


def parse_path(path: str) -> tuple[tuple[Step, ...], Form]:
    """Read a resource path and the form it asks for. Raises NotFound."""
    parts = path.strip("/").split("/")
    form = _FORMS.get(parts[-1], Form.ENTITIES)
    if form is not Form.ENTITIES:
        parts.pop()
    if not parts or len(parts) > MAX_STEPS:
        raise NotFound("there is nothing at this path")
    return tuple(_step(part) for part in parts), form


def _step(part: str) -> Step:
    found = _SEGMENT.fullmatch(part)
    if found is None:
        raise NotFound(f"there is no {part[:80]}: an entity is Name(id), the id a whole number")
    name, number = found.groups()
    if number is not None and not -(2**63) <= int(number) < 2**63:
        raise NotFound(f"there is no {part[:80]}")
    return Step(name, None if number is None else int(number))


def parse_options(query: str) -> tuple[Options, ResultFormat | None]:
    """Read the query part of an address, and the format it asks for. Raises InvalidInput that names the option."""
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidInput(f"the query is longer than {MAX_QUERY_LENGTH} characters", place="query")
    rest, tokens = _without_tokens(query)
    options, result_format = (_remembered if len(rest) <= _REMEMBERED_LENGTH else _options)(rest)
    if len(tokens) > 1:
        raise InvalidInput(f"{_RESUMING} is given twice", place=_RESUMING)
    if tokens:
        after, until = _after(tokens[0])
        options = msgspec.structs.replace(options, after=after, until=until)
    return options, result_format


def _without_tokens(query: str) -> tuple[str, list[str]]:
    """Take out where a page begins: all else is the same for each page of a list, and read for the first alone."""
    rest, tokens = [], []
    for part in query.split("&"):
        name, _, text = part.partition("=")
        if _decode(name) == _RESUMING:
            tokens.append(_decode(text))
        else:
            rest.append(part)
    return "&".join(rest), tokens


def _options(query: str) -> tuple[Options, ResultFormat | None]:
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, text = (_decode(piece) for piece in part.partition("=")[::2])
        if name in given:
            raise InvalidInput(f"{name[:40]} is given twice", place=name[:40])
        given[name] = text
    asked = given.pop("$resultFormat", None)
    result_format = next((each for each in ResultFormat if each.value.lower() == (asked or "").lower()), None)
    if asked is not None and result_format is None:
        raise InvalidInput(f"the result formats are {', '.join(ResultFormat)}", place="$resultFormat")
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name not in _READERS:
            known = ", ".join([*_READERS, _RESUMING, "$resultFormat"])
            raise InvalidInput(f"there is no option {name[:40]}; known are {known}", place=name[:40])
        field, read = _READERS[name]
        value = read(text)
        found |= value if field == "count" else {field: value}
    options = Options(**found)
    check_size(options.expand)
    return with_link(options), result_format


_remembered: Final = lru_cache(_REMEMBERED)(_options)


def _decode(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidInput("the address is not UTF-8", place="query") from error


_COUNTS: Final = {
    "true": {"count": True},
    "estimated": {"count": True},
    "exact": {"count": True, "exact": True},
    "false": {},
    "none": {},
}


def _count(text: str) -> dict[str, bool]:
    if text not in _COUNTS:
        raise InvalidInput(f"$count is one of {', '.join(_COUNTS)}", place="$count")
    return _COUNTS[text]


def _after(text: str) -> tuple[tuple[str | None, ...], datetime | None]:
    """Read the key of the last row seen, and until when the next page is looked for first."""
    keys, _, until = text.partition("-")
    try:
        found = _token.decode(bytes.fromhex(keys))
        bound = _EPOCH + timedelta(microseconds=int(until)) if until else None
    except (ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise InvalidInput("the token is not one of a next link", place="$skiptoken") from error
    if not found or any("\0" in (part or "") for part in found):
        raise InvalidInput("the token is not one of a next link", place="$skiptoken")
    return found, bound


_READERS: Final[dict[str, tuple[str, Any]]] = {
    "$filter": ("filter", syntax.parse_filter),
    "$orderby": ("order", syntax.parse_order),
    "$select": ("select", syntax.parse_select),
    "$expand": ("expand", syntax.parse_expand),
    "$top": ("top", lambda text: syntax.read_count(text, "$top")),
    "$skip": ("skip", lambda text: syntax.read_count(text, "$skip")),
    "$aggregate": ("width", syntax.read_width),
    "$count": ("count", _count),
}
