"""Files that are given in the browser: kept, examined by a job, looked at, and taken by a job, or not."""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from dothi.core.accounts.types import Actor
from dothi.core.places.layers.service.permissions import EDIT, layer_for
from dothi.core.places.layers.service.taking import Told, examine, take
from dothi.core.places.layers.store import uploads as store
from dothi.core.places.layers.store.uploads import Cancelled
from dothi.core.places.layers.types import Unfit, Upload, UploadState, Wish
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, DothiError, InvalidInput, NotFound, TooLarge

FOLDER: Final = "uploads"
MOST_BYTES: Final = 1_000_000_000
ENDINGS: Final = (
    ".gpkg", ".zip", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet", ".kml", ".csv", ".pbf", ".osm", ".gz",
)  # fmt: skip
KEPT_DAYS: Final = 7
"""How long a file waits for somebody to say whether it is to be taken."""
_LONGEST_NAME: Final = 120


def receive(actor: Actor, slug: str, name: str, chunks: Iterable[bytes], wish: Wish) -> Upload:
    """Keep a file for a layer; a job examines it. Gives the upload.

    Raises Forbidden, NotFound, InvalidInput for a name of no known ending, TooLarge.
    """
    layer = layer_for(actor, slug, EDIT)
    name = Path(name.replace("\\", "/")).name[-_LONGEST_NAME:]
    if not name.lower().endswith(ENDINGS):
        raise InvalidInput(f"{name} ends in none of {', '.join(ENDINGS)}", place="file")
    path = f"{FOLDER}/{secrets.token_hex(16)}{Path(name).suffix.lower()}"
    target = settings.MEDIA_FOLDER / path
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    try:
        with target.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge(f"{name} is larger than {MOST_BYTES // 1_000_000} MB", place="file")
                file.write(chunk)
        told: dict[str, Any] = {"name": name, "path": path, "size": size, "wish": wish}
        upload = store.add_upload(layer.id, **told, at=clock.now(), who=actor.reference)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    store.enqueue()
    return upload


def get_upload(actor: Actor, slug: str, upload_id: int) -> Upload:
    """Give an upload of a layer. Raises Forbidden, NotFound."""
    layer = layer_for(actor, slug, EDIT)
    found = store.find_upload(upload_id)
    if found is None or found.layer_id != layer.id:
        raise NotFound(f"layer {slug} has no upload {upload_id}")
    return found


def list_uploads(actor: Actor, slug: str) -> list[Upload]:
    """List what was given for a layer, the newest first. Raises Forbidden, NotFound."""
    return store.list_uploads(layer_for(actor, slug, EDIT).id)


def examine_again(actor: Actor, slug: str, upload_id: int, wish: Wish) -> Upload:
    """Have a file examined anew, read in another way. Raises Forbidden, NotFound, Conflict where a job is at it."""
    upload = get_upload(actor, slug, upload_id)
    values = {"state": UploadState.WAITING.value, "asked": msgspec.to_builtins(wish), "problem": "", "report": None}
    states = (UploadState.EXAMINED, UploadState.FAILED)
    if not upload.path or not store.change_upload(upload.id, *states, **values):
        raise Conflict("this file can't be examined now")
    store.enqueue()
    return get_upload(actor, slug, upload_id)


def accept(actor: Actor, slug: str, upload_id: int, *, leave_out: bool = False) -> Upload:
    """Have a file taken that was examined; a job makes a draft of it.

    Raises Forbidden, NotFound, Conflict for one that was not examined, and where features can't be taken and are not
    to be left out.
    """
    upload = get_upload(actor, slug, upload_id)
    if upload.report is not None and upload.report.unfit and not leave_out:
        raise Conflict("some features can't be taken: mend the file, or say that they are to be left out")
    unfit = Unfit.LEAVE_OUT if leave_out else Unfit.REFUSE
    asked = msgspec.to_builtins(msgspec.structs.replace(upload.wish, unfit=unfit))
    if not store.change_upload(upload.id, UploadState.EXAMINED, state=UploadState.ACCEPTED.value, asked=asked, done=0):
        raise Conflict("this file is not waiting to be taken")
    store.enqueue()
    return get_upload(actor, slug, upload_id)


