"""Things found by name: folded by the database, under a trigram index."""

from typing import ClassVar

from django.db import migrations

FORWARD = "CREATE INDEX observations_thing_trigrams ON observations_thing USING gin (places_fold(name) gin_trgm_ops)"
BACKWARD = "DROP INDEX observations_thing_trigrams"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0008_things_within"), ("places", "0005_search")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
