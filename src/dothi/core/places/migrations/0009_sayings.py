"""What is said of features stands by its code: what was told in English before stays as told, in older revisions.

Files whose report was waiting for a decision are examined again; of others the report has served.
"""

from typing import ClassVar

from django.db import migrations

REMARKS = """
UPDATE places_revision SET remarks = (
    SELECT jsonb_agg(r || jsonb_build_object(
        'problem', jsonb_build_object('code', 'told', 'what', r ->> 'problem'),
        'remedy', CASE WHEN coalesce(r ->> 'remedy', '') <> ''
            THEN jsonb_build_object('code', 'told', 'what', r ->> 'remedy') END
    ) ORDER BY n)
    FROM jsonb_array_elements(remarks) WITH ORDINALITY AS t(r, n)
) WHERE remarks <> '[]'
"""
REPORTS = """
UPDATE places_upload SET report = NULL, state = CASE state WHEN 'examined' THEN 'waiting' ELSE state END
WHERE report IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0008_bounds_of_revisions")]
    operations: ClassVar = [migrations.RunSQL([REMARKS, REPORTS], migrations.RunSQL.noop)]
