"""The PostGIS view of each published layer, in the schema `layers`: what machines are served from."""

from collections.abc import Mapping
from typing import Final

from django.db import connection
from psycopg import sql

from dothi.core.places.layers.types import Field, FieldType, Layer

SCHEMA: Final = "layers"
_CASTS: Final[Mapping[FieldType, sql.SQL]] = {
    FieldType.TEXT: sql.SQL("(attributes->>{})"),
    FieldType.INTEGER: sql.SQL("(attributes->>{})::bigint"),
    FieldType.NUMBER: sql.SQL("(attributes->>{})::double precision"),
    FieldType.BOOLEAN: sql.SQL("(attributes->>{})::boolean"),
    FieldType.DATE: sql.SQL("(attributes->>{})::date"),
    FieldType.DATETIME: sql.SQL("(attributes->>{})::timestamptz"),
    FieldType.JSON: sql.SQL("(attributes->{})"),
}


def column(field: Field) -> sql.Composed:
    """Write an attribute as a column of its type."""
    return sql.SQL("{} AS {}").format(_CASTS[field.type].format(sql.Literal(field.name)), sql.Identifier(field.name))


def put_view(layer: Layer) -> None:
    """Make the view of a layer show its published revision: id, key, label, a column for each attribute, geom.

    `id` is the feature's number through all revisions. Readers see the one or the other, never none.
    """
    view = sql.Identifier(SCHEMA, layer.view)
    columns = [sql.SQL("fid AS id"), sql.SQL("key"), sql.SQL("label"), *(column(each) for each in layer.fields)]
    statement = sql.SQL(
        "CREATE VIEW {view} AS SELECT {columns}, geom FROM {table}"
        " WHERE layer_id = {layer} AND since <= {number} AND (until IS NULL OR until > {number})"
    ).format(
        view=view,
        columns=sql.SQL(", ").join(columns),
        table=sql.Identifier(f"places_feature_{layer.id}"),
        layer=sql.Literal(layer.id),
        number=sql.Literal(layer.published),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(view))
        cursor.execute(statement)
        cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(layer.names.vi)))
