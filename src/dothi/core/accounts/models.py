"""The tables of people, their grants and departments, invitations, and machine keys."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from dothi.core.accounts.types import Grant as Granted
from dothi.core.accounts.types import Role

ROLES = [(role.value, role.value) for role in Role]


class PeopleManager(UserManager["User"]):
    """Makes people, at once with a role everywhere where one is named."""

    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        *,
        role: str = "",
        **more: object,
    ) -> "User":
        """Keep a new person with a hashed password, and the grant of a role everywhere."""
        user: User = super().create_user(username, email, password, **more)
        if role:
            Grant.objects.create(user=user, role=role)
        return user


class User(AbstractUser):
    """A person who signs in; grants say what they may do.

    All personal data of a person stands in this row and in the rows of those who sign people in, nowhere else. Of an
    erased person the row alone is left, with nothing in it that tells who it was.
    """

    name = models.CharField(max_length=150, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    erased_at = models.DateTimeField(null=True)

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.username

    def list_granted(self) -> list[Granted]:
        """List the person's grants: those that came with the row, as they do with a session, else in a query."""
        packed = getattr(self, "packed_grants", None)
        if packed is None:
            packed = list(self.grants.values("role", "department", "area"))
        return [Granted(Role(each["role"]), each["department"], each["area"]) for each in packed]


class Department(models.Model):
    """A department; `path` holds the codes from the top down to its own."""

    code = models.CharField(primary_key=True, max_length=60)
    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    path = ArrayField(models.TextField())

    class Meta:
        db_table = "accounts_department"
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.code


class Grant(models.Model):
    """A role that a person has, in a department and those below, in an area; "" of either is everywhere."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=ROLES)
    department = models.TextField(default="", blank=True)
    area = models.TextField(default="", blank=True)

    class Meta:
        db_table = "accounts_grant"
        ordering: ClassVar = ["role", "department", "area"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "department", "area"], name="accounts_grant_once")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.department} {self.area}"


class Invitation(models.Model):
    """An invitation: whoever has its secret, of which the hash alone is kept, makes an account with its grants."""

    secret_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, default="")
    grants = models.JSONField(default=list)
    invited_by = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_invitation"
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class MachineKey(models.Model):
    """A key for a device, a gateway or a program; only the hash of its secret is kept.

    It may be limited to the Things of a department and those below, and to some Things (null: to none in particular).
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
