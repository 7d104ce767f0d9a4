"""Published layers for tests of what shows and serves them, made through the layers' own door but for the file."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django.db import connection, transaction

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.store import features
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.types import (
    Counts,
    Field,
    FieldType,
    Layer,
    LayerDraft,
    RevisionKind,
    Role,
    Visibility,
)
from dothi.kernel import clock
from dothi.kernel.manifest import Names
from dothi.kernel.text import fold_words

Row = tuple[str, Mapping[str, Any], shapely.Geometry]
"""A feature: its label, which is its key too, its attributes and its shape in WGS 84."""


def publish(
    slug: str,
    rows: Sequence[Row],
    *,
    role: Role = Role.PARCELS,
    visibility: Visibility = Visibility.PUBLIC,
    owner: str = "",
    name: str = "",
) -> Layer:
    """Publish a layer with one revision; its attributes are those of the first row."""
    draft = LayerDraft(slug, Names(vi=name or slug, en=name or slug), role, owner, visibility=visibility)
    layer = service.create_layer(SYSTEM, draft)
    fields = [Field(key, _type(value)) for key, value in (rows[0][1] if rows else {}).items()]
    with transaction.atomic():
        features.add_table(layer.id)
        counts = Counts(len(rows))
        kind = RevisionKind.IMPORT
        revision = store.add_revision(layer, 1, kind, fields=fields, counts=counts, at=clock.now(), who="system")
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {features.table_of(layer.id)}"
                " (layer_id, fid, since, key, label, folded, digest, attributes, geom) VALUES"
                " (%s, nextval('places_feature_fid'), 1, %s, %s, %s, '', %s, ST_GeomFromWKB(%s, 4326))",
                [
                    (layer.id, label, label, fold_words(label), json.dumps(said), shapely.to_wkb(shape))
                    for label, said, shape in rows
                ],
            )
    service.review(SYSTEM, slug, revision.number)
    service.publish_revision(SYSTEM, slug, revision.number, publish=lambda _event: None)
    return service.get_layer(SYSTEM, slug)


def _type(value: object) -> FieldType:
    if isinstance(value, bool):
        return FieldType.BOOLEAN
    if isinstance(value, int):
        return FieldType.INTEGER
    return FieldType.NUMBER if isinstance(value, float) else FieldType.TEXT
