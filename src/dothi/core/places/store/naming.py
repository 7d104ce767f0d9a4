"""Finding rows by name: what begins so, then what holds it, then what is spelt nearly so, each by an index."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from dothi.kernel.search import SIMILAR

MOST_LOOKED_AT: Final = 200
"""How many rows of each step are looked at; a name that so many hold is too short to be told apart."""
# The order is that of the index over beginnings, whatever the database's own is.
_BEGINNING: Final = (
    "SELECT {key}, 0 FROM {table} WHERE {folded} LIKE %s AND {where} ORDER BY {folded} USING ~<~ LIMIT {most}"
)
_HOLDING: Final = "SELECT {key}, 1 FROM {table} WHERE {folded} LIKE ALL (%s) AND {where} LIMIT {most}"
_OF_WORDS: Final = "SELECT {key}, 1 FROM {table} WHERE {words} @@ %s::tsquery AND {where} LIMIT {most}"
_NEARLY: Final = (
    "SELECT {key}, 2 FROM {table} WHERE {folded} %% %s AND {where} ORDER BY similarity({folded}, %s) DESC LIMIT {most}"
)
_LEAST_LIKENESS: Final = "SELECT set_config('pg_trgm.similarity_threshold', %s, false)"


class Named(NamedTuple):
    """Where names stand: SQL of a package's own store, never of whoever asks.

    `folded` is an expression under a trigram index, of the language of `kernel.text.fold_words`; `where` may hold
    places for values. `words` is one for whole words, a tsvector under an index, for tables of very many names.
    """

    table: str
    folded: str
    key: str = "id"
    where: str = "true"
    words: str = ""


def find_ids(named: Named, asked: str, values: Sequence[Any] = ()) -> list[Any]:
    """Give the keys of rows whose name fits what is asked, folded as they are; the best steps first, each once.

    Misspellings are looked for only where nothing is called so. Up to four statements. For tables of some thousands
    of names: what all of a million have in common makes the last step slow.
    """
    found = find_spelt_so(named, asked, values)
    if found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_LEAST_LIKENESS, [str(SIMILAR)])
        cursor.execute(_NEARLY.format(**named._asdict(), most=MOST_LOOKED_AT), [asked, *values, asked])
        return _each_once(cursor.fetchall())


def find_spelt_so(named: Named, asked: str, values: Sequence[Any] = ()) -> list[Any]:
    """Give the keys of rows whose name begins so, then of those that hold all words of it, each once.

    Where more names begin so than are looked at, none is asked for its words: a beginning that so many have is a word
    of so many that to gather them takes long.
    """
    words = asked.split()
    held: str | list[str] = (
        " & ".join([*words[:-1], f"{words[-1]}:*"]) if named.words else [f"%{word}%" for word in words]
    )
    told = {**named._asdict(), "most": MOST_LOOKED_AT}
    with connection.cursor() as cursor:
        cursor.execute(_BEGINNING.format(**told), [f"{asked}%", *values])
        rows = cursor.fetchall()
        if len(rows) < MOST_LOOKED_AT:
            cursor.execute((_OF_WORDS if named.words else _HOLDING).format(**told), [held, *values])
            rows += cursor.fetchall()
    return _each_once(rows)


def _each_once(rows: Iterable[tuple[Any, int]]) -> list[Any]:
    return list(dict.fromkeys(key for key, _ in sorted(rows, key=lambda row: row[1])))
