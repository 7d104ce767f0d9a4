"""What is imported gets the flags that the writer would give it."""

import random
from operator import attrgetter

import numpy as np
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.importing.judging import flag
from dothi.core.observations.importing.types import Rows
from dothi.core.observations.models import Datastream
from dothi.core.observations.quality import Judge
from dothi.core.observations.quality.tests.test_judge import FLAT, GROSS, RATE, START, at, flags_of
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation


async def test_what_is_imported_and_what_is_sent_are_judged_alike(
    record: Record, register_thing: RegisterThing
) -> None:
    def register() -> list[int]:
        readings = dict.fromkeys(("a", "b", "none"), (7.0, "°C"))
        thing = register_thing("station", kind="Station", readings=readings, at=START)
        found = list(Datastream.objects.filter(thing_id=thing).order_by("id").values_list("id", flat=True))
        Datastream.objects.filter(pk__in=found[:2]).update(properties={"qartod": GROSS | RATE | FLAT})
        return found

    streams = await sync_to_async(register)()
    draw = random.Random(7)
    rows = [
        NewObservation(stream, at(minute), draw.choice([7.0, 7.0, 7.0, 60.0, 500.0]))
        for minute in (-3, -2, *range(1, 30))
        for stream in streams
    ]
    draw.shuffle(rows)
    rows.sort(key=attrgetter("phenomenon_time"))
    async with record.pool.connection() as connection:
        judge = Judge()
        judging = await judge.prepare(connection, set(streams))
        given = Rows(
            series=np.array([row.datastream_id for row in rows]),
            time=np.array([round(row.phenomenon_time.timestamp() * 1e6) for row in rows]),
            result=np.array([np.nan if row.phenomenon_time == at(9) else row.result for row in rows], dtype=np.float64),
        )
        flags = (await flag(connection, judge, given, judging)).quality
    assert flags is not None
    gaps = [row for row in rows if row.phenomenon_time == at(9)]
    await record.write(SYSTEM, [row for row in rows if row not in gaps])
    for stream in streams:
        wanted = [
            each
            for row, each in zip(rows, flags.tolist(), strict=True)
            if row.datastream_id == stream and row not in gaps
        ]
        assert await flags_of(record, stream) == wanted
    assert {int(flags[place]) for place, row in enumerate(rows) if row in gaps} == {2}
