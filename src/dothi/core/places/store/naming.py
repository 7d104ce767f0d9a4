"""Finding rows by name: what begins so, then what holds it, then what is spelt nearly so, each by an index."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from dothi.kernel.search import SIMILAR

MOST_LOOKED_AT: Final = 200
"""How many rows of each step are looked at; a name that so many hold is too short to be told apart."""
_BEGINNING: Final = "(SELECT {key}, 0 FROM {table} WHERE {folded} LIKE %s AND {where} ORDER BY {folded} LIMIT {most})"
_HOLDING: Final = "(SELECT {key}, 1 FROM {table} WHERE {folded} LIKE ALL (%s) AND {where} LIMIT {most})"
_NEARLY: Final = (
    "SELECT {key}, 2 FROM {table} WHERE {folded} %% %s AND {where} ORDER BY similarity({folded}, %s) DESC LIMIT {most}"
)
_LEAST_LIKENESS: Final = "SELECT set_config('pg_trgm.similarity_threshold', %s, false)"


class Named(NamedTuple):
    """Where names stand: SQL of a package's own store, never of whoever asks.

    `folded` is an expression under a trigram index, of the language of `kernel.text.fold_words`; `where` may hold
    places for values.
    """

    table: str
    folded: str
    key: str = "id"
    where: str = "true"


def find_ids(named: Named, asked: str, values: Sequence[Any] = ()) -> list[Any]:
    """Give the keys of rows whose name fits what is asked, folded as they are; the best steps first, each once.

    Misspellings are looked for only where nothing is called so. One statement, or three.
    """
    parts = named._asdict() | {"most": MOST_LOOKED_AT}
    spelt_so = f"{_BEGINNING} UNION ALL {_HOLDING}".format(**parts)
    words = [f"%{word}%" for word in asked.split()]
    with connection.cursor() as cursor:
        cursor.execute(spelt_so, [f"{asked}%", *values, words, *values])
        found = cursor.fetchall()
        if not found:
            cursor.execute(_LEAST_LIKENESS, [str(SIMILAR)])
            cursor.execute(_NEARLY.format(**parts), [asked, *values, asked])
            found = cursor.fetchall()
    return _each_once(found)


def _each_once(rows: Iterable[tuple[Any, int]]) -> list[Any]:
    return list(dict.fromkeys(key for key, _ in sorted(rows, key=lambda row: row[1])))
