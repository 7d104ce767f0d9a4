"""Finding rows by name: what begins so, then what holds it, then what is spelt nearly so, each by an index."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from dothi.kernel.search import SIMILAR, Spelling

MOST_LOOKED_AT: Final = 200
"""How many rows of each step are looked at; a name that so many hold is too short to be told apart."""
SAMPLED: Final = 10_000
"""How many rows of a large table are looked through for words that very many names hold: some 3 ms."""
# The order is that of the index over beginnings, whatever the database's own is.
_BEGINNING: Final = (
    "SELECT {key}, 0 FROM {table} WHERE {folded} LIKE %s AND {where} ORDER BY {folded} USING ~<~ LIMIT {most}"
)
_HOLDING: Final = "SELECT {key}, 1 FROM {table} WHERE {folded} LIKE ALL (%s) AND {where} LIMIT {most}"
_SAMPLE: Final = (
    "SELECT {key}, 1, ' ' || {folded} || ' ' LIKE %s FROM (SELECT * FROM {table} WHERE {part} LIMIT {sampled}) s"
    " WHERE ' ' || {folded} || ' ' LIKE ALL (%s) AND {where} LIMIT {most}"
)
_OF_WORDS: Final = "SELECT {key}, 1 FROM {table} WHERE {words} @@ %s::tsquery AND {where} LIMIT {most}"
_NEARLY: Final = (
    "SELECT {key}, 2 FROM {table} WHERE {folded} %% %s AND {where} ORDER BY similarity({folded}, %s) DESC LIMIT {most}"
)
_LEAST_LIKENESS: Final = "SELECT set_config('pg_trgm.similarity_threshold', %s, false)"


class Named(NamedTuple):
    """Where names stand: SQL of a package's own store, never of whoever asks.

    `folded` is an expression under a trigram index, of the language of `kernel.text.fold_words`; `where` may hold
    places for values. `words` is one for whole words, a tsvector under an index, for tables of very many names; `part`
    tells which partitions of such a table are looked at.
    """

    table: str
    folded: str
    key: str = "id"
    where: str = "true"
    words: str = ""
    part: str = "true"


def find_ids(
    named: Named, asked: str, values: Sequence[Any] = (), *, spelling: Spelling = Spelling.EITHER
) -> list[Any]:
    """Give the keys of rows whose name fits what is asked, folded as they are; the best steps first, each once.

    Up to four statements. For tables of some thousands of names: what all of a million have in common makes the last
    step slow.
    """
    found = [] if spelling is Spelling.ALIKE else find_spelt_so(named, asked, values)
    return found or ([] if spelling is Spelling.AS_TYPED else find_alike(named, asked, values))


def find_alike(named: Named, asked: str, values: Sequence[Any] = ()) -> list[Any]:
    """Give the keys of rows whose name is spelt nearly so, the likest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAST_LIKENESS, [str(SIMILAR)])
        cursor.execute(_NEARLY.format(**named._asdict(), most=MOST_LOOKED_AT), [asked, *values, asked])
        return _each_once(cursor.fetchall())


def find_spelt_so(named: Named, asked: str, values: Sequence[Any] = (), *, most: int = MOST_LOOKED_AT) -> list[Any]:
    """Give the keys of rows whose name begins so, then of those that hold all words of it, each once.

    Where more names begin so than are looked at, none is asked for its words: a beginning that so many have is a word
    of so many that to gather them takes long.
    """
    told = {**named._asdict(), "most": most, "sampled": SAMPLED}
    with connection.cursor() as cursor:
        cursor.execute(_BEGINNING.format(**told), [f"{asked}%", *values])
        rows = cursor.fetchall()
    if len(rows) < most:
        rows += (_find_by_index if named.words else _find_holding)(told, asked.split(), values)
    return _each_once(rows)


def _find_holding(told: dict[str, Any], words: list[str], values: Sequence[Any]) -> list[tuple[Any, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING.format(**told), [[f"%{word}%" for word in words], *values])
        return list(cursor.fetchall())


def _find_by_index(told: dict[str, Any], words: list[str], values: Sequence[Any]) -> list[tuple[Any, int]]:
    """Find names that hold all words, the last of which may be a beginning.

    An index over words gathers all rows that hold them before it gives the first: 40 ms of processor time for a
    beginning that a tenth of a million names have. Of such words a small part of the table has enough, so that is
    looked through first; what holds the last word whole comes before what only begins so, and costs half.
    """
    *before, last = words
    begun = [*(f"% {word} %" for word in before), f"% {last}%"]
    whole, begins = " & ".join(words), " & ".join([*before, f"{last}:*"])
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE.format(**told), [f"% {last} %", begun, *values])
        sampled = cursor.fetchall()
        some = [(key, step) for key, step, _ in sorted(sampled, key=lambda row: not row[2])]
        has_enough, has_whole = len(sampled) >= told["most"], any(is_whole for _, _, is_whole in sampled)
        if has_enough and has_whole:
            return some
        if has_enough or has_whole:  # few hold the word itself, among many that begin so; or not so many hold it
            cursor.execute(_OF_WORDS.format(**told), [whole, *values])
            some = [*cursor.fetchall(), *some]
        if len(some) < told["most"]:
            cursor.execute(_OF_WORDS.format(**told), [begins, *values])
            some = [*some, *cursor.fetchall()]
    return some


def _each_once(rows: Iterable[tuple[Any, int]]) -> list[Any]:
    return list(dict.fromkeys(key for key, _ in sorted(rows, key=lambda row: row[1])))
