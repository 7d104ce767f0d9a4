"""Names as they are searched for: folded by the database as `kernel.text.fold_words` does, under trigram indexes.

pg_trgm is one of PostgreSQL's trusted extensions, which a database's owner may make. Marks are taken off before letters
become small, so that the answer doesn't hang on the database's locale.
"""

from typing import ClassVar

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

FOLD = r"""
CREATE FUNCTION places_fold(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        lower(translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'Đđ', 'dd')),
        '[^0-9a-z]+', ' ', 'g'
    ))
$$
"""
STREETS = "CREATE INDEX places_mapfeature_trigrams ON places_mapfeature USING gin (places_fold(name_vi) gin_trgm_ops)"
AREAS = "CREATE INDEX places_version_trigrams ON places_version USING gin (folded gin_trgm_ops)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0002_vn2000")]
    operations: ClassVar = [
        TrigramExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION places_fold(text)"),
        migrations.RunSQL(STREETS, "DROP INDEX places_mapfeature_trigrams"),
        migrations.RunSQL(AREAS, "DROP INDEX places_version_trigrams"),
    ]
