"""The tables of work orders, which name Things and alarms by id alone, so that an order outlives them."""

from typing import ClassVar

from django.db import models

from dothi.core.incidents.types import OPEN

IS_OPEN = models.Q(state__in=[state.value for state in OPEN])
HAS_KEY = ~models.Q(key="")


class Order(models.Model):
    """One work order; `key` names the one request that issued it, `told` whom a letter said that it is theirs."""

    title = models.TextField()
    task = models.TextField(default="")
    priority = models.PositiveSmallIntegerField()
    department = models.TextField(default="")
    thing_id = models.BigIntegerField()
    state = models.TextField()
    assignee = models.TextField(default="")
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    deadline = models.DateTimeField()
    changed_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    key = models.TextField(default="")
    told = models.TextField(default="")

    class Meta:
        db_table = "incidents_order"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=HAS_KEY, name="incidents_issued_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["priority", "deadline", "id"], condition=IS_OPEN, name="incidents_open"),
            models.Index(fields=["-changed_at", "-id"], name="incidents_newest"),
            models.Index(fields=["thing_id", "-done_at"], name="incidents_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class OrderAlarm(models.Model):
    """An alarm that an order is for."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="alarms")
    alarm_id = models.BigIntegerField()

    class Meta:
        db_table = "incidents_order_alarm"
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "alarm_id"], name="incidents_alarm_once")]
        indexes: ClassVar = [models.Index(fields=["alarm_id"], name="incidents_alarm")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.alarm_id}"


class Step(models.Model):
    """One step of an order's course; rows are only ever added. `key` names the one request that made it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="steps")
    deed = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    who = models.TextField()
    state = models.TextField()
    note = models.TextField(default="")
    assignee = models.TextField(default="")
    key = models.TextField(default="")

    class Meta:
        db_table = "incidents_step"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "key"], condition=HAS_KEY, name="incidents_done_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.deed}"


class Photo(models.Model):
    """A photo that came with a step; the file lies in the home's media folder under its digest."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="photos")
    digest = models.TextField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    class Meta:
        db_table = "incidents_photo"
        indexes: ClassVar = [models.Index(fields=["digest"], name="incidents_photo_digest")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.digest[:8]}"
