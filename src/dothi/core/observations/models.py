"""The tables of the record: the SensorThings 1.1 information model (OGC 18-088) and Tasking Core (17-079r1)."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex


class Described(models.Model):
    """What nearly every entity of the standard has."""

    name = models.TextField()
    description = models.TextField(default="")
    properties = models.JSONField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Shared(Described):
    """An entity that is no Thing's own: Things share it, and at first it is of none.

    `made_by` is who made it within limits, as the audit log names them, "" for whoever has none.
    """

    made_by = models.TextField(db_default="")

    class Meta:
        abstract = True


class Location(Shared):
    """Where Things are; `location` is kept as it was given, `geom` is the same in WGS 84 where it is GeoJSON."""

    encoding_type = models.TextField()
    location = models.JSONField()
    geom = models.GeometryField(srid=4326, null=True)

    class Meta:
        db_table = "observations_location"


class Thing(Described):
    """Anything that is measured or commanded; public only where `is_public` says so.

    `is_public` is the `public` of its properties, kept beside them for the questions that visitors ask.
    """

    locations = models.ManyToManyField(Location, related_name="things", db_table="observations_thing_location")
    department = models.TextField(default="")
    is_public = models.BooleanField(default=False)

    class Meta:
        db_table = "observations_thing"
        indexes: ClassVar = [
            GinIndex(fields=["properties"], name="observations_thing_props", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["name"], name="observations_thing_name"),
        ]


class HistoricalLocation(models.Model):
    """Where a Thing was from a time on."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="historical_locations")
    time = models.DateTimeField()
    locations = models.ManyToManyField(
        Location, related_name="historical_locations", db_table="observations_historicallocation_location"
    )

    class Meta:
        db_table = "observations_historicallocation"
        indexes: ClassVar = [models.Index(fields=["thing", "time"], name="observations_histloc_time")]

    def __str__(self) -> str:
        return f"{self.thing_id} {self.time}"


class Sensor(Shared):
    """The procedure that makes Observations."""

    encoding_type = models.TextField()
    metadata = models.JSONField()

    class Meta:
        db_table = "observations_sensor"


class ObservedProperty(Shared):
    """The phenomenon that is observed; `definition` is a URI where the source gives one."""

    definition = models.TextField()

    class Meta:
        db_table = "observations_observedproperty"


class Datastream(Described):
    """A series of Observations of a Thing; a MultiDatastream of the standard is one with `is_multi`.

    `unit` is the unitOfMeasurement as given, an array of them when `is_multi`; `ucum` is the code where it could be
    read, null where not.
    """

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, on_delete=models.CASCADE, related_name="datastreams", null=True
    )
    observation_type = models.TextField()
    unit = models.JSONField()
    ucum = models.TextField(null=True)
    is_multi = models.BooleanField(default=False)
    multi_observation_types = models.JSONField(null=True)
    observed_area = models.GeometryField(srid=4326, null=True)

    class Meta:
        db_table = "observations_datastream"
        indexes: ClassVar = [models.Index(fields=["thing", "name"], name="observations_ds_thing_name")]


class DatastreamProperty(models.Model):
    """The ordered ObservedProperties of a MultiDatastream."""

    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="properties_in_order")
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.CASCADE, related_name="multi_datastreams")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "observations_datastream_property"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["datastream", "rank"], name="observations_ds_property_rank")
        ]

    def __str__(self) -> str:
        return f"{self.datastream_id}/{self.rank}"


class FeatureOfInterest(Shared):
    """What an Observation is about; made from the Thing's Location where none is given."""

    encoding_type = models.TextField()
    feature = models.JSONField()
    geom = models.GeometryField(srid=4326, null=True)
    location = models.OneToOneField(Location, null=True, on_delete=models.SET_NULL, related_name="as_feature")

    class Meta:
        db_table = "observations_featureofinterest"


class LatestObservation(models.Model):
    """The newest Observation of each Datastream, and the span of all; the row is made with its Datastream.

    The writer locks this row for each batch, so it also says that the Datastream still is there. `default_feature_id`
    is what an Observation is about that names no feature: its Thing's place, 0 for a Thing without one, null where that
    is not known (yet, or since the Thing moved).
    """

    datastream = models.OneToOneField(Datastream, primary_key=True, on_delete=models.CASCADE, related_name="latest")
    observation_id = models.BigIntegerField(null=True)
    phenomenon_time = models.DateTimeField(null=True)
    phenomenon_end = models.DateTimeField(null=True)
    result_time = models.DateTimeField(null=True)
    result = models.FloatField(null=True)
    result_json = models.JSONField(null=True)
    quality = models.SmallIntegerField(null=True)
    feature_id = models.BigIntegerField(null=True)
    first_time = models.DateTimeField(null=True)
    last_end = models.DateTimeField(null=True)
    result_time_first = models.DateTimeField(null=True)
    result_time_last = models.DateTimeField(null=True)
    stored = models.BigIntegerField(default=0)
    default_feature_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "observations_latest"

    def __str__(self) -> str:
        return f"{self.datastream_id} {self.phenomenon_time}"


class DeadLetter(models.Model):
    """A message that could not become an Observation, with the reason."""

    received_at = models.DateTimeField()
    source = models.TextField()
    reason = models.TextField()
    payload = models.BinaryField()

    class Meta:
        db_table = "observations_deadletter"
        indexes: ClassVar = [models.Index(fields=["received_at"], name="observations_deadletter_at")]

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class Actuator(Shared):
    """What a command acts on."""

    encoding_type = models.TextField()
    metadata = models.JSONField()

    class Meta:
        db_table = "observations_actuator"


class TaskingCapability(Described):
    """What a Thing can be told to do; `parameters` is the standard's taskingParameters."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="tasking_capabilities")
    actuator = models.ForeignKey(Actuator, on_delete=models.CASCADE, related_name="tasking_capabilities")
    parameters = models.JSONField()

    class Meta:
        db_table = "observations_taskingcapability"


class Task(models.Model):
    """A command to a device.

    All times are the city's. `next_attempt_at` is when it is looked at again: to be sent once more, or at its deadline
    to be given up; null once it is over. `group_id` is shared by commands that were given together; `created_by` is who
    gave it, as the audit log has it.
    """

    tasking_capability = models.ForeignKey(TaskingCapability, on_delete=models.CASCADE, related_name="tasks")
    parameters = models.JSONField()
    creation_time = models.DateTimeField()
    deadline = models.DateTimeField()
    status = models.TextField(default="pending")
    group_id = models.BigIntegerField()
    created_by = models.TextField()
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        db_table = "observations_task"
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="observations_task_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
            models.Index(fields=["group_id"], name="observations_task_group"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="observations_task_open",
                condition=models.Q(status__in=["pending", "sent"], next_attempt_at__isnull=False)
                | models.Q(status__in=["done", "refused", "unanswered", "cancelled"], next_attempt_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.id}"
