"""Who made, within limits, what Things share: they may link it before it is of any Thing of theirs."""

from typing import ClassVar

from django.db import migrations, models

SHARED = ("location", "sensor", "observedproperty", "featureofinterest", "actuator")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0009_names")]
    operations: ClassVar = [migrations.AddField(name, "made_by", models.TextField(db_default="")) for name in SHARED]
