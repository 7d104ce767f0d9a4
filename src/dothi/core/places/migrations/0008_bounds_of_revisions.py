"""Where the features of a published revision lie, told with it: a large one reaches beyond the cell of its middle."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

FILL = """
UPDATE places_revision r SET bounds = b.bounds FROM places_layer l, LATERAL (
    SELECT ARRAY[ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)] AS bounds FROM (
        SELECT ST_Extent(geom) AS e FROM places_feature f
        WHERE f.layer_id = l.id AND f.since <= l.published AND (f.until IS NULL OR f.until > l.published)
    ) extent WHERE e IS NOT NULL
) b WHERE r.layer_id = l.id AND r.number = l.published
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0007_areas_of_features")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="revision",
            name="bounds",
            field=ArrayField(models.FloatField(), size=4, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
