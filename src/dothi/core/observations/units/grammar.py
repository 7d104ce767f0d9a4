"""Tells whether a text is a code of UCUM, by ucumvert's grammar without the conversions that come with it."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lark import Lark
from lark.exceptions import LarkError

KEPT: Final = 4096
"""So many answers are kept: a city has few units, and to read one costs as much as to store a Thing."""


@lru_cache(KEPT)
def is_code(text: str) -> bool:
    """Tell whether a short text is a UCUM code (case-sensitive)."""
    try:
        _parser().parse(text)
    except LarkError:
        return False
    return True


@cache
def _parser() -> Lark:
    """Give the parser, made when it is first asked for (some 0.1 s).

    Importing ucumvert would load pint as well, which takes ten times as long; so its package is found, not imported.
    """
    spec = find_spec("ucumvert")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("ucumvert is not installed")
    grammar = Path(spec.submodule_search_locations[0], "ucum_grammar.lark").read_text("utf-8")
    return Lark(grammar, start="main_term")
