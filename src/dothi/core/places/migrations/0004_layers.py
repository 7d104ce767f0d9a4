"""Layers, their revisions and features; a partition of features for each layer, and a schema for their views."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# `fid` is a feature's number through all revisions, `key` what its source calls it, `digest` of all that is said of it.
FORWARD = """
CREATE SEQUENCE places_feature_fid;
CREATE TABLE places_feature (
    layer_id bigint NOT NULL,
    fid bigint NOT NULL,
    since integer NOT NULL,
    until integer,
    key text NOT NULL,
    label text NOT NULL,
    folded text NOT NULL,
    digest bytea NOT NULL,
    attributes jsonb NOT NULL,
    geom geometry(Geometry, 4326) NOT NULL,
    PRIMARY KEY (layer_id, fid, since),
    CHECK (until > since)
) PARTITION BY LIST (layer_id);
CREATE INDEX places_feature_geom ON places_feature USING gist (geom);
CREATE INDEX places_feature_key ON places_feature (key);
CREATE SCHEMA IF NOT EXISTS layers;
"""
BACKWARD = """
DROP SCHEMA layers CASCADE;
DROP TABLE places_feature;
DROP SEQUENCE places_feature_fid;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0003_shapes_of_areas")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Layer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.TextField(unique=True)),
                ("name_vi", models.TextField()),
                ("name_en", models.TextField()),
                ("role", models.TextField()),
                ("owner", models.TextField(default="")),
                ("licence", models.TextField(default="")),
                ("visibility", models.TextField()),
                ("description", models.TextField(default="")),
                ("fields", models.JSONField(default=list)),
                ("key_field", models.TextField(default="")),
                ("label_field", models.TextField(default="")),
                ("style", models.JSONField(default=dict)),
                ("published", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField()),
            ],
            options={
                "db_table": "places_layer",
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("kind", models.TextField()),
                ("state", models.TextField()),
                ("base", models.PositiveIntegerField(default=0)),
                ("restored", models.PositiveIntegerField(null=True)),
                ("source", models.TextField(default="")),
                ("format", models.TextField(default="")),
                ("digest", models.TextField(default="")),
                ("crs", models.TextField(default="")),
                ("accuracy_m", models.FloatField(null=True)),
                ("licence", models.TextField(default="")),
                ("note", models.TextField(default="")),
                ("fields", models.JSONField(default=list)),
                ("counts", models.JSONField(default=dict)),
                ("remarks", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.TextField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("reviewed_by", models.TextField(default="")),
                ("published_at", models.DateTimeField(null=True)),
                ("published_by", models.TextField(default="")),
                (
                    "layer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="places.layer"
                    ),
                ),
            ],
            options={
                "db_table": "places_revision",
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("path", models.TextField(default="")),
                ("size", models.BigIntegerField()),
                ("asked", models.JSONField(default=dict)),
                ("state", models.TextField()),
                ("problem", models.TextField(default="")),
                ("report", models.JSONField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("uploaded_at", models.DateTimeField()),
                ("uploaded_by", models.TextField()),
                (
                    "layer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uploads", to="places.layer"
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="places.revision"
                    ),
                ),
            ],
            options={
                "db_table": "places_upload",
            },
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(fields=("layer", "number"), name="places_revision_once"),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "reviewed"])),
                fields=("layer",),
                name="places_revision_one_open",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
