"""The area that a unit has by the act or list that tells of it, beside the one that its shape measures."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("places", "0005_search")]
    operations: ClassVar = [
        migrations.AddField(model_name="version", name="stated_km2", field=models.FloatField(null=True))
    ]
