"""The feature that a Datastream's Observations have where none is named, so that the writer need not look for it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0003_imports_and_aggregates")]
    operations: ClassVar = [
        migrations.AddField("latestobservation", "default_feature_id", models.BigIntegerField(null=True)),
    ]
