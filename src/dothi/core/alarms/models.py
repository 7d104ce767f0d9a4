"""The tables of alarms, which name Things by id alone, so that an alarm's history outlives its Thing."""

from typing import ClassVar

from django.db import models

from dothi.core.alarms.types import State

OPEN = ~models.Q(state=State.NORMAL.value)


class Alarm(models.Model):
    """One alarm; `state` and `rank` follow from the columns of its standing, and are kept for the queue's order."""

    rule = models.TextField()
    thing_id = models.BigIntegerField()
    key = models.TextField(default="")
    priority = models.PositiveSmallIntegerField()
    state = models.TextField()
    rank = models.PositiveSmallIntegerField()
    is_active = models.BooleanField()
    is_acknowledged = models.BooleanField()
    is_out_of_service = models.BooleanField()
    shelved_until = models.DateTimeField(null=True)
    suppressed_by = models.BigIntegerField(null=True)
    raised_at = models.DateTimeField()
    since = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")
    times_raised = models.PositiveIntegerField()
    member_count = models.PositiveIntegerField()
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "alarms_alarm"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "thing_id", "key"], condition=OPEN, name="alarms_one_open_a_point"),
            models.UniqueConstraint(fields=["rule", "thing_id", "key", "raised_at"], name="alarms_raised_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["priority", "rank", "-raised_at", "-id"], condition=OPEN, name="alarms_queue"),
            models.Index(fields=["-raised_at", "-id"], name="alarms_newest"),
            models.Index(fields=["thing_id"], name="alarms_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.rule} {self.thing_id} {self.state}"


class Member(models.Model):
    """A Thing that a group's alarm speaks for."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="members")
    thing_id = models.BigIntegerField()

    class Meta:
        db_table = "alarms_member"
        constraints: ClassVar = [models.UniqueConstraint(fields=["alarm", "thing_id"], name="alarms_member_once")]
        indexes: ClassVar = [models.Index(fields=["thing_id"], name="alarms_member_thing")]

    def __str__(self) -> str:
        return f"{self.alarm_id}: {self.thing_id}"


class Transition(models.Model):
    """One step of an alarm's way; rows are only ever added."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="transitions")
    deed = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    who = models.TextField()
    state = models.TextField()
    note = models.TextField(default="")

    class Meta:
        db_table = "alarms_transition"

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.deed}"


class Watermark(models.Model):
    """Up to where a detector's findings are in the alarms, and what it must remember to go on from there."""

    detector = models.TextField(primary_key=True)
    at = models.DateTimeField()
    memory = models.BinaryField(null=True)

    class Meta:
        db_table = "alarms_watermark"

    def __str__(self) -> str:
        return f"{self.detector} {self.at}"
