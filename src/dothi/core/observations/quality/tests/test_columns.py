"""Results in columns get the flags that the writer would give them."""

import random

import numpy as np
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import Datastream
from dothi.core.observations.quality import Judge, columns
from dothi.core.observations.quality.tests.test_judge import FLAT, GROSS, RATE, START, at, flags_of
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation


async def test_columns_and_rows_are_judged_alike(record: Record, register_thing: RegisterThing) -> None:
    def register() -> list[int]:
        readings = {name: (7.0, "°C") for name in ("a", "b", "none")}
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
    async with record.pool.connection() as connection:
        flags = await columns.flags_of(
            Judge(),
            connection,
            streams=np.array([row.datastream_id for row in rows]),
            times=np.array([round(row.phenomenon_time.timestamp() * 1e6) for row in rows]),
            values=np.array([np.nan if row.phenomenon_time == at(9) else row.result for row in rows], dtype=np.float64),
        )
    assert flags is not None
    gaps = [row for row in rows if row.phenomenon_time == at(9)]
    await record.write(SYSTEM, [row for row in rows if row not in gaps])
    for stream in streams:
        wanted = [
            flag
            for row, flag in sorted(zip(rows, flags.tolist(), strict=True), key=lambda pair: pair[0].phenomenon_time)
            if row.datastream_id == stream and row not in gaps
        ]
        assert await flags_of(record, stream) == wanted
    assert {int(flags[place]) for place, row in enumerate(rows) if row in gaps} == {2}


async def test_nothing_is_said_where_nothing_is_configured(record: Record, register_thing: RegisterThing) -> None:
    await sync_to_async(register_thing)("lamp", kind="Streetlight", readings={"power": (0, "W")})
    some = np.array([1, 2, 3])
    async with record.pool.connection() as connection:
        none = await columns.flags_of(Judge(), connection, streams=some, times=some, values=some.astype(np.float64))
    assert none is None
