"""Puts a changed Observation in place of the stored one, under the same id."""

from dataclasses import dataclass

import msgspec
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from dothi.core.observations import rules
from dothi.core.observations.copying import copy_rows
from dothi.core.observations.entities.features import resolve_features
from dothi.core.observations.entities.sight import find_seen
from dothi.core.observations.entities.types import Sight
from dothi.core.observations.partitions import Partitions
from dothi.core.observations.query.types import Entity
from dothi.core.observations.store import lock_latest
from dothi.core.observations.strike import Place, reckon
from dothi.core.observations.types import NewObservation
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput


@dataclass(frozen=True)
class Kept:
    """Of a stored Observation where it is, what was measured, the flag that it has for that, and what it is about."""

    place: Place
    result: float | None
    quality: int
    feature_id: int | None


async def find_observation(connection: AsyncConnection[TupleRow], observation_id: int) -> Kept | None:
    """Lock an Observation until the transaction ends, None where there is none of that id."""
    cursor = await connection.execute(
        "SELECT id, datastream_id, phenomenon_time, result, quality, feature_id FROM observations_observation"
        " WHERE id = %s FOR UPDATE",
        [observation_id],
    )
    row = await cursor.fetchone()
    return None if row is None else Kept((row[0], row[1], row[2]), *row[3:])


async def see_links(connection: AsyncConnection[TupleRow], kept: Kept, row: NewObservation, sight: Sight) -> None:
    """See that a changed Observation is linked to nothing new that is out of sight.

    Raises InvalidInput, as for what is not there.
    """
    links = {
        Entity.DATASTREAM: (row.datastream_id, kept.place[1]),
        Entity.FEATURE_OF_INTEREST: (row.feature_id, kept.feature_id),
    }
    for entity, (number, known) in links.items():
        if number not in (None, known) and not await find_seen(connection, entity, [number], sight):
            raise InvalidInput(f"there is no {entity} {number}", place=entity)


async def amend(connection: AsyncConnection[TupleRow], kept: Kept, row: NewObservation) -> None:
    """Store an Observation in place of another, inside the caller's transaction.

    Its flag stays while its number does. Raises InvalidInput for a Datastream or feature that is not there, Conflict
    where the very same Observation is stored already.
    """
    (row,) = rules.in_utc([row], now=clock.now())
    row = msgspec.structs.replace(row, quality=kept.quality if row.result == kept.result else row.quality)
    streams = {kept.place[1], row.datastream_id}
    locked = await lock_latest(connection, streams)
    if row.datastream_id not in locked.newest:
        raise InvalidInput(f"there is no Datastream {row.datastream_id}", place="Datastream")
    features = await resolve_features(connection, locked.features)
    if row.feature_id is not None:
        row = await _about(connection, row, features[row.datastream_id])
    await Partitions().ensure(connection, [row.phenomenon_time], now=clock.now())
    await connection.execute(
        "DELETE FROM observations_observation WHERE id = %s AND datastream_id = %s AND phenomenon_time = %s",
        list(kept.place),
    )
    key = (row.datastream_id, row.phenomenon_time, rules.fingerprint(row))
    try:
        await copy_rows(connection, "observations_observation", [(kept.place[0], key, row)], features)
    except UniqueViolation as error:
        raise Conflict("the same Observation is stored already") from error
    await reckon(connection, sorted(streams))


async def _about(connection: AsyncConnection[TupleRow], row: NewObservation, default: int | None) -> NewObservation:
    """See that a row's feature is there; its Thing's own place is told as what it is when none is named."""
    if row.feature_id == default:
        return msgspec.structs.replace(row, feature_id=None)
    cursor = await connection.execute("SELECT FROM observations_featureofinterest WHERE id = %s", [row.feature_id])
    if await cursor.fetchone() is None:
        raise InvalidInput(f"there is no FeatureOfInterest {row.feature_id}", place="FeatureOfInterest")
    return row
