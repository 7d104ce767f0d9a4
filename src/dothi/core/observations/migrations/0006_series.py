"""Reading many Observations at once: the key carries the number, and the minute says where a moment's rows lie.

With `result` in the key, a Datastream's hours and days are read from the key alone: its rows lie together there, and
apart from each other in the table, a page each. The minute is an expression, not the time itself, so that no question
about one Datastream is ever answered by it: those have the key. Equal minutes make it a tenth of the key's size.
On a large record this migration takes a while: both are made anew for every partition.
"""

from typing import ClassVar

from django.db import migrations

_KEY = """
ALTER TABLE observations_observation DROP CONSTRAINT observations_observation_pkey;
ALTER TABLE observations_observation ADD PRIMARY KEY (datastream_id, phenomenon_time, fingerprint)"""
FORWARD = f"""{_KEY} INCLUDE (result, quality, conflicting);
CREATE INDEX observations_observation_by_minute ON observations_observation
    (date_bin('1 minute', phenomenon_time, '2000-01-01Z'));
"""
BACKWARD = f"""
DROP INDEX observations_observation_by_minute;
{_KEY};
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0005_task_life")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
