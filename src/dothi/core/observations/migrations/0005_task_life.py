"""The life of a Task: when it is sent, until when it may be answered, and what became of it."""

from datetime import UTC, datetime
from typing import ClassVar

from django.db import migrations, models

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""For rows that are there already: there are none, as nothing could make a Task before."""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0004_default_feature")]
    operations: ClassVar = [
        migrations.AddField("task", "deadline", models.DateTimeField(default=NEVER), preserve_default=False),
        migrations.AddField("task", "status", models.TextField(default="pending")),
        migrations.AddField("task", "group_id", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField("task", "created_by", models.TextField(default="system"), preserve_default=False),
        migrations.AddField("task", "attempts", models.IntegerField(default=0)),
        migrations.AddField("task", "next_attempt_at", models.DateTimeField(null=True)),
        migrations.AddField("task", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("task", "answered_at", models.DateTimeField(null=True)),
        migrations.AddField("task", "reason", models.TextField(default="")),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["next_attempt_at"],
                name="observations_task_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
        ),
        migrations.AddIndex("task", models.Index(fields=["group_id"], name="observations_task_group")),
        migrations.AddConstraint(
            "task",
            models.CheckConstraint(
                name="observations_task_open",
                condition=models.Q(status__in=["pending", "sent"], next_attempt_at__isnull=False)
                | models.Q(status__in=["done", "refused", "unanswered", "cancelled"], next_attempt_at__isnull=True),
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE observations_task_groups", "DROP SEQUENCE observations_task_groups"),
    ]
