"""Makes new entities with all they bring along: one request's or several requests', in the same few statements."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, LiteralString

from psycopg import AsyncConnection, DataError
from psycopg.errors import (
    ForeignKeyViolation,
    InternalError_,
    ProgramLimitExceeded,
    StatementTooComplex,
    UniqueViolation,
)
from psycopg.rows import TupleRow

from dothi.core.observations.entities import store
from dothi.core.observations.entities.features import forget_features
from dothi.core.observations.entities.gathered import (
    Gathered,
    Link,
    Resolved,
    Row,
    Shape,
    entities_of,
    resolve,
    settle,
)
from dothi.core.observations.entities.insert import Insertion
from dothi.core.observations.entities.sight import find_seen_links
from dothi.core.observations.entities.types import Creatable, Created, Sight, Wanted
from dothi.core.observations.query.types import Reach
from dothi.kernel.errors import Forbidden, InvalidInput

_UNREADABLE: Final = (InternalError_, DataError)
"""PostGIS reports a bad geometry as an error of its own."""


async def create(connection: AsyncConnection[TupleRow], new: Creatable, *, limits: Reach | None = None) -> Created:
    """Make an entity and all it brings along, or nothing of it; a part with an id is linked.

    Within limits a new Thing is the department's, and to change a Thing beyond them is refused. Raises InvalidInput
    that names the part that is missing, wrong, or linked and not there; Forbidden.
    """
    (made,) = await create_all(connection, [Wanted(new, limits)])
    return made


async def create_all(connection: AsyncConnection[TupleRow], wanted: Sequence[Wanted]) -> list[Created]:
    """Make entities as `create` does, all or none, in as few statements as one needs. Raises what `create` raises."""
    insertions = [_read(each) for each in wanted]
    for number, insertion in enumerate(insertions):
        if insertion.fault is not None:
            await _raise_first(connection, insertions[: number + 1], wanted)
            raise insertion.fault
    try:
        with in_words():
            async with connection.transaction():
                return await _make(connection, insertions, wanted)
    except UnreadableError as error:
        await _raise_first(connection, insertions, wanted)
        raise InvalidInput(str(error)) from error


@contextmanager
def in_words() -> Iterator[None]:
    """Say as InvalidInput what the database refuses of what was sent."""
    try:
        yield
    except ForeignKeyViolation as error:
        raise InvalidInput(f"a linked entity does not exist: {error.diag.message_detail}", place="@iot.id") from error
    except UniqueViolation as error:
        raise InvalidInput(f"linked twice: {error.diag.message_detail}", place="@iot.id") from error
    except (DataError, ProgramLimitExceeded, StatementTooComplex) as error:
        raise InvalidInput(f"a value can't be stored: {error.diag.message_primary or error}") from error


class UnreadableError(InvalidInput):
    """Some geometry among all that were looked up can't be read."""


def _read(wanted: Wanted) -> Insertion:
    department = "" if wanted.limits is None else wanted.limits.department
    return Insertion(wanted.new, department=department, maker="" if wanted.sight is None else wanted.sight.maker)


async def _make(
    connection: AsyncConnection[TupleRow], insertions: Sequence[Insertion], wanted: Sequence[Wanted]
) -> list[Created]:
    given = [each.gathered for each in insertions]
    found = await see_all(connection, given, [each.sight for each in wanted])
    real = [resolve(each, found.take_ids(each), found.shapes) for each in given]
    await put_rows(connection, real)
    for each, limits in zip(real, [each.limits for each in wanted], strict=True):
        if limits is not None and await store.is_beyond(connection, each.things, limits):
            raise Forbidden("this is beyond the Things you may change")
    return [
        Created(
            each.ids[insertion.made], tuple(sorted(each.things)), tuple(each.observations), entities=entities_of(each)
        )
        for each, insertion in zip(real, insertions, strict=True)
    ]


async def see_all(
    connection: AsyncConnection[TupleRow], given: Sequence[Gathered], sights: Sequence[Sight | None]
) -> store.Found:
    """Look up all that is linked and placed, and take ids; each is of one `sights`, None for those who see all.

    Raises InvalidInput for what is not there, out of sight, or no good.
    """
    try:
        found = await store.look(connection, given)
    except _UNREADABLE as error:
        raise UnreadableError(f"not a GeoJSON geometry: {error.diag.message_primary}") from error
    for each, sight in zip(given, sights, strict=True):
        seen = found if sight is None else await _seen(connection, found, each, sight)
        for check in each.checks:
            _see(check, seen)
    return found


async def _seen(
    connection: AsyncConnection[TupleRow], found: store.Found, gathered: Gathered, sight: Sight
) -> store.Found:
    """Give what was looked up without what is out of sight."""
    links = {(check.table, check.id) for check in gathered.checks if isinstance(check, Link)}
    return found._replace(links=await find_seen_links(connection, links & found.links, sight))


async def put_rows(connection: AsyncConnection[TupleRow], real: Sequence[Resolved]) -> None:
    """Make all rows, and put Things where they are in the end."""
    rows: dict[LiteralString, list[Row]] = {}
    for table, more in (pair for each in real for pair in each.rows.items()):
        rows.setdefault(table, []).extend(more)
    moves = [move for each in real for move in each.moves]
    fresh = {thing_id for each in real for thing_id in each.fresh}
    asked = {move.thing_id for move in moves if move.is_past} - fresh
    placed = settle(moves, await store.newest_moves(connection, asked) if asked else {})
    rows["observations_thing_location"] = [
        {"thing_id": thing_id, "location_id": location_id} for thing_id, ids in placed.items() for location_id in ids
    ]
    moved = sorted(placed.keys() - fresh)
    if moved:
        await store.clear_places(connection, moved)
    await store.put(connection, {table: given for table, given in rows.items() if given})
    if moved:
        await forget_features(connection, moved)


def _see(check: Link | Shape, found: store.Found) -> None:
    """Raise InvalidInput for what is not there or no good."""
    fault = found.fault(check)
    if fault:
        raise InvalidInput(fault, place=check.place)


async def _raise_first(
    connection: AsyncConnection[TupleRow], insertions: Sequence[Insertion], wanted: Sequence[Wanted]
) -> None:
    """Raise InvalidInput for the first of what is linked or placed that is wrong, asking for one after the other."""
    for insertion, whose in zip(insertions, wanted, strict=False):
        for check in insertion.gathered.checks:
            one = Gathered()
            one.checks.append(check)
            try:
                async with connection.transaction():
                    await see_all(connection, [one], [whose.sight])
            except UnreadableError as error:
                raise InvalidInput(str(error), place=check.place) from error
