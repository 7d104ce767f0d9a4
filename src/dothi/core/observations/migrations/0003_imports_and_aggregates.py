"""What an import has done so far, and what remains of Observations whose time in the record has passed."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TABLE observations_import (
    digest bytea PRIMARY KEY,
    name text NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz,
    batches bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    present bigint NOT NULL DEFAULT 0,
    conflicting bigint NOT NULL DEFAULT 0,
    bad bigint NOT NULL DEFAULT 0
);
-- One row for an hour or a day of one Datastream, made when its Observations leave. `count`, `total`, `least` and
-- `greatest` are of the numbers that are neither bad nor conflicting; `others` counts the Observations besides.
CREATE TABLE observations_aggregate (
    datastream_id bigint NOT NULL,
    hours smallint NOT NULL CHECK (hours IN (1, 24)),
    bucket timestamptz NOT NULL,
    count bigint NOT NULL,
    others bigint NOT NULL,
    total double precision,
    least double precision,
    greatest double precision,
    PRIMARY KEY (datastream_id, hours, bucket)
);
"""
BACKWARD = """
DROP TABLE observations_aggregate;
DROP TABLE observations_import;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0002_observation_partitions")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
