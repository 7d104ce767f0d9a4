"""The table of the audit log; the database refuses to change or delete a row."""

from django.db import models


class AuditEntry(models.Model):
    """One link of the chain; `number` runs from 1 without a gap, `body` is the entry's JSON to the letter."""

    number = models.BigIntegerField(primary_key=True)
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"