def cancel(actor: Actor, slug: str, upload_id: int) -> Upload:
    """Have an upload ended, whatever is done with it; the layer stays as it was.

    Raises Forbidden, NotFound, Conflict.
    """
    upload = get_upload(actor, slug, upload_id)
    open_ones = [state for state in UploadState if state not in {UploadState.TAKEN, UploadState.CANCELLED}]
    if not store.change_upload(upload.id, *open_ones, state=UploadState.CANCELLED.value):
        raise Conflict("it has ended already")
    if upload.state not in {UploadState.EXAMINING, UploadState.TAKING}:
        _remove(upload)
    return get_upload(actor, slug, upload_id)


def run_examination(upload_id: int) -> None:
    """Examine a file that waits; for the worker. What is wrong with it stands in the upload."""
    _run(upload_id, UploadState.WAITING, UploadState.EXAMINING, _examine)


def run_import(upload_id: int) -> None:
    """Take a file that was accepted; for the worker. What is wrong with it stands in the upload."""
    _run(upload_id, UploadState.ACCEPTED, UploadState.TAKING, _take)


def _run(upload_id: int, waiting: UploadState, working: UploadState, work: Callable[[Upload, Told], None]) -> None:
    with store.working_on(upload_id) as progress:
        if progress is None or not store.change_upload(upload_id, waiting, state=working.value):
            return
        upload = store.find_upload(upload_id)
        if upload is None:
            return
        try:
            work(upload, progress)
        except Cancelled:
            _remove(upload)
        except DothiError as error:
            store.change_upload(
                upload_id,
                working,
                state=UploadState.FAILED.value,
                problem=f"{getattr(error, 'place', '')}\t{error}"[:1000],
            )


def _on_behalf(upload: Upload) -> Actor:
    """Act for whoever gave the file: what they may do was asked when they gave it, and when they accepted it."""
    return Actor(kind="system", reference=upload.uploaded_by)


def _examine(upload: Upload, tell: Told) -> None:
    path = settings.MEDIA_FOLDER / upload.path
    slug = store.slug_of(upload.layer_id)
    report = examine(_on_behalf(upload), slug, path, upload.wish, name=upload.name, tell=tell)
    values = {"state": UploadState.EXAMINED.value, "report": msgspec.to_builtins(report)}
    store.change_upload(upload.id, UploadState.EXAMINING, **values)


def _take(upload: Upload, tell: Told) -> None:
    path = settings.MEDIA_FOLDER / upload.path
    slug = store.slug_of(upload.layer_id)
    revision = take(_on_behalf(upload), slug, path, upload.wish, name=upload.name, tell=tell)
    store.change_upload(upload.id, UploadState.TAKING, state=UploadState.TAKEN.value, revision_id=revision.id)
    _remove(upload)


def _remove(upload: Upload) -> None:
    if upload.path:
        (settings.MEDIA_FOLDER / upload.path).unlink(missing_ok=True)
        store.change_upload(upload.id, *UploadState, path="")


def tidy() -> int:
    """Put back what a killed job left, and remove files that nobody asked for; gives how many uploads that were."""
    count = 0
    for upload in store.list_in(store.RUNNING):
        with store.working_on(upload.id) as progress:
            if progress is not None:
                before = UploadState.WAITING if upload.state is UploadState.EXAMINING else UploadState.ACCEPTED
                count += store.change_upload(upload.id, upload.state, state=before.value)
    limit = clock.WALL.now() - timedelta(days=KEPT_DAYS)
    for upload in store.list_in((UploadState.EXAMINED.value, UploadState.FAILED.value), before=limit):
        _remove(upload)
        count += store.change_upload(upload.id, upload.state, state=UploadState.CANCELLED.value)
    return count


def list_waiting() -> list[Upload]:
    """List what a job has to do, in order."""
    return store.list_in((UploadState.WAITING.value, UploadState.ACCEPTED.value))
