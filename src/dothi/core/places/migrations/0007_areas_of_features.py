"""The area of each feature on the spheroid, in square metres, kept beside its shape: questions add it up.

To work it out for a million parcels takes longer than to find out where they lie. PostgreSQL writes it with the row.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = (
    "ALTER TABLE places_feature ADD COLUMN area_m2 double precision"
    " GENERATED ALWAYS AS (ST_Area(geom::geography)) STORED"
)
BACKWARD = "ALTER TABLE places_feature DROP COLUMN area_m2"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0006_stated_areas")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
