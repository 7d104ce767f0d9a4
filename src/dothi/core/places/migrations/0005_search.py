"""Names as they are searched for: folded by the database as `kernel.text.fold_words` does, under trigram indexes.

pg_trgm and fuzzystrmatch are among PostgreSQL's trusted extensions, which a database's owner may make. Marks are taken off before letters
become small, so that the answer doesn't hang on the database's locale.
"""

from typing import ClassVar

from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations, models

FOLD = r"""
CREATE FUNCTION places_fold(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        lower(translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'Đđ', 'dd')),
        '[^0-9a-z]+', ' ', 'g'
    ))
$$
"""
STREETS = "CREATE INDEX places_mapfeature_trigrams ON places_mapfeature USING gin (places_fold(name_vi) gin_trgm_ops)"
FEATURES = """
CREATE INDEX places_feature_words ON places_feature USING gin (to_tsvector('simple'::regconfig, folded));
CREATE INDEX places_feature_folded ON places_feature (folded text_pattern_ops)
"""
CELLS = """
CREATE TABLE places_feature_cell (
    layer_id bigint NOT NULL,
    revision integer NOT NULL,
    zoom smallint NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    features integer NOT NULL,
    PRIMARY KEY (layer_id, revision, zoom, x, y)
)
"""
WORDS = """
CREATE TABLE places_word (word text PRIMARY KEY);
CREATE INDEX places_word_beginning ON places_word (word text_pattern_ops)
"""
AREAS = "CREATE INDEX places_version_trigrams ON places_version USING gin (folded gin_trgm_ops)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0004_layers")]
    operations: ClassVar = [
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.RunSQL(WORDS, "DROP TABLE places_word"),
        migrations.RunSQL(FOLD, "DROP FUNCTION places_fold(text)"),
        migrations.RunSQL(STREETS, "DROP INDEX places_mapfeature_trigrams"),
        migrations.RunSQL(AREAS, "DROP INDEX places_version_trigrams"),
        migrations.RunSQL(FEATURES, "DROP INDEX places_feature_folded; DROP INDEX places_feature_words"),
        migrations.RunSQL(CELLS, "DROP TABLE places_feature_cell"),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                ("asked", models.JSONField()),
                ("kept_by", models.TextField()),
                ("kept_at", models.DateTimeField()),
                ("used", models.JSONField(default=list)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "places_question"},
        ),
    ]
