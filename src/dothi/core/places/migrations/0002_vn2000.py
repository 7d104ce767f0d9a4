"""VN-2000 / TM-3 105-45 (EPSG:9210), which PostGIS 3.3 lacks: the system of Ho Chi Minh City, its former Bình Dương too.

The datum shift is the published one, good to about a metre: enough for maps, never for cadastral work. Where the role
may not write to the table of reference systems the row is left out, and output in this system is refused by PostGIS
until an administrator grants it: nothing else depends on it.
"""

from typing import ClassVar

from django.db import migrations

PROJ = (
    "+proj=tmerc +lat_0=0 +lon_0=105.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 "
    "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs"
)
WKT = (
    'PROJCS["VN-2000 / TM-3 105-45",GEOGCS["VN-2000",DATUM["Vietnam_2000",SPHEROID["WGS 84",6378137,298.257223563],'
    "TOWGS84[-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278]],"
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4756"]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",105.75],'
    'PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
    'UNIT["metre",1],AUTHORITY["EPSG","9210"]]'
)
FORWARD = f"""
DO $do$ BEGIN
    INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
    VALUES (9210, 'EPSG', 9210, '{WKT}', '{PROJ}') ON CONFLICT (srid) DO NOTHING;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'EPSG:9210 is not in spatial_ref_sys, and this role may not add it: GRANT INSERT ON spatial_ref_sys';
END $do$;
"""  # noqa: S608  (constants of this file)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0001_initial")]
    # Others may use the row by then: it stays when the migration is taken back.
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
