"""What is searched for by name, what a package answers, and in which order people read the answers."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import Enum, IntEnum
from typing import Final

import msgspec

from dothi.kernel.text import fold_words

LONGEST: Final = 100
"""Characters of a search that are looked at."""
SIMILAR: Final = 0.51
"""The least share of trigrams that a misspelt name has in common with what was meant (pg_trgm's `similarity`).

At a half, each name of two words would be found by the one of them.
"""


class Fit(IntEnum):
    """How well a name fits what was asked, the best first."""

    SAME = 0
    """Letter by letter."""
    SAME_UNMARKED = 1
    """But for case and diacritics."""
    BEGINNING = 2
    WORD_BEGINNING = 3
    INSIDE = 4
    SIMILAR = 5


class Spelling(Enum):
    """Which names are wanted of a package: misspellings are looked for where nothing of any package is called so."""

    AS_TYPED = "as typed"
    """What is called so, or begins so, or holds the words."""
    ALIKE = "alike"
    """What is spelt nearly so, where it is known that nothing is called so."""
    EITHER = "either"
    """The former, or the latter where there is none."""


class Asked(msgspec.Struct, frozen=True):
    """A search: what was typed, the same folded, the day it is about, and how many answers are wanted at most."""

    text: str
    on: date | None = None
    limit: int = 20
    spelling: Spelling = Spelling.EITHER

    @property
    def folded(self) -> str:
        """What was typed without case, diacritics and punctuation; "" where nothing can be searched for."""
        return fold_words(self.text)


class Hit(msgspec.Struct, frozen=True):
    """One answer, in the reader's language: what it is called, where it is, and the page that tells more.

    `code` is a name for machines (an area's code, a parcel's number) that fits as the name does. `is_past` is what is
    no more on the day that is asked for: of equals it comes last. `lon` and `lat` are degrees of WGS 84.
    """

    name: str
    address: str
    where: str = ""
    note: str = ""
    other_names: tuple[str, ...] = ()
    code: str = ""
    is_past: bool = False
    lon: float | None = None
    lat: float | None = None
    members: tuple["Hit", ...] = ()
    """The first answers that this one stands for, such as lamps of a street; it fits as well as the best of them."""
    more: int = 0
    """How many it stands for besides; its page shows them."""


Find = Callable[..., Sequence[Hit]]
"""(actor, asked) → what the actor may see of it; more than `asked.limit` are passed over."""


def asked_for(text: str, *, on: date | None = None, limit: int = 20) -> Asked:
    """Take what was typed, as far as it is looked at."""
    return Asked(" ".join(text.split())[:LONGEST], on, limit)


def fit(asked: str, name: str) -> Fit:
    """Say how well a name fits; what shares no more than letters is taken for misspelt."""
    wanted, found = fold_words(asked), fold_words(name)
    if not wanted or wanted not in found:
        return Fit.SIMILAR
    if unicodedata.normalize("NFC", asked.strip().casefold()) == unicodedata.normalize("NFC", name.casefold()):
        return Fit.SAME
    if wanted == found:
        return Fit.SAME_UNMARKED
    if found.startswith(wanted):
        return Fit.BEGINNING
    return Fit.WORD_BEGINNING if f" {wanted}" in found else Fit.INSIDE


def likeness(one: str, other: str) -> float:
    """Give the share of trigrams that two folded texts have in common, as PostgreSQL's pg_trgm counts it, 0 to 1."""
    mine, theirs = _trigrams(one), _trigrams(other)
    both = len(mine | theirs)
    return len(mine & theirs) / both if both else 0.0


def _trigrams(text: str) -> set[str]:
    words = (f"  {word} " for word in text.split())
    return {word[at : at + 3] for word in words for at in range(len(word) - 2)}


def rank(asked: Asked, hit: Hit) -> tuple[Fit, bool, float, str]:
    """Give what a hit is ordered by: how it fits, what is of today first, likeness, then its name."""
    members = (name for member in hit.members for name in (member.name, member.code))
    names = [each for each in (hit.name, *hit.other_names, hit.code, *members) if each]
    best = min(fit(asked.text, name) for name in names)
    like = max(likeness(asked.folded, fold_words(name)) for name in names)
    return best, hit.is_past, -like, fold_words(hit.name)


def in_order(asked: Asked, hits: Iterable[Hit]) -> list[Hit]:
    """Put hits in the order in which people read them, no more than are wanted."""
    return sorted(hits, key=lambda hit: rank(asked, hit))[: asked.limit]
