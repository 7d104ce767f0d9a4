"""The words that names are made of, by which a misspelt one is mended before a million names are asked for it."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, Final

from django.db import connection

SHORTEST: Final = 3
"""Letters of a word that may be misspelt; numbers never are."""
MOST_TRIED: Final = 4
_WORDS_A_TEXT: Final = 3
_LEARN: Final = (
    "INSERT INTO places_word SELECT DISTINCT word FROM ({texts}) t(folded),"
    " unnest(string_to_array(folded, ' ')) AS word WHERE word ~ '^[a-z]{{3,30}}$' ON CONFLICT DO NOTHING"
)
_KNOWN: Final = "SELECT EXISTS (SELECT FROM places_word WHERE word LIKE %s)"
_NEAR: Final = (
    "SELECT word FROM (SELECT word, levenshtein_less_equal(word, %(word)s, 2) AS away FROM places_word"
    " WHERE word LIKE %(first)s AND length(word) BETWEEN %(least)s AND %(most)s) w"
    " WHERE away <= 2 ORDER BY away, word LIMIT 50"
)


def learn(texts: str, values: Sequence[Any]) -> None:
    """Know the words of folded texts, which a statement of a package's own store gives."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN.format(texts=texts), values)


def corrections(folded: str) -> Iterator[str]:
    """Give what may have been meant, the likeliest first; nothing where each word is known, or one is like none."""
    choices = [_meant(word) for word in folded.split()]
    if all(len(each) == 1 for each in choices) and [each[0] for each in choices] == folded.split():
        return
    for words in islice(product(*choices), MOST_TRIED):
        yield " ".join(words)


def _meant(word: str) -> list[str]:
    """Give a word itself where one begins so, else the words it may be a slip of, with the same first letter."""
    if len(word) < SHORTEST or not word.isalpha():
        return [word]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [f"{word}%"])
        [(is_known,)] = cursor.fetchall()
        if is_known:
            return [word]
        size = {"least": len(word) - 1, "most": len(word) + 1}
        cursor.execute(_NEAR, {"word": word, "first": f"{word[0]}%", **size})
        near = [each for (each,) in cursor.fetchall()]
    return sorted(near, key=lambda each: _slip(word, each))[:_WORDS_A_TEXT]


def _slip(word: str, other: str) -> tuple[int, str]:
    """Tell how likely a slip is: two letters that changed places first, then one too many or too few, then others."""
    if sorted(word) == sorted(other):
        return 0, other
    return (1 if len(word) != len(other) else 2), other
