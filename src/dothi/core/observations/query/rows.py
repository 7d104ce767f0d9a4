"""Observations as rows of values, grouped by their Datastream (OGC 18-088, clause 12)."""

from typing import Final

import msgspec
from psycopg.sql import SQL, Composable

from dothi.core.observations.query import output
from dothi.core.observations.query.lists import Source, Writing, page_of
from dothi.core.observations.query.output import Part, property_text
from dothi.core.observations.query.scope import column
from dothi.core.observations.query.tables import Table
from dothi.core.observations.query.types import Entity, Options
from dothi.kernel.errors import InvalidInput

_ID: Final = ("id", "@iot.id")


def whole(source: Source, options: Options, writing: Writing, *, links: list[Part]) -> Composable:
    """Give the JSON object of a list of Observations as rows. Raises InvalidInput for anything else."""
    if source.table.entity is not Entity.OBSERVATION or options.expand or options.width:
        raise InvalidInput("only Observations themselves come as rows, without expansions", place="$resultFormat")
    context = writing.context
    names = components(source.table, options)
    options = msgspec.structs.replace(options, link="&".join(filter(None, ["$resultFormat=dataArray", options.link])))
    page = msgspec.structs.replace(page_of(source, options, context, name="", links=links), bound=None)
    group = context.alias()
    stream = column(page.shown, "datastream_id")
    groups = SQL(
        "SELECT {stream} AS datastream_id, string_agg({row}, ',' ORDER BY {number}) FILTER (WHERE {within}) AS rows,"
        " count(*) FILTER (WHERE {within}) AS shown, count(*) AS found, {token} AS token FROM ({numbered}) {alias}"
        " GROUP BY {stream}"
    ).format(
        stream=stream,
        row=_row(source.table, names, page.shown, writing),
        number=column(page.shown, "row"),
        within=page.within,
        token=page.last_token,
        numbered=page.numbered,
        alias=page.shown,
    )
    values = SQL("coalesce(string_agg({}, ',' ORDER BY {}) FILTER (WHERE {} > 0), '')").format(
        _group(names, group, writing), column(group, "datastream_id"), column(group, "shown")
    )
    found, token = SQL("sum({})").format(column(group, "found")), SQL("max({})").format(column(group, "token"))
    body = output.join([*page.total, *page.following(found, token, context), ',"value":[', values, "]"])
    return SQL("(SELECT '{{' || substr({}, 2) || '}}' FROM ({}) {})").format(body, groups, group)


def components(table: Table, options: Options) -> tuple[str, ...]:
    """Give the names of a row's values: those selected, or all. Raises InvalidInput for one that does not exist."""
    names = options.select or ("id", *(field.name for field in table.fields[1:]))
    for name in names:
        if name not in _ID and table.find_field(name) is None:
            raise InvalidInput(f"a row can't have {name}", place="$select")
    return tuple("id" if name in _ID else name for name in names)


def _row(table: Table, names: tuple[str, ...], alias: Composable, writing: Writing) -> Composable:
    fields = [table.fields[0] if name == "id" else table.find_field(name) for name in names]
    parts: list[Part] = []
    for field in fields:
        if field is not None:
            parts += [",", SQL("coalesce({}, 'null')").format(property_text(field, alias, writing.context))]
    return output.join(["[", *parts[1:], "]"])


def _group(names: tuple[str, ...], group: Composable, writing: Writing) -> Composable:
    stream = writing.context.alias()
    kind = SQL("(SELECT CASE WHEN {} THEN 'Multi' ELSE '' END FROM observations_datastream {} WHERE {} = {})").format(
        column(stream, "is_multi"), stream, column(stream, "id"), column(group, "datastream_id")
    )
    prefix = SQL("CASE {} WHEN 'Multi' THEN 'MultiDatastream' ELSE 'Datastream' END").format(kind)
    listed = ",".join(f'"{name}"' for name in names)
    return output.join(
        [
            '{"', prefix, '@iot.navigationLink":"', writing.base, "/", prefix, "s(",
            SQL("{}::text").format(column(group, "datastream_id")), f')","components":[{listed}]',
            ',"dataArray@iot.count":',
            SQL("{}::text").format(column(group, "shown")), ',"dataArray":[', column(group, "rows"), "]}",
        ]
    )  # fmt: skip
