"""The words that names are made of, by which a misspelt one is mended before a million names are asked for it."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, Final, NamedTuple

from django.db import connection

SHORTEST: Final = 3
"""Letters of a word that may be misspelt; numbers never are."""
LONGEST: Final = 30
MOST_TRIED: Final = 4
_WORDS_A_TEXT: Final = 3
_LEARN: Final = (
    "INSERT INTO places_word SELECT DISTINCT word FROM ({texts}) t(folded),"
    " unnest(string_to_array(folded, ' ')) AS word"
    " WHERE word ~ '^[a-z]{{{shortest},{longest}}}$' ON CONFLICT DO NOTHING"
)
# A brace comes after all letters, so that the index of beginnings finds those of each word.
_LOOK_UP: Final = (
    "SELECT EXISTS (SELECT FROM places_word WHERE word = asked),"
    " EXISTS (SELECT FROM places_word WHERE word ~>=~ asked AND word ~<~ (asked || '{'))"
    " FROM unnest(%(words)s::text[]) WITH ORDINALITY AS t(asked, place) ORDER BY place"
)
_NEAR: Final = (
    "SELECT word FROM (SELECT word, levenshtein_less_equal(word, %(word)s, 2) AS away FROM places_word"
    " WHERE word LIKE %(first)s AND length(word) BETWEEN %(least)s AND %(most)s) w"
    " WHERE away <= 2 ORDER BY away, word LIMIT 50"
)


def learn(texts: str, values: Sequence[Any]) -> None:
    """Know the words of folded texts, which a statement of a package's own store gives."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN.format(texts=texts, shortest=SHORTEST, longest=LONGEST), values)


class Words(NamedTuple):
    """The words of a folded text, and of each whether a name has it (True too for what is not kept), or begins so."""

    words: tuple[str, ...]
    is_one: tuple[bool, ...]
    is_beginning: tuple[bool, ...]

    @property
    def may_be_a_name(self) -> bool:
        """Whether a name may hold the words, the last of which may be only begun."""
        return all(self.is_one[:-1]) and self.is_beginning[-1]


def look_up(folded: str) -> Words:
    """Look the words of a text up among those of all names, by one statement. It has at least one."""
    given = folded.split()
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, {"words": given})
        told = cursor.fetchall()
    is_kept = [_is_kept(word) for word in given]
    return Words(
        tuple(given),
        tuple(found or not kept for (found, _), kept in zip(told, is_kept, strict=True)),
        tuple(found or not kept for (_, found), kept in zip(told, is_kept, strict=True)),
    )


def corrections(known: Words) -> Iterator[str]:
    """Give what may have been meant, the likeliest first; nothing where each word is known, or one is like none."""
    if all(known.is_beginning):
        return
    choices = [[word] if is_known else _meant(word) for word, _, is_known in zip(*known, strict=True)]
    for words in islice(product(*choices), MOST_TRIED):
        yield " ".join(words)


def _is_kept(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def _meant(word: str) -> list[str]:
    """Give the words that one may be a slip of, with the same first letter."""
    size = {"least": len(word) - 1, "most": len(word) + 1}
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"word": word, "first": f"{word[0]}%", **size})
        near = [each for (each,) in cursor.fetchall()]
    return sorted(near, key=lambda each: _slip(word, each))[:_WORDS_A_TEXT]


def _slip(word: str, other: str) -> tuple[int, str]:
    """Tell how likely a slip is: two letters that changed places first, then one too many or too few, then others."""
    if sorted(word) == sorted(other):
        return 0, other
    return (1 if len(word) != len(other) else 2), other
