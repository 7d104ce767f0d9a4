"""Gives revisions as files, in WGS 84 or in the reference systems that the law asks for."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dothi.core.accounts.types import Actor
from dothi.core.places.layers.service.permissions import seen
from dothi.core.places.layers.service.revising import revision_for
from dothi.core.places.layers.store import uploads
from dothi.core.places.layers.writing import orders
from dothi.core.places.layers.writing.orders import FORMATS, Order
from dothi.kernel.errors import InvalidInput

SYSTEMS: Final = {"4326": "EPSG:4326", "9210": "EPSG:9210", "5899": "EPSG:5899"}
"""WGS 84, and VN-2000 in its zones of three degrees around 105°45' and 107°45' east."""


@contextmanager
def written(actor: Actor, slug: str, number: int, *, form: str, system: str = "4326") -> Iterator[Path]:
    """Write a revision as a file, one of `FORMATS`, in one of `SYSTEMS`; it is gone when the context ends.

    Raises Forbidden, NotFound, InvalidInput for another form or system, Unavailable where writing fails.
    """
    layer = seen(actor, slug)
    revision = revision_for(actor, layer, number)
    if form not in FORMATS:
        raise InvalidInput(f"{form} is none of {', '.join(FORMATS)}", place="format")
    if system not in SYSTEMS:
        raise InvalidInput(f"{system} is none of {', '.join(SYSTEMS)}", place="crs")
    with TemporaryDirectory(prefix="dothi-layer-") as folder:
        order = Order(
            database_url=uploads.address(),
            layer_id=layer.id,
            number=revision.number,
            name=layer.slug,
            fields=revision.fields,
            format=form,
            crs=SYSTEMS[system],
            path=str(Path(folder) / f"{secrets.token_hex(4)}.{form}"),
        )
        yield orders.write(order)
