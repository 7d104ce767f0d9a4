"""Whom an order's letter went to, so that nobody is told twice."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0001_initial")]
    operations: ClassVar = [migrations.AddField("order", "told", models.TextField(default=""))]
