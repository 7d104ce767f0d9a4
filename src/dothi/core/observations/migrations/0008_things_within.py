"""Which Things stand in areas: observations_things_within gives the pairs of both, for areas as they are on a day.

A Thing stands where its Location does: of one that is no point, a point on it. The index on Locations answers.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION observations_things_within(codes text[], day date) RETURNS TABLE (area text, thing_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.area, t.thing_id FROM places_shapes(codes, day) a
    JOIN observations_location l ON l.geom && a.shape AND ST_Covers(a.shape, ST_PointOnSurface(l.geom))
    JOIN observations_thing_location t ON t.location_id = l.id
$$;
"""
BACKWARD = "DROP FUNCTION observations_things_within(text[], date)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0007_writer_functions"), ("places", "0003_shapes_of_areas")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
