"""The tables of places: units and what is known of them, what became of them, the base map, and layers."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField, RangeOperators
from django.db.models import Q

STILL_KNOWN = Q(recorded__upper_inf=True)


class Dataset(models.Model):
    """One source that was taken in: a gazetteer, a file of shapes, a base map; rows say which they came from.

    `digest` is of the file's bytes, or of what a package says. A base map's dataset is the one that is drawn until
    `replaced_at`.
    """

    kind = models.TextField()
    name = models.TextField()
    digest = models.TextField()
    licence = models.TextField(default="")
    crs = models.TextField(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    replaced_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        db_table = "places_dataset"
        indexes: ClassVar = [models.Index(fields=["kind", "digest"], name="places_dataset_digest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


class Area(models.Model):
    """A unit through all its time; what it is called and where it lies stands in its versions."""

    level = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "places_area"

    def __str__(self) -> str:
        return f"{self.pk}"


class Version(models.Model):
    """What holds of a unit for the days `valid`, as it was known for the moments `recorded`.

    One unit has one version for a day and a moment, and a code names one unit of a level; rows are never changed but
    for the end of `recorded`.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="versions")
    level = models.PositiveSmallIntegerField()
    code = models.TextField()
    name_vi = models.TextField()
    name_en = models.TextField()
    kind_vi = models.TextField()
    kind_en = models.TextField()
    folded = models.TextField()
    valid = DateRangeField()
    recorded = DateTimeRangeField()
    parent = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    legal_basis = models.TextField(default="")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    shape = models.MultiPolygonField(srid=4326, null=True)
    centre = models.PointField(srid=4326, null=True)
    is_illustrative = models.BooleanField(default=False)
    km2 = models.FloatField(null=True)
    stated_km2 = models.FloatField(null=True)

    class Meta:
        db_table = "places_version"
        constraints: ClassVar = [
            ExclusionConstraint(
                name="places_version_once",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("recorded", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="places_version_code",
                expressions=[
                    ("level", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("recorded", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["level", "code"], name="places_version_current", condition=STILL_KNOWN),
            models.Index(fields=["parent"], name="places_version_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_vi}"


class Succession(models.Model):
    """A share of a unit's area that went to another one on a day, as it was known for the moments `recorded`."""

    predecessor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    share = models.FloatField()
    basis = models.TextField()
    legal_basis = models.TextField(default="")
    recorded = DateTimeRangeField()
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "places_succession"
        constraints: ClassVar = [
            ExclusionConstraint(
                name="places_succession_once",
                expressions=[
                    ("predecessor", RangeOperators.EQUAL),
                    ("successor", RangeOperators.EQUAL),
                    ("on", RangeOperators.EQUAL),
                    ("recorded", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="places_succession_share", condition=Q(share__gt=0, share__lte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}: {self.share:.0%}"


class MapFeature(models.Model):
    """A road, river or name of the base map."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="features")
    kind = models.TextField()
    rank = models.TextField()
    name_vi = models.TextField(default="")
    name_en = models.TextField(default="")
    ref = models.TextField(default="")
    shape = models.GeometryField(srid=4326)

    class Meta:
        db_table = "places_mapfeature"

    def __str__(self) -> str:
        return f"{self.kind} {self.name_vi}"


class Question(models.Model):
    """A question across layers that is kept by name; `used` says what its last answer rested on."""

    name = models.TextField(unique=True)
    asked = models.JSONField()
    kept_by = models.TextField()
    kept_at = models.DateTimeField()
    used = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "places_question"

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """A dataset of features that a department keeps: parcels, zoning, roads; its content stands in its revisions.

    `published` is the number of the revision that is shown, 0 for none yet; `fields` is what that revision's
    attributes are.
    """

    slug = models.TextField(unique=True)
    name_vi = models.TextField()
    name_en = models.TextField()
    role = models.TextField()
    owner = models.TextField(default="")
    licence = models.TextField(default="")
    visibility = models.TextField()
    description = models.TextField(default="")
    fields = models.JSONField(default=list)
    key_field = models.TextField(default="")
    label_field = models.TextField(default="")
    style = models.JSONField(default=dict)
    published = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        db_table = "places_layer"

    def __str__(self) -> str:
        return self.slug


class Revision(models.Model):
    """One state of a layer: `number` counts from 1, and a number is never given again.

    What it holds are the features, in places_feature, with since <= number and (until is null or until > number). That
    table has a partition for each layer and no model: a large import fills it before it is indexed.
    """

    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    kind = models.TextField()
    state = models.TextField()
    base = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(null=True)
    source = models.TextField(default="")
    format = models.TextField(default="")
    digest = models.TextField(default="")
    crs = models.TextField(default="")
    accuracy_m = models.FloatField(null=True)
    licence = models.TextField(default="")
    note = models.TextField(default="")
    fields = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    remarks = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.TextField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.TextField(default="")
    published_at = models.DateTimeField(null=True)
    published_by = models.TextField(default="")
    bounds = ArrayField(models.FloatField(), size=4, null=True)
    """West, south, east, north of its features, degrees of WGS 84; once it was published."""

    class Meta:
        db_table = "places_revision"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["layer", "number"], name="places_revision_once"),
            models.UniqueConstraint(
                fields=["layer"], condition=Q(state__in=["draft", "reviewed"]), name="places_revision_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer_id} #{self.number}"


class Upload(models.Model):
    """A file that somebody gave in the browser, what was found in it, and what became of it.

    `path` is below the folder of media, empty when the file is gone; `done` of `total` features are through.
    """

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="uploads")
    name = models.TextField()
    path = models.TextField(default="")
    size = models.BigIntegerField()
    asked = models.JSONField(default=dict)
    state = models.TextField()
    problem = models.TextField(default="")
    report = models.JSONField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    revision = models.ForeignKey(Revision, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.TextField()

    class Meta:
        db_table = "places_upload"

    def __str__(self) -> str:
        return self.name
