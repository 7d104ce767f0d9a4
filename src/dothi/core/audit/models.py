"""The table of the audit log; the database refuses to change or delete a row."""

from typing import ClassVar

from django.db import models


class AuditEntry(models.Model):
    """One link of the chain; `number` runs from 1 without a gap."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=200)
    what = models.CharField(max_length=200)
    subject = models.CharField(max_length=400)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"
        indexes: ClassVar = [models.Index(fields=["subject", "number"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.number} {self.what} {self.subject}"
