"""The tables of lighting: schedules, for whom and when they hold, and what energy is compared with."""

from typing import ClassVar

from django.db import models

from dothi.domains.lighting.types.schedule import Recurrence, Scope

SCOPES = [(scope.value, scope.value) for scope in Scope]


class Schedule(models.Model):
    """A named light programme; `programme` is the JSON that controllers take."""

    name_vi = models.TextField()
    name_en = models.TextField()
    programme = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "lighting_schedule"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="lighting_schedule_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name_vi


class Assignment(models.Model):
    """Which schedule a programme, a street or a cabinet has."""

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="assignments")
    scope = models.CharField(max_length=10, choices=SCOPES)
    key = models.TextField()

    class Meta:
        db_table = "lighting_assignment"
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "key"], name="lighting_assignment_one_each")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class CalendarException(models.Model):
    """Nights on which another schedule holds, or, without one, full light all night."""

    scope = models.CharField(max_length=10, choices=SCOPES)
    key = models.TextField(default="")
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="exceptions", null=True)
    recurrence = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Recurrence])
    reason = models.TextField()
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    holiday = models.TextField(default="")
    offset = models.SmallIntegerField(default=0)
    nights = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "lighting_exception"

    def __str__(self) -> str:
        return self.reason


class AcknowledgedProgramme(models.Model):
    """A programme that a cabinet's controller said it runs from then on; older ones stay, as past nights ran them."""

    cabinet = models.ForeignKey("observations.Thing", on_delete=models.CASCADE, related_name="+", db_index=False)
    programme = models.JSONField()
    acknowledged_at = models.DateTimeField()

    class Meta:
        db_table = "lighting_acknowledged"
        indexes: ClassVar = [models.Index(fields=["cabinet", "-acknowledged_at"], name="lighting_acknowledged_newest")]

    def __str__(self) -> str:
        return f"{self.cabinet_id} {self.acknowledged_at}"


class Tariff(models.Model):
    """What a kilowatt-hour costs between two dates, and by what act."""

    price_per_kwh = models.DecimalField(max_digits=14, decimal_places=4)
    currency = models.CharField(max_length=3)
    basis = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "lighting_tariff"

    def __str__(self) -> str:
        return f"{self.price_per_kwh} {self.currency} {self.valid_from}"


class Baseline(models.Model):
    """What a lamp drew before the saving measure, for whom, between two dates, and how that is known."""

    scope = models.CharField(max_length=10, choices=SCOPES)
    key = models.TextField(default="")
    power_w = models.FloatField()
    basis = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        db_table = "lighting_baseline"

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.power_w} W"


class Report(models.Model):
    """A month's energy report as the worker made it, with what each lamp adds to it, and its documents."""

    month = models.DateField(primary_key=True)
    made_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True)
    lamps = models.JSONField(default=list)
    pdf_vi = models.BinaryField(null=True)
    pdf_en = models.BinaryField(null=True)

    class Meta:
        db_table = "lighting_report"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Command(models.Model):
    """An order to lamp, street or cabinet; the Tasks of the record that carry it share its number as their group."""

    group = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.TextField()
    aim = models.CharField(max_length=10)
    key = models.TextField()
    label = models.TextField()
    thing_id = models.BigIntegerField()
    level = models.SmallIntegerField(null=True)
    until = models.DateTimeField(null=True)
    deadline = models.DateTimeField()
    unanswered = models.JSONField(null=True)
    is_alarm = models.BooleanField(default=False)

    class Meta:
        db_table = "lighting_command"
        indexes: ClassVar = [
            models.Index(
                fields=["deadline"],
                name="lighting_command_open",
                condition=models.Q(unanswered__isnull=True) | models.Q(is_alarm=True),
            ),
            models.Index(fields=["-at"], name="lighting_command_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.aim} {self.key}"
