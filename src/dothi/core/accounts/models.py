"""The tables of people and machine keys."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from dothi.core.accounts.types import Role


class User(AbstractUser):
    """A person who signs in; the role says what they may do."""

    role = models.CharField(
        max_length=20, choices=[(role.value, role.value) for role in Role], default=Role.VIEWER.value
    )

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.username


class MachineKey(models.Model):
    """A key for a device, a gateway or a program; only the hash of its secret is kept.

    It may be limited to the Things of a department, and to some Things (null: to none in particular).
    """

    id = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)
    secret_hash = models.CharField(max_length=64)
    permissions = models.JSONField(default=list)
    department = models.TextField(default="")
    thing_ids = models.JSONField(null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_machinekey"
        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"
