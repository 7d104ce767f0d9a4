"""Expansions put together: paths become nested ones, and those that begin alike become one."""

from collections.abc import Sequence

import msgspec

from dothi.core.observations.query.types import MAX_EXPAND_DEPTH, MAX_EXPANDS, Expand, Options
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings.wording import with_link

_PLAIN = Options()


def nested(path: Sequence[str], options: Options) -> Expand:
    """Give the expansion of a path: `Datastreams/Sensor` is Sensor within Datastreams; the options go with the last."""
    found = Expand(path[-1], with_link(options))
    for name in reversed(path[:-1]):
        found = Expand(name, with_link(Options(expand=(found,))))
    return found


def merge(expands: Sequence[Expand]) -> tuple[Expand, ...]:
    """Make one of those that expand the same, when only one has options of its own. Raises InvalidInput otherwise."""
    found: dict[str, Expand] = {}
    for expand in expands:
        was = found.get(expand.navigation)
        found[expand.navigation] = expand if was is None else _both(was, expand)
    return tuple(found.values())


def _both(first: Expand, second: Expand) -> Expand:
    plain = [_is_plain(expand.options) for expand in (first, second)]
    if not any(plain):
        raise InvalidInput(f"{first.navigation} is expanded twice, with options for each", place="$expand")
    kept = second.options if plain[0] else first.options
    both = merge([*first.options.expand, *second.options.expand])
    return Expand(first.navigation, with_link(msgspec.structs.replace(kept, expand=both, link="")))


def _is_plain(options: Options) -> bool:
    return msgspec.structs.replace(options, expand=(), link="") == _PLAIN


def check_size(expands: Sequence[Expand]) -> None:
    """Bound what one request may expand. Raises InvalidInput."""
    count, level, depth = 0, list(expands), 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > MAX_EXPANDS:
            raise InvalidInput(f"more than {MAX_EXPANDS} expansions", place="$expand")
        if depth > MAX_EXPAND_DEPTH:
            raise InvalidInput(f"expansions nest deeper than {MAX_EXPAND_DEPTH}", place="$expand")
        level = [inner for expand in level for inner in expand.options.expand]
