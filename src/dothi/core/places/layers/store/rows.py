"""Rows of layers, revisions and uploads, and what they say."""

import msgspec

from dothi.core.places import models
from dothi.core.places.layers.types import (
    Counts,
    Field,
    Layer,
    Remark,
    Report,
    Revision,
    RevisionKind,
    RevisionState,
    Role,
    Upload,
    UploadState,
    Visibility,
    Wish,
)
from dothi.kernel.manifest import Names


def layer_of(row: models.Layer) -> Layer:
    """Read a layer."""
    return Layer(
        id=row.pk,
        slug=row.slug,
        names=Names(vi=row.name_vi, en=row.name_en),
        role=Role(row.role),
        owner=row.owner,
        licence=row.licence,
        visibility=Visibility(row.visibility),
        description=row.description,
        fields=msgspec.convert(row.fields, tuple[Field, ...]),
        key_field=row.key_field,
        label_field=row.label_field,
        style=row.style,
        published=row.published,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def revision_of(row: models.Revision) -> Revision:
    """Read a revision."""
    return Revision(
        id=row.pk,
        layer_id=row.layer_id,
        number=row.number,
        kind=RevisionKind(row.kind),
        state=RevisionState(row.state),
        base=row.base,
        restored=row.restored,
        source=row.source,
        format=row.format,
        digest=row.digest,
        crs=row.crs,
        accuracy_m=row.accuracy_m,
        licence=row.licence,
        note=row.note,
        fields=msgspec.convert(row.fields, tuple[Field, ...]),
        counts=msgspec.convert(row.counts, Counts),
        remarks=msgspec.convert(row.remarks, tuple[Remark, ...]),
        made_at=row.made_at,
        made_by=row.made_by,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
        published_at=row.published_at,
        published_by=row.published_by,
    )


def upload_of(row: models.Upload) -> Upload:
    """Read an upload; the query brings the revision."""
    return Upload(
        id=row.pk,
        layer_id=row.layer_id,
        name=row.name,
        path=row.path,
        size=row.size,
        wish=msgspec.convert(row.asked, Wish),
        state=UploadState(row.state),
        problem=row.problem,
        report=None if row.report is None else msgspec.convert(row.report, Report),
        done=row.done,
        total=row.total,
        revision=None if row.revision is None else row.revision.number,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
    )
