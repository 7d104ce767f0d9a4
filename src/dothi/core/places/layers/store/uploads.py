"""The queries of uploads, and the way a job tells how far it is while its import is not committed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg
from django.db import connection as django_connection
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.conninfo import make_conninfo

from dothi.core.places import models
from dothi.core.places.layers.store.rows import upload_of
from dothi.core.places.layers.types import Upload, UploadState, Wish
from dothi.kernel.errors import Conflict

_LOCK: Final = 0x6C61796572
QUEUE_LOCK: Final = "places.uploads"
_PROGRESS: Final = "UPDATE places_upload SET done = %s, total = %s WHERE id = %s RETURNING state"
_ADDRESS: Final = ("host", "port", "dbname", "user", "password", "options")
RUNNING: Final = (UploadState.EXAMINING.value, UploadState.TAKING.value)


class Cancelled(Conflict):
    """Somebody does not want the import any more."""


def add_upload(layer_id: int, *, name: str, path: str, size: int, wish: Wish, at: datetime, who: str) -> Upload:
    """Keep that a file was given."""
    row = models.Upload.objects.create(
        layer_id=layer_id,
        name=name,
        path=path,
        size=size,
        asked=msgspec.to_builtins(wish),
        state=UploadState.WAITING.value,
        uploaded_at=at,
        uploaded_by=who,
    )
    return upload_of(row)


def find_upload(upload_id: int) -> Upload | None:
    """Find an upload."""
    row = models.Upload.objects.select_related("revision").filter(pk=upload_id).first()
    return None if row is None else upload_of(row)


def list_uploads(layer_id: int, *, limit: int = 20) -> list[Upload]:
    """List the uploads of a layer, the newest first."""
    rows = models.Upload.objects.select_related("revision").filter(layer_id=layer_id).order_by("-id")[:limit]
    return [upload_of(row) for row in rows]


def list_in(states: tuple[str, ...], *, before: datetime | None = None) -> list[Upload]:
    """List uploads in some states, or of those the ones from before a moment."""
    rows = models.Upload.objects.select_related("revision").filter(state__in=states)
    return [upload_of(row) for row in (rows if before is None else rows.filter(uploaded_at__lt=before))]


def slug_of(layer_id: int) -> str:
    """Give the slug of a layer."""
    return models.Layer.objects.values_list("slug", flat=True).get(pk=layer_id)


def change_upload(upload_id: int, *states: UploadState, **values: Any) -> bool:
    """Set columns of an upload that is in one of some states; tells whether it was."""
    known = [each.value for each in states]
    return bool(models.Upload.objects.filter(pk=upload_id, state__in=known).update(**values))


def enqueue() -> None:
    """Have the worker look for what waits, once this transaction is committed; one such job in the queue is enough."""
    transaction.on_commit(_defer)


def _defer() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task("dothi.core.places.jobs.work_on_uploads", queueing_lock=QUEUE_LOCK, lock=QUEUE_LOCK).defer()


class Progress:
    """Tells how far a job is, on a connection of its own."""

    def __init__(self, connection: "psycopg.Connection[tuple[str]]", upload_id: int) -> None:
        self._connection = connection
        self._upload_id = upload_id

    def __call__(self, done: int, total: int) -> None:
        """Note how many are through. Raises Cancelled where the upload was cancelled."""
        row = self._connection.execute(_PROGRESS, [done, total, self._upload_id]).fetchone()
        if row is None or row[0] == UploadState.CANCELLED.value:
            raise Cancelled("the import was cancelled")


def address() -> str:
    """Give the address of the database that Django is at: for connections beside its own."""
    told = django_connection.get_connection_params()
    return make_conninfo(**{name: told[name] for name in _ADDRESS if told.get(name)})


@contextmanager
def working_on(upload_id: int) -> Iterator[Progress | None]:
    """Hold an upload for as long as a job works on it, None where another one does; a killed job holds nothing."""
    with psycopg.connect(address(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s::bigint + %s)", [_LOCK, upload_id]).fetchone()
        yield Progress(connection, upload_id) if row and row[0] else None
