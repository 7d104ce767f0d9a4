"""What other packages' queries ask of areas: places_shapes gives the shapes of units, by code, on a day as is known now.

A unit without a shape of its own has those of the units below it.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION places_shapes(codes text[], day date) RETURNS TABLE (area text, shape geometry)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE below AS (
        SELECT v.code AS area, v.area_id, v.shape, 0 AS depth FROM places_version v
        WHERE v.code = ANY(codes) AND v.valid @> day AND upper_inf(v.recorded)
        UNION ALL
        SELECT b.area, v.area_id, v.shape, b.depth + 1 FROM below b
        JOIN places_version v ON v.parent_id = b.area_id
        WHERE b.shape IS NULL AND b.depth < 8 AND v.valid @> day AND upper_inf(v.recorded)
    )
    SELECT below.area, below.shape FROM below WHERE below.shape IS NOT NULL
$$;
"""
BACKWARD = "DROP FUNCTION places_shapes(text[], date)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0002_vn2000")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
