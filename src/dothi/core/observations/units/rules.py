"""Reads what people give as a unit of measurement as a code of UCUM (ucum.org), where it can be read."""

import re
from collections.abc import Mapping
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

from dothi.core.observations.units.grammar import is_code
from dothi.core.observations.units.words import AMBIGUOUS, BASES, EXACT, FOLDED, PHRASES, PREFIXES, QUDT

LONGEST: Final = 80
"""No unit has a longer symbol or name; a longer one is not looked at."""
UNITY: Final = "1"
"""UCUM's code for what has no unit."""

_SIGNS: Final = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "²": "2",
        "³": "3",
        "⁴": "4",
        "¹": "1",
        "⁻": "-",
        "−": "-",
        "·": ".",
        "⋅": ".",
        "×": ".",
        "*": ".",
        "∕": "/",
        "º": "°",
        "˚": "°",
        "\u03a9": "Ohm",  # the Greek letter
        "\u2126": "Ohm",  # the sign of its own
        "％": "%",
        "℃": "°C",
        "℉": "°F",
    }
)
_EXPONENT: Final = re.compile(r"(?<=[^\W\d])\^(?=[+-]?\d)")
_COUNTED: Final = re.compile(r"^(\d+)(?=[^\W\d_])")
_UCUM: Final = re.compile(r"(?:ucum:|.*/ucum/(?:[\d.]+/)?|urn:ogc:def:uom:ucum:[\d.]*:)(?P<code>[^/].*)", re.IGNORECASE)
_QUDT: Final = re.compile(r"(?:.*qudt\.org.*[/#]|unit:|qudt-unit:)(?P<name>[\w-]+)/?", re.IGNORECASE)
_QUDT_ATOM: Final = re.compile(
    r"(?P<prefix>Tera|Giga|Mega|Kilo|Hecto|Deci|Centi|Milli|Micro|Nano)?(?P<atom>[A-Z_]+)(?P<power>\d?)"
)
_CAPITALS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PER: Final = re.compile(r"\s*(?:\bper\b|\btrên\b|\bmỗi\b|/)\s*")
_POWERS: Final = {"square": "2", "cubic": "3", "vuông": "2", "khối": "3"}


def read(unit: Mapping[str, object]) -> str | None:
    """Give the UCUM code of a unitOfMeasurement (OGC 18-088, 8.2.4), None where it can't be read.

    The definition counts most, then the symbol, then the name. What has none of them has no unit: "1".
    """
    given = [unit.get(part) for part in ("definition", "symbol", "name")]
    definition, symbol, name = (normalize("NFC", part).strip() if isinstance(part, str) else "" for part in given)
    if not (definition or symbol or name):
        return UNITY
    return _of_definition(definition) or _of_symbol(symbol) or _of_name(name)


def _of_definition(definition: str) -> str | None:
    """Read a UCUM or QUDT address."""
    if len(definition) > 4 * LONGEST:
        return None
    definition = unquote(definition)
    ucum = _UCUM.fullmatch(definition)
    if ucum is not None:
        return _code(ucum["code"])
    qudt = _QUDT.fullmatch(definition)
    return None if qudt is None else _of_qudt(qudt["name"]) or _of_name(_CAPITALS.sub(" ", qudt["name"]))


def _of_qudt(name: str) -> str | None:
    """Read a name of QUDT's vocabulary: KiloW-HR, M3-PER-SEC."""
    sides = []
    for side in f"-{name}".split("-PER-"):
        parts = [_QUDT_ATOM.fullmatch(part) for part in side.split("-") if part]
        codes = [_of_qudt_atom(part) if part else None for part in parts]
        sides.append(None if None in codes else [code for code in codes if code])
    numerator, *denominators = sides
    if numerator is None or None in denominators:
        return None
    below = "".join(f"/{code}" for side in denominators for code in side or ())
    return _code(".".join(numerator) + below)


def _of_qudt_atom(part: re.Match[str]) -> str | None:
    atom = QUDT.get(part["atom"])
    prefix = PREFIXES[part["prefix"].lower()] if part["prefix"] else ""
    return None if atom is None else f"{prefix}{atom}{part['power']}"


def _of_symbol(symbol: str) -> str | None:
    """Read a symbol as it stands on paper."""
    if not symbol or len(symbol) > LONGEST or symbol in AMBIGUOUS:
        return None
    text = _EXPONENT.sub("", symbol.translate(_SIGNS))
    text = re.sub(r"\s*([./])\s*", r"\1", text)
    whole = _atom(text.replace(" ", ""))
    if whole is not None:
        return _code(whole)
    parts = re.split(r"([./])", text.replace(" ", "."))
    codes = []
    for place, part in enumerate(parts):
        code = _atom(part) or _COUNTED.sub(r"\1.", part)
        codes.append(f"({code})" if place and parts[place - 1] == "/" and re.search("[./]", code) else code)
    return _code("".join(codes))


def _atom(text: str) -> str | None:
    return EXACT.get(text) or FOLDED.get(text.lower())


def _of_name(name: str) -> str | None:
    """Read a name in English or Vietnamese."""
    name = re.sub(r"[\s_]+", " ", name).strip().lower()
    if not name or len(name) > LONGEST:
        return None
    if name in PHRASES:
        return PHRASES[name]
    sides = [_of_words(side) for side in _PER.split(name)]
    return None if None in sides else _code("/".join(side for side in sides if side))


def _of_words(words: str) -> str | None:
    """Read one side of a phrase: "cubic metres", "mét khối", "kilowatt-hours"."""
    power = ""
    kept = []
    for word in words.replace("-hour", " hour").split():
        if word in _POWERS:
            power = _POWERS[word]
        else:
            kept.append(word)
    whole = _of_word(" ".join(kept))
    codes = [whole] if whole else [_of_word(word) for word in kept]
    if not codes or None in codes:
        return None
    return ".".join(code for code in codes if code) + power


def _of_word(word: str) -> str | None:
    for form in (word, word.removesuffix("s")):
        if form in BASES:
            return BASES[form]
        for prefix, sign in PREFIXES.items():
            if form.startswith(prefix) and form.removeprefix(prefix) in BASES:
                return sign + BASES[form.removeprefix(prefix)]
    return None


def _code(text: str) -> str | None:
    return text if len(text) <= LONGEST and is_code(text) else None
