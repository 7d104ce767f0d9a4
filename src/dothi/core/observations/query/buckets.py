"""A Datastream's Observations as one value for each stretch of time: an extension, worked out by the database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, LiteralString

import msgspec
from psycopg.sql import SQL, Composable

from dothi.core.observations.query import keys, output
from dothi.core.observations.query.output import Part
from dothi.core.observations.query.scope import Context, all_of, column
from dothi.core.observations.query.types import Options
from dothi.kernel.errors import InvalidInput

SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=366)
_GOOD: Final[LiteralString] = "{0}.result IS NOT NULL AND NOT {0}.conflicting AND {0}.quality NOT IN (4, 9)"
"""What is counted, as of Observations past their time: the numbers that are neither bad, missing nor conflicting."""
_MOMENT: Final[LiteralString] = "rtrim(to_json(({}) AT TIME ZONE 'UTC')::text, '\"') || 'Z'"


class Buckets(msgspec.Struct, frozen=True):
    """The stretches of a page: rows of `begin` and measures, the token of one, and the JSON that it is."""

    rows: Composable
    token: Composable
    text: Composable


def check_width(width: timedelta) -> timedelta:
    """Give the width of a stretch. Raises InvalidInput for one too short or too long."""
    if not SHORTEST <= width <= LONGEST:
        raise InvalidInput("a stretch of time is between one second and 366 days", place="$aggregate")
    return width


def compile_buckets(
    tables: Composable,
    alias: Composable,
    conditions: Sequence[Composable],
    options: Options,
    shown: Composable,
    context: Context,
    *,
    limit: int,
) -> Buckets:
    """Compile the stretches of what passes; each begins at a whole number of widths from 2000-01-01T00:00:00Z.

    Raises InvalidInput for what does not go with them, and for a token of another list.
    """
    if options.select or options.expand or options.order or options.skip or options.count:
        raise InvalidInput("$aggregate goes with $filter and $top alone", place="$aggregate")
    width = context.parameter(check_width(options.width or timedelta()), "interval")
    where = [*conditions, SQL(_GOOD).format(alias)]
    if options.after is not None:
        if len(options.after) != 1:
            raise InvalidInput("the token is that of another list", place="$skiptoken")
        seen = SQL("({} + {})").format(context.seen_key(options.after[0], "timestamptz"), width)
        where.append(SQL("{} >= {}").format(column(alias, "phenomenon_time"), seen))
    rows = SQL(
        "SELECT date_bin({width}, {time}, '2000-01-01T00:00:00Z'::timestamptz) AS begin, count(*) AS number,"
        " avg({result}) AS average, min({result}) AS least, max({result}) AS greatest"
        " FROM {tables} WHERE {where} GROUP BY 1 ORDER BY 1 LIMIT {limit}"
    ).format(
        width=width,
        time=column(alias, "phenomenon_time"),
        result=column(alias, "result"),
        tables=tables,
        where=all_of(where),
        limit=context.parameter(limit, "bigint"),
    )
    return Buckets(rows, keys.token_of([column(shown, "begin")]), _text(shown, width))


def _text(shown: Composable, width: Composable) -> Composable:
    begin = column(shown, "begin")
    end = SQL("{} + {}").format(begin, width)
    parts: list[Part] = [
        '{"phenomenonTime":',
        SQL(_MOMENT).format(begin),
        "/",
        SQL("substr(" + _MOMENT + ", 2)").format(end),
    ]
    parts.append('","result":{"count":')
    for name, measure in (("number", "average"), ("average", "minimum"), ("least", "maximum")):
        parts += [SQL("{}::text").format(column(shown, name)), f',"{measure}":']
    return output.join([*parts, SQL("{}::text").format(column(shown, "greatest")), "}}"])
