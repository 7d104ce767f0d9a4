"""How many messages came, and since when a Datastream is heard."""

import pytest
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.series import rules, service
from dothi.core.observations.series.tests.days import VISITOR, Lamps, day, keep, leave
from dothi.core.observations.service import Record
from dothi.core.observations.types import NewObservation
from dothi.kernel.errors import Forbidden


async def test_messages_are_counted_since_a_datastream_was_first_heard(
    record: Record, lamps: Lamps, database_url: str
) -> None:
    """The first spoke before, the second begins within the days with a past filled in, the third never spoke."""
    first, second, third = await sync_to_async(lamps)(3)
    count = sync_to_async(service.count_messages)
    await keep(record, first, [(-3, 1.0), *((0.1 * number, 1.0) for number in range(15)), (2.5, 1.0)])
    await record.write(SYSTEM, [NewObservation(first, day(0.1), 2.0)])
    await keep(record, second, [(0.2, 1.0), (0.4, 1.0)], parameters='{"backfill": true}')
    await keep(record, second, [(0.75, 1.0), (1.0, 1.0), (1.75, 1.0)])
    asked = [third, second, first]
    found = await count(SYSTEM, asked, day(0), day(2), but_marked="backfill")
    assert found.number.tolist() == [0, 3, 15]
    assert found.since.tolist() == [0, *rules.micros([day(0.75), day(0)]).tolist()]
    unseen = await count(VISITOR, [], day(0), day(2), but_marked="backfill")
    assert (unseen.number.tolist(), unseen.since.tolist()) == ([], [])
    await leave(database_url, days=19)
    left = await count(SYSTEM, [first], day(0), day(2), but_marked="backfill")
    # What contradicts an earlier one is told apart no more.
    assert left.number.tolist() == [16]
    assert left.since.tolist() == rules.micros([day(0)]).tolist()


async def test_messages_of_what_may_not_be_seen_are_not_counted(record: Record, lamps: Lamps) -> None:
    [hidden] = await sync_to_async(lamps)(1, is_public=False)
    await keep(record, hidden, [(0.5, 1.0)])
    count = sync_to_async(service.count_messages)
    assert (await count(VISITOR, [hidden], day(0), day(1), but_marked="x")).number.tolist() == [0]
    assert (await count(SYSTEM, [hidden], day(0), day(1), but_marked="x")).number.tolist() == [1]
    stranger = Actor(kind="key", reference="key:1", permissions=frozenset())
    with pytest.raises(Forbidden):
        await count(stranger, [hidden], day(0), day(1), but_marked="x")
